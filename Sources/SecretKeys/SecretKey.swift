internal import AirlockCSecp256k1
public import AirlockEthereumTypes
public import AirlockGcrypt
public import AirlockSecp256k1

/// A secret key of secp256k1 that lives in secure memory and is wiped when its owner ends.
///
/// It cannot be copied, printed or compared. Its bytes are lent only to what keeps keys: see SecretKey+Derivation.
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
