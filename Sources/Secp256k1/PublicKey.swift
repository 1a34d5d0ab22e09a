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
