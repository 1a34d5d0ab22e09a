internal import AirlockCSecp256k1
public import AirlockEthereumTypes

/// A point of the curve that a secret key stands behind: its x and y coordinates, 64 bytes.
public struct PublicKey: Hashable, Sendable {
    /// x and y, 32 big-endian bytes each.
    public let bytes: FixedBytes<64>

    /// Refuses bytes that are no point of the curve.
    public init(_ bytes: FixedBytes<64>) throws(SignatureError) {
        guard Library.parse(bytes) != nil else { throw SignatureError(.notPublicKey) }
        self.bytes = bytes
    }

    /// What the library holds is a point of the curve.
    init(_ point: secp256k1_pubkey) { bytes = Library.serialize(point) }

    /// The account of this key: the low 20 bytes of the hash of its 64 (yellow paper, appendix F).
    public var address: Address { Address(lowBytesOf: .keccak(bytes.inline.span)) }

    /// Whether this key made the signature of the digest. A high s is taken like the low one that mirrors it, which is
    /// what the curve says; whoever wants low ones alone asks for `isLowS` too. The parity plays no part.
    public func verifies(_ signature: Signature, digest: Hash) -> Bool {
        guard let point = Library.parse(bytes) else { return false }
        return Library.verify(signature, digest, point)
    }
}

extension Signature {
    /// The key that signed the digest.
    public func recoverPublicKey(digest: Hash) throws(SignatureError) -> PublicKey {
        guard let point = Library.recover(self, digest) else { throw SignatureError(.unrecoverable) }
        return PublicKey(point)
    }

    /// The account whose key signed the digest.
    public func recoverAddress(digest: Hash) throws(SignatureError) -> Address {
        try recoverPublicKey(digest: digest).address
    }
}

extension PublicKey: CustomStringConvertible {
    /// `0x` and 128 digits.
    public var description: String { bytes.description }
}

/// The calls of libsecp256k1 that need no secret. They use its static context, which is constant, so any number of
/// threads may share it, and which could not sign if one asked it to.
enum Library {
    /// The library asks for its self-test before the static context is used; one that fails ends the process.
    private static let selfTested: Void = secp256k1_selftest()

    private static var context: OpaquePointer {
        selfTested
        return unsafe airlock_secp256k1_context_static()
    }

    /// Reads x and y; `nil` when they are no point of the curve.
    static func parse(_ bytes: FixedBytes<64>) -> secp256k1_pubkey? {
        // SEC 1, section 2.3.3: 04 says that both coordinates follow.
        let uncompressed = [4] + bytes.bytes
        var point = secp256k1_pubkey()
        let parsed = unsafe secp256k1_ec_pubkey_parse(context, &point, uncompressed, uncompressed.count)
        return parsed == 1 ? point : nil
    }

    /// x and y of a point.
    static func serialize(_ point: secp256k1_pubkey) -> FixedBytes<64> {
        var point = point
        var bytes = InlineArray<65, UInt8>(repeating: 0)
        var count = bytes.count
        var memory = bytes.mutableSpan
        unsafe memory.withUnsafeMutableBufferPointer { memory in
            guard let start = memory.baseAddress else { return }
            // Always succeeds: there is room for 65 bytes, and the point comes from the library.
            _ = unsafe secp256k1_ec_pubkey_serialize(context, start, &count, &point, UInt32(SECP256K1_EC_UNCOMPRESSED))
        }
        return FixedBytes(bytes.span.extracting(droppingFirst: 1)) ?? .zero
    }

    /// The key that signed the digest; `nil` when there is none.
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

    /// Whether the point's key signed the digest, with a low s or a high one.
    static func verify(_ signature: Signature, _ digest: Hash, _ point: secp256k1_pubkey) -> Bool {
        var parsed = secp256k1_ecdsa_signature()
        var lowS = secp256k1_ecdsa_signature()
        var point = point
        let compact = signature.r.bytes + signature.s.bytes
        guard unsafe secp256k1_ecdsa_signature_parse_compact(context, &parsed, compact) == 1 else { return false }
        // The library verifies no high s, so that it is mirrored first.
        _ = unsafe secp256k1_ecdsa_signature_normalize(context, &lowS, &parsed)
        return unsafe secp256k1_ecdsa_verify(context, &lowS, digest.bytes, &point) == 1
    }
}
