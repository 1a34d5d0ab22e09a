public import AirlockEthereumTypes
public import AirlockSecp256k1

/// A transaction and the signature of its sender, with its bytes and both hashes: each is computed once.
public struct SignedTransaction: Hashable, Sendable {
    /// What the bytes say: this is the codec alone, without a hash.
    public struct Content: Hashable, Sendable {
        public let transaction: UnsignedTransaction
        public let signature: Signature

        /// Refuses a signature with a high s (EIP-2).
        @inlinable @inline(__always)
        public init(_ transaction: consuming UnsignedTransaction, _ signature: Signature) throws(SignatureError) {
            try signature.requireLowS()
            self.transaction = transaction
            self.signature = signature
        }
    }

    public let content: Content
    /// The bytes that are sent.
    public let raw: [UInt8]
    /// The hash that was signed.
    public let signingHash: Hash
    /// The hash by which the chain knows it.
    public let hash: Hash

    /// Refuses a signature with a high s (EIP-2). Which account signed is found by `sender`.
    public init(_ transaction: consuming UnsignedTransaction, _ signature: Signature) throws(SignatureError) {
        content = try Content(transaction, signature)
        raw = content.raw
        signingHash = content.transaction.signingHash
        hash = .keccak(raw)
    }

    /// Reads the bytes that are sent, and only those that encoding what they say would give again.
    public init(raw: [UInt8]) throws(TransactionError) {
        content = try Content(raw: raw)
        self.raw = raw
        signingHash = content.transaction.signingHash
        hash = .keccak(raw)
    }

    public var transaction: UnsignedTransaction { content.transaction }
    public var signature: Signature { content.signature }
    /// See ``Content/v``.
    public var v: UInt256 { content.v }

    /// The account that signed, recovered from the signature.
    public var sender: Address {
        get throws(SignatureError) { try signature.recoverAddress(digest: signingHash) }
    }
}
