public import AirlockDiagnostics
public import AirlockEthereumTypes

/// What an action may depend on besides the request: what was given, what was measured, and what the policy knows.
public struct Means: Sendable {
    public let payer: Address
    /// The way of paying; `nil` leaves the choice to the kind.
    public var method: String?
    /// The most that a swap may spend.
    public var value: UInt256?
    /// The pool of a swap.
    public var poolFee: UInt64?
    /// The token that is spent, by the caller's word.
    public var namedToken: Address?
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

    /// What the policy says for the kind's sake; `nil` where it says nothing, or where there is no policy.
    public var rules: (any KindRules)?

    public init(payer: Address) { self.payer = payer }

    public func balance(of token: Address) -> UInt256? {
        self.token.flatMap { $0.address == token ? $0.balance : nil }
    }

    public func allowance(of spender: Address) -> UInt256? {
        allowance.flatMap { $0.spender == spender ? $0.amount : nil }
    }
}

/// What the chain has to be asked before a request's call can be put together.
public struct Questions: Sendable {
    /// An exact amount of a token that has to be bought: what each pool wants for it.
    public struct Swap: Sendable {
        public let tokenIn: Address
        public let tokenOut: Address
        public let amountOut: UInt256
        public let poolFees: [UInt64]

        public init(tokenIn: Address, tokenOut: Address, amountOut: UInt256, poolFees: [UInt64]) {
            self.tokenIn = tokenIn
            self.tokenOut = tokenOut
            self.amountOut = amountOut
            self.poolFees = poolFees
        }
    }

    /// How it is to be paid; `nil` for a kind with one way.
    public let method: String?
    /// The token that is taken; of a swap the amount is known only later.
    public let takes: Take?
    /// The price that a swap needs where nobody gives one, or why it cannot be asked for; `nil` where nothing is swapped.
    public let swap: Result<Swap, Problem>?
    /// The chain's wrapped native currency, where the method and what was named tell it.
    public let wrappedNative: Address?

    public init(
        method: String? = nil, takes: Take?, swap: Result<Swap, Problem>? = nil, wrappedNative: Address? = nil
    ) {
        self.method = method
        self.takes = takes
        self.swap = swap
        self.wrappedNative = wrappedNative
    }
}
