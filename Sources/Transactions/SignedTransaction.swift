public import AirlockEthereumTypes
public import AirlockSecp256k1

/// A transaction and the signature of its sender.
public struct SignedTransaction: Hashable, Sendable {
    public let transaction: UnsignedTransaction
    public let signature: Signature

    /// Refuses a signature with a high s (EIP-2). Which account signed is found by `sender`.
    @inlinable @inline(__always)
    public init(_ transaction: consuming UnsignedTransaction, _ signature: Signature) throws(SignatureError) {
        try signature.requireLowS()
        self.transaction = transaction
        self.signature = signature
    }

    /// The hash by which the chain knows it.
    public var hash: Hash { .keccak(raw) }

    /// The account that signed, recovered from the signature.
    public var sender: Address {
        get throws(SignatureError) { try signature.recoverAddress(digest: transaction.signingHash) }
    }
}
