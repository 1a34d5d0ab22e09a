public import AirlockEthereumTypes
import AirlockKeccak

extension TransferIntent {
    /// The prefix that every real intent carries.
    public static let knownPrefix = Array("K2 Informational Message: 32 ".utf8)

    /// What the operator signs for one payer, chain and contract: the hash of 264 packed bytes.
    public func hash(chain: Chain, sender: Address, contract: Address) -> Hash {
        var hasher = Keccak256()
        hasher.update(recipientAmount.word)
        hasher.update(deadline.word)
        hasher.update(recipient.bytes)
        hasher.update(recipientCurrency.bytes)
        hasher.update(refundDestination.bytes)
        hasher.update(feeAmount.word)
        hasher.update(id)
        hasher.update(`operator`.bytes)
        hasher.update(UInt256(chain.id).word)
        hasher.update(sender.bytes)
        hasher.update(contract.bytes)
        return Hash(hasher.finish())
    }

    /// The digest under the operator's signature: the hash behind the prefix, or behind that of a personal message
    /// (EIP-191) when there is none.
    public func signedDigest(of hash: Hash) -> Hash {
        var hasher = Keccak256()
        hasher.update(prefix.isEmpty ? Array("\u{19}Ethereum Signed Message:\n32".utf8) : prefix)
        hasher.update(hash)
        return Hash(hasher.finish())
    }
}

extension Keccak256 {
    fileprivate mutating func update<let count: Int>(_ bytes: FixedBytes<count>) { update(bytes.inline.span) }
}
