public import AirlockEthereumTypes

/// What an action may depend on besides the request: what was typed, what was measured, and what the policy knows.
public struct Means: Sendable {
    public let payer: Address
    /// What was typed as `--method`; `nil` leaves the choice to the kind.
    public var method: String?
    /// What was typed as `--value`.
    public var value: UInt256?
    /// What was typed as `--pool-fee`.
    public var poolFee: UInt64?
    /// Whether an approval may come first.
    public var approves = false
    /// The nonce that is used up: of the account, or of a token where a message alone is signed.
    public var nonce: UInt64?
    /// The chain's wrapped native currency, by the policy's word.
    public var wrappedNative: Address?
    /// The highest price of a swap: wei for one whole unit of the currency that is owed.
    public var highestPrice: UInt256?
    /// The decimals and symbol of the currency that is owed, by the policy's word.
    public var owed: (decimals: Int, symbol: String)?
    /// The token that was measured, and what the payer has of it.
    public var token: (address: Address, balance: UInt256, domainSeparator: Hash?)?
    /// Who may take how much of that token.
    public var allowance: (spender: Address, amount: UInt256)?
    /// What the online machine proposes for a swap.
    public var proposedValue: UInt256?
    public var proposedPoolFee: UInt64?

    public init(payer: Address) { self.payer = payer }

    public func balance(of token: Address) -> UInt256? {
        self.token.flatMap { $0.address == token ? $0.balance : nil }
    }

    public func allowance(of spender: Address) -> UInt256? {
        allowance.flatMap { $0.spender == spender ? $0.amount : nil }
    }
}
