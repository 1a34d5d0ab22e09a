public import AirlockEthereumTypes
public import AirlockTokens

extension TokenPermit {
    /// The permit without which the contract does not pay this intent: it asks the token for what is needed, until the
    /// intent's deadline. `nil` for an intent whose amounts do not add up.
    public init?(
        paying intent: TransferIntent, owner: Address, spender: Address, nonce: UInt256, domainSeparator: Hash
    ) {
        guard let needed = intent.needed else { return nil }
        self.init(
            owner: owner, spender: spender, value: needed, nonce: nonce, deadline: intent.deadline,
            domainSeparator: domainSeparator)
    }
}
