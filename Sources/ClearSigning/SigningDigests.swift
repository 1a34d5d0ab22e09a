public import AirlockEthereumTypes
public import AirlockTypedData

/// The digests of ERC-8213, by which two screens are compared.
public enum SigningDigests {
    /// Of call data: the hash of their length as 32 bytes, and of them.
    public static func callData(_ data: [UInt8]) -> Hash { .keccak(UInt256(UInt64(data.count)).word.bytes + data) }

    /// Of a message.
    public struct Message: Hashable, Sendable {
        public let domainHash: Hash
        public let messageHash: Hash
        public let digest: Hash

        public init(_ message: TypedData) {
            domainHash = message.domainSeparator
            messageHash = message.structHash
            digest = message.digest
        }
    }
}
