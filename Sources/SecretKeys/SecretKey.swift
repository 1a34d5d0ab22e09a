internal import AirlockCSecp256k1
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockGcrypt
public import AirlockSecp256k1

/// A secret key of secp256k1. The bytes of the key are in secure memory, and are wiped when this value is destroyed.
///
/// A secret key cannot be copied, printed or compared. Only ``withBytes(_:)`` gives access to its bytes, for keystores
/// and BIP-32.
public struct SecretKey: ~Copyable, Sendable {
    let bytes: SecureBytes
    public let publicKey: PublicKey

    /// Makes a key from 32 bytes, and takes ownership of the bytes. The bytes are a big-endian number. Throws if this
    /// number is 0, or if it is not less than the order of the curve.
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

    /// Makes a new key from the kernel's random bytes.
    public static func random() throws -> SecretKey {
        // With a probability of about 2^-128, the random value is not a valid key. This function then throws.
        try SecretKey(SecureBytes.random(count: 32))
    }

    public var address: Address { publicKey.address }

    /// Signs a digest with an RFC 6979 nonce. The signature has a low s (EIP-2) and the parity that is needed to
    /// recover the public key.
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
        // The return value is ignored, because the conversion always succeeds: libsecp256k1 itself made the signature.
        _ = unsafe secp256k1_ecdsa_recoverable_signature_serialize_compact(
            context.pointer, &compact, &parity, &signature)
        // libsecp256k1 returns a parity of 2 or 3 if the x coordinate of the signature's point is not below the order
        // of the curve. Signatures in Ethereum cannot contain such a parity, so signing fails. The probability is
        // 2^-127.
        guard let r = FixedBytes<32>(compact.span.extracting(first: 32)),
            let s = FixedBytes<32>(compact.span.extracting(last: 32)), let yParity = UInt8(exactly: parity)
        else { throw SecretKeyError(.engineFailed) }
        do { return try Signature(r: r, s: s, yParity: yParity) } catch { throw SecretKeyError(.engineFailed) }
    }
}

extension Span<UInt8> {
    /// Calls `body` with the address of the first byte of a span. Returns false for an empty span, because it has no
    /// first byte.
    func withPointer(_ body: (UnsafePointer<UInt8>) -> Bool) -> Bool {
        unsafe withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return false }
            return unsafe body(start)
        }
    }
}

extension SecretKey {
    /// Reads 64 hexadecimal digits, with or without `0x`. No branch depends on the value of a digit, so that the
    /// running time reveals nothing about the key.
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
        // If a character is not a hexadecimal digit, all bytes are set to zero. These zero bytes are not a valid key,
        // so libsecp256k1 refuses them. It checks the bytes without a branch on their values. The error to throw is
        // chosen only after the key has been wiped.
        let mask = UInt8(truncatingIfNeeded: ~((wrong | (0 &- wrong)) &>> 15))
        bytes.withMutableBytes { bytes in
            for index in bytes.indices { bytes[index] &= mask }
        }
        do { try self.init(bytes) } catch {
            throw error.rule == .outOfRange && wrong != 0 ? SecretKeyError(.notHex) : error
        }
    }
}

/// Returns the value of a hexadecimal digit. If the character is not a hexadecimal digit, sets bits in `wrong`.
private func nibble(_ character: UInt8, _ wrong: inout Int16) -> Int16 {
    let digit = Int16(character) &- 0x30
    let letter = Int16(character | 0x20) &- 0x61
    // A character is in a range if `character - first` and `last - character` are both not negative. The shift by 15
    // copies the sign bit to all bits. So each mask has all bits set if the character is in its range, and no bits set
    // otherwise.
    let isDigit = ~((digit | (9 &- digit)) &>> 15)
    let isLetter = ~((letter | (5 &- letter)) &>> 15)
    wrong |= ~(isDigit | isLetter)
    return digit & isDigit | (letter &+ 10) & isLetter
}

/// Functions for keystores and BIP-32: they give access to the bytes of the key, or add a number to the key.
extension SecretKey {
    /// Calls `body` with the 32 bytes of the key, for example to encrypt or hash them. If `body` copies the bytes, the
    /// copy is not wiped.
    public borrowing func withBytes<Value: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try bytes.withBytes(body)
    }

    /// Adds `tweak` (32 bytes) to this key, modulo the order of the curve.
    ///
    /// Throws `key.out-of-range` if the tweak is not less than the order, or if the sum is zero. In BIP-32, no child
    /// key exists for such a tweak.
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

/// The error for a secret key that is not valid, or for an operation with a secret key that failed.
public struct SecretKeyError: RuleBroken, Hashable, Sendable {
    public let rule: SecretKeyRule
    private let cause: Problem?

    init(_ rule: SecretKeyRule) {
        self.rule = rule
        self.cause = nil
    }

    /// Makes the error for secure memory that could not be allocated, or for random bytes that could not be read.
    /// `cause` is `nil` if the reason is not known.
    init(_ cause: Problem?) {
        self.rule = .engineFailed
        self.cause = cause
    }

    public var problems: [Problem] { [cause ?? Problem(rule)] }
}
