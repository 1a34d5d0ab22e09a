internal import AirlockCSecp256k1
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockGcrypt
public import AirlockSecp256k1

/// A secret key of secp256k1 that lives in secure memory and is wiped when its owner ends.
///
/// It cannot be copied, printed or compared. Its bytes are lent only to what keeps keys: see ``withBytes(_:)``.
public struct SecretKey: ~Copyable, Sendable {
    let bytes: SecureBytes
    public let publicKey: PublicKey

    /// Takes over 32 bytes: not zero, and below the order of the curve.
    public init(_ bytes: consuming SecureBytes) throws(SecretKeyError) {
        guard bytes.count == 32 else { throw SecretKeyError(.wrongLength) }
        let context = try SigningContext.shared()
        self.publicKey = try bytes.withBytes { bytes throws(SecretKeyError) in
            var point = secp256k1_pubkey()
            let isValid = unsafe bytes.withPointer { secret in
                unsafe secp256k1_ec_pubkey_create(context.pointer, &point, secret) == 1
            }
            guard isValid else { throw SecretKeyError(.outOfRange) }
            return try context.publicKey(point)
        }
        self.bytes = bytes
    }

    /// A fresh key from the kernel's random bytes.
    public static func random() throws -> SecretKey {
        // A value out of range has a chance of 2^-128, and then it is refused like any other.
        try SecretKey(SecureBytes.random(count: 32))
    }

    public var address: Address { publicKey.address }

    /// Signs a digest: RFC 6979 nonce, low s (EIP-2), with the parity that lets the public key be recovered.
    public borrowing func sign(_ digest: Hash) throws(SecretKeyError) -> Signature {
        let context = try SigningContext.shared()
        var signature = secp256k1_ecdsa_recoverable_signature()
        let signed = bytes.withBytes { bytes in
            unsafe bytes.withPointer { secret in
                unsafe secp256k1_ecdsa_sign_recoverable(
                    context.pointer, &signature, digest.bytes, secret, nil, nil) == 1
            }
        }
        guard signed else { throw SecretKeyError(.engineFailed) }
        var compact = [UInt8](repeating: 0, count: 64)
        var parity: Int32 = 0
        // Always succeeds: the signature comes from the library.
        _ = unsafe secp256k1_ecdsa_recoverable_signature_serialize_compact(
            context.pointer, &compact, &parity, &signature)
        // An x above the order would make the parity 2 or 3, with a chance of 2^-127; Ethereum has no word for it.
        guard let r = FixedBytes<32>(compact.span.extracting(first: 32)),
            let s = FixedBytes<32>(compact.span.extracting(last: 32)), let yParity = UInt8(exactly: parity)
        else { throw SecretKeyError(.engineFailed) }
        do { return try Signature(r: r, s: s, yParity: yParity) } catch { throw SecretKeyError(.engineFailed) }
    }
}

extension Span<UInt8> {
    /// Lends the address of the first byte; an empty span has none, and fails.
    func withPointer(_ body: (UnsafePointer<UInt8>) -> Bool) -> Bool {
        unsafe withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return false }
            return unsafe body(start)
        }
    }
}

extension SecretKey {
    /// Reads 64 hexadecimal digits, with or without `0x`, without branching on a digit.
    public init(hex text: Span<UInt8>) throws(SecretKeyError) {
        var digits = text
        if digits.count == 66, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x") {
            digits = digits.extracting(droppingFirst: 2)
        }
        guard digits.count == 64 else { throw SecretKeyError(.notHex) }
        var bytes: SecureBytes
        do { bytes = try SecureBytes(count: 32) } catch { throw SecretKeyError(error.problems.first) }
        var wrong: Int16 = 0
        bytes.withMutableBytes { bytes in
            for index in 0..<32 {
                let high = nibble(digits[index * 2], &wrong)
                let low = nibble(digits[index * 2 + 1], &wrong)
                bytes[index] = UInt8(truncatingIfNeeded: high << 4 | low)
            }
        }
        // What is no digit makes the key zero, which is none: so only the engine decides whether there is a key, and it
        // does not branch on one. Which rule was broken is asked when there is nothing left to keep.
        let mask = UInt8(truncatingIfNeeded: ~((wrong | (0 &- wrong)) &>> 15))
        bytes.withMutableBytes { bytes in
            for index in bytes.indices { bytes[index] &= mask }
        }
        do { try self.init(bytes) } catch {
            throw error.rule == .outOfRange && wrong != 0 ? SecretKeyError(.notHex) : error
        }
    }
}

/// The value of a digit; what is none leaves bits in `wrong`.
private func nibble(_ character: UInt8, _ wrong: inout Int16) -> Int16 {
    let digit = Int16(character) &- 0x30
    let letter = Int16(character | 0x20) &- 0x61
    // All ones where the character is in the range, else zero: both differences are then not negative.
    let isDigit = ~((digit | (9 &- digit)) &>> 15)
    let isLetter = ~((letter | (5 &- letter)) &>> 15)
    wrong |= ~(isDigit | isLetter)
    return digit & isDigit | (letter &+ 10) & isLetter
}

/// What keystores and BIP-32 need of a key.
extension SecretKey {
    /// Lends the 32 bytes, to be encrypted or hashed. What a borrower copies out of them is no longer looked after.
    public borrowing func withBytes<Value: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try bytes.withBytes(body)
    }

    /// The key that is this one plus `tweak` (32 bytes), modulo the order of the curve.
    ///
    /// Throws `key.out-of-range` when the tweak is not below the order, or the sum is zero: BIP-32 says that such a
    /// child does not exist.
    public borrowing func adding(_ tweak: Span<UInt8>) throws(SecretKeyError) -> SecretKey {
        guard tweak.count == 32 else { throw SecretKeyError(.wrongLength) }
        let context = try SigningContext.shared()
        var sum: SecureBytes
        do { sum = try bytes.withBytes { bytes throws(GcryptError) in try SecureBytes(copying: bytes) } } catch {
            throw SecretKeyError(error.problems.first)
        }
        let isKey = sum.withMutableBytes { sum in
            unsafe sum.withUnsafeMutableBufferPointer { sum in
                guard let start = sum.baseAddress else { return false }
                return unsafe tweak.withPointer {
                    unsafe secp256k1_ec_seckey_tweak_add(context.pointer, start, $0) == 1
                }
            }
        }
        guard isKey else { throw SecretKeyError(.outOfRange) }
        return try SecretKey(sum)
    }
}

/// Why a key cannot be used.
public struct SecretKeyError: RuleBroken, Hashable, Sendable {
    public let rule: SecretKeyRule
    private let cause: Problem?

    init(_ rule: SecretKeyRule) {
        self.rule = rule
        self.cause = nil
    }

    /// The secure memory or the randomness failed.
    init(_ cause: Problem?) {
        self.rule = .engineFailed
        self.cause = cause
    }

    public var problems: [Problem] { [cause ?? Problem(rule)] }
}
