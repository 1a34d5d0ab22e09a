internal import AirlockCSecp256k1
public import AirlockEthereumTypes

/// A public key: a point on the curve, given by its x and y coordinates.
public struct PublicKey: Hashable, Sendable {
    /// The coordinates x and y, each as 32 big-endian bytes.
    public let bytes: FixedBytes<64>

    /// Makes a public key from x and y. Throws if they are not a point on the curve.
    public init(_ bytes: FixedBytes<64>) throws(SignatureError) {
        guard Library.parse(bytes) != nil else { throw SignatureError(.notPublicKey) }
        self.bytes = bytes
    }

    /// Makes a public key from a value of libsecp256k1's own type. This does not throw, because such a value is always
    /// a point on the curve.
    init(_ point: secp256k1_pubkey) { bytes = Library.serialize(point) }

    /// The Ethereum address of this key: the last 20 bytes of the hash of x and y (yellow paper, appendix F).
    public var address: Address { Address(lowBytesOf: .keccak(bytes.inline.span)) }

    /// Whether this key made the given signature of the digest. The parity of the signature is ignored. A signature
    /// with a high s is accepted, because ECDSA allows it. A caller that requires a low s must also check `isLowS`.
    public func verifies(_ signature: Signature, digest: Hash) -> Bool {
        guard let point = Library.parse(bytes) else { return false }
        return Library.verify(signature, digest, point)
    }
}

extension Signature {
    /// Recovers the public key that signed the digest. A high s is accepted, as by the precompile `ecrecover`. A caller
    /// that requires a low s must also call `requireLowS`.
    public func recoverPublicKey(digest: Hash) throws(SignatureError) -> PublicKey {
        guard let point = Library.recover(self, digest) else { throw SignatureError(.unrecoverable) }
        return PublicKey(point)
    }

    /// Recovers the address of the key that signed the digest. A high s is accepted, as by `recoverPublicKey`.
    public func recoverAddress(digest: Hash) throws(SignatureError) -> Address {
        try recoverPublicKey(digest: digest).address
    }
}

extension PublicKey: CustomStringConvertible {
    /// The key as text: `0x` and 128 lower-case hexadecimal digits.
    public var description: String { bytes.description }
}

/// The functions of libsecp256k1 that need no secret key. They use the library's static context, which cannot sign. The
/// context never changes, so any number of threads can share it.
enum Library {
    /// libsecp256k1 requires that this self-test runs before its static context is used. If the test fails,
    /// libsecp256k1 aborts the process.
    private static let selfTested: Void = secp256k1_selftest()

    private static var context: OpaquePointer {
        selfTested
        return unsafe airlock_secp256k1_context_static()
    }

    /// Reads the coordinates x and y. Returns `nil` if they are not a point on the curve.
    static func parse(_ bytes: FixedBytes<64>) -> secp256k1_pubkey? {
        // SEC 1, section 2.3.3: the byte 04 means that both coordinates follow.
        let uncompressed = [4] + bytes.bytes
        var point = secp256k1_pubkey()
        let parsed = unsafe secp256k1_ec_pubkey_parse(context, &point, uncompressed, uncompressed.count)
        return parsed == 1 ? point : nil
    }

    /// Returns the coordinates x and y of a point.
    static func serialize(_ point: secp256k1_pubkey) -> FixedBytes<64> {
        var point = point
        var bytes = InlineArray<65, UInt8>(repeating: 0)
        var count = bytes.count
        var memory = bytes.mutableSpan
        unsafe memory.withUnsafeMutableBufferPointer { memory in
            guard let start = memory.baseAddress else { return }
            // Converting a point to bytes always succeeds here, because the buffer has 65 bytes and the point comes
            // from the library itself.
            _ = unsafe secp256k1_ec_pubkey_serialize(context, start, &count, &point, UInt32(SECP256K1_EC_UNCOMPRESSED))
        }
        return FixedBytes(bytes.span.extracting(droppingFirst: 1)) ?? .zero
    }

    /// Returns the key that made the signature of the digest. Returns `nil` if no key can have made this signature.
    static func recover(_ signature: Signature, _ digest: Hash) -> secp256k1_pubkey? {
        var parsed = secp256k1_ecdsa_recoverable_signature()
        var point = secp256k1_pubkey()
        let compact = signature.r.bytes + signature.s.bytes
        let parity = Int32(signature.yParity)
        guard unsafe secp256k1_ecdsa_recoverable_signature_parse_compact(context, &parsed, compact, parity) == 1,
            unsafe secp256k1_ecdsa_recover(context, &point, &parsed, digest.bytes) == 1
        else { return nil }
        return point
    }

    /// Whether the key signed the digest. Both a low s and a high s are accepted.
    static func verify(_ signature: Signature, _ digest: Hash, _ point: secp256k1_pubkey) -> Bool {
        var parsed = secp256k1_ecdsa_signature()
        var lowS = secp256k1_ecdsa_signature()
        var point = point
        let compact = signature.r.bytes + signature.s.bytes
        guard unsafe secp256k1_ecdsa_signature_parse_compact(context, &parsed, compact) == 1 else { return false }
        // libsecp256k1 rejects a signature with a high s. So a high s is replaced with n - s before the signature is
        // checked.
        _ = unsafe secp256k1_ecdsa_signature_normalize(context, &lowS, &parsed)
        return unsafe secp256k1_ecdsa_verify(context, &lowS, digest.bytes, &point) == 1
    }
}
