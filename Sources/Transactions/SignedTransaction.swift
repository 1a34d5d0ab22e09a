public import AirlockEthereumTypes
import AirlockKeccak
public import AirlockSecp256k1

/// A transaction with the signature of its sender. The raw bytes and both hashes are computed once and stored.
public struct SignedTransaction: Hashable, Sendable {
    /// A transaction and its signature, without any hash. This is enough for encoding and decoding.
    public struct Content: Hashable, Sendable {
        public let transaction: UnsignedTransaction
        public let signature: Signature

        /// Joins a transaction and a signature. Throws if the signature has a high s (EIP-2).
        @inlinable @inline(__always)
        public init(_ transaction: consuming UnsignedTransaction, _ signature: Signature) throws(SignatureError) {
            try signature.requireLowS()
            self.transaction = transaction
            self.signature = signature
        }
    }

    public let content: Content
    /// The raw signed transaction, as it is broadcast.
    public let raw: [UInt8]
    /// The hash that the sender signed.
    public let signingHash: Hash
    /// The transaction hash, which is the hash of `raw`.
    public let hash: Hash

    /// Joins a transaction and a signature. Throws if the signature has a high s (EIP-2). This does not check who
    /// signed. To get the address of the signer, use ``sender``.
    public init(_ transaction: consuming UnsignedTransaction, _ signature: Signature) throws(SignatureError) {
        content = try Content(transaction, signature)
        raw = content.raw
        signingHash = content.transaction.signingHash
        hash = .keccak(raw)
    }

    /// Decodes a raw signed transaction. Throws if encoding the decoded transaction again would not give exactly these
    /// bytes.
    public init(raw: [UInt8]) throws(TransactionError) {
        content = try Content(raw: raw)
        self.raw = raw
        signingHash = content.transaction.signingHash
        hash = .keccak(raw)
    }

    private init(_ content: Content, raw: [UInt8], signingHash: Hash, hash: Hash) {
        self.content = content
        self.raw = raw
        self.signingHash = signingHash
        self.hash = hash
    }

    /// Decodes many transactions, each as ``init(raw:)`` does. The hashes of all transactions are computed together,
    /// because this is faster.
    public static func read(raw: [[UInt8]]) -> [Result<SignedTransaction, TransactionError>] {
        let contents = raw.map { raw in Result { () throws(TransactionError) in try Content(raw: raw) } }
        let signed = contents.map { content in
            switch content {
            case .success(let content): content.transaction.encoded
            case .failure: [UInt8]()
            }
        }
        let hashes = Keccak256.hash(many: signed + raw).map { Hash($0) }
        return contents.indices.map { index in
            contents[index].map {
                SignedTransaction($0, raw: raw[index], signingHash: hashes[index], hash: hashes[raw.count + index])
            }
        }
    }

    public var transaction: UnsignedTransaction { content.transaction }
    public var signature: Signature { content.signature }
    /// The item before r and s in the signed transaction, see ``Content/v``.
    public var v: UInt256 { content.v }

    /// The address of the signer, recovered from the signature.
    public var sender: Address {
        get throws(SignatureError) { try signature.recoverAddress(digest: signingHash) }
    }
}
