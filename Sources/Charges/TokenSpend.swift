public import AirlockEthereumTypes

/// What a call takes from the payer in a token, and who has to be approved to take it.
public struct TokenSpend: Hashable, Sendable {
    public let token: Address
    /// For a swap the most that may be taken.
    public let amount: UInt256
    /// The payment contract, or Permit2.
    public let spender: Address
}
