public import AirlockEthereumTypes
import AirlockKeccak

extension TransferIntent {
    /// The prefix that every real intent carries.
    public static let knownPrefix = Array("K2 Informational Message: 32 ".utf8)

    /// What the operator signs for one payer, chain and contract: the hash of 264 packed bytes.
    public func hash(chain: Chain, sender: Address, contract: Address) -> Hash {
        var packed: [UInt8] = []
        packed.reserveCapacity(264)
        packed.append(recipientAmount.word)
        packed.append(deadline.word)
        packed.append(recipient.bytes)
        packed.append(recipientCurrency.bytes)
        packed.append(refundDestination.bytes)
        packed.append(feeAmount.word)
        packed.append(id)
        packed.append(`operator`.bytes)
        packed.append(UInt256(chain.id).word)
        packed.append(sender.bytes)
        packed.append(contract.bytes)
        return Hash(Keccak256.hash(packed))
    }

    /// The digest under the operator's signature: the hash behind the prefix, or behind that of a personal message
    /// (EIP-191) when there is none.
    public func signedDigest(of hash: Hash) -> Hash {
        var message = prefix.isEmpty ? Self.personalPrefix : prefix
        message.append(hash)
        return Hash(Keccak256.hash(message))
    }

    private static let personalPrefix = Array("\u{19}Ethereum Signed Message:\n32".utf8)
}

extension [UInt8] {
    @inline(__always)
    fileprivate mutating func append<let count: Int>(_ bytes: FixedBytes<count>) {
        unsafe bytes.inline.span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
