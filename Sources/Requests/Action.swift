public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// What the key does about a request.
public enum Action: Sendable {
    /// A transaction of the payer's.
    case call(Call)
    /// A message is signed first, and its signature stands in the payer's transaction. Until then the call holds a
    /// place for it.
    case messageInCall(Message, Call, placing: @Sendable (_ signature: [UInt8]) -> Call)
    /// A message alone; somebody else sends the call that carries it. The message is `nil` while its nonce or its token's
    /// domain is missing.
    case message(Message?, for: Call, placing: @Sendable (_ signature: [UInt8]) -> Call)

    public var call: Call {
        switch self {
        case .call(let call), .messageInCall(_, let call, _), .message(_, let call, _): call
        }
    }

    public var message: Message? {
        switch self {
        case .call: nil
        case .messageInCall(let message, _, _): message
        case .message(let message, _, _): message
        }
    }

    /// Is nothing of it a transaction of the payer's?
    public var isMessageAlone: Bool { if case .message = self { true } else { false } }

    /// The call with the message's signature in it.
    public func placing(_ signature: [UInt8]) -> Call {
        switch self {
        case .call(let call): call
        case .messageInCall(_, _, let placing), .message(_, _, let placing): placing(signature)
        }
    }
}

/// One call of a contract, or a transfer of native currency.
public struct Call: Sendable {
    public let to: Address
    public let value: UInt256
    public let data: [UInt8]
    /// What it takes from the payer in tokens, or lets others take.
    public let takes: [Take]
    /// How it pays: a function's name, as ``Means/method`` names it where there is a choice.
    public let method: String
    /// May it spend less than it is given, so that all amounts are the most?
    public let isUpTo: Bool
    /// The fee tier of the pool that it swaps in.
    public let poolFee: UInt64?
    /// What was found when it was put together, in sentences.
    public let findings: [String]
    /// What the review says of it.
    public let facts: [Fact]
    /// What `--json` adds.
    public let members: [(name: String, value: JSONOutput)]
    /// A call that does the same without the message's signature, by an allowance: what can be simulated before the message
    /// is signed. `nil` where no message stands in it.
    public let standIn: (@Sendable () throws(ProblemList) -> Call)?

    public init(
        to: Address, value: UInt256, data: [UInt8], takes: [Take] = [], method: String, isUpTo: Bool = false,
        poolFee: UInt64? = nil, findings: [String] = [], facts: [Fact] = [],
        members: [(name: String, value: JSONOutput)] = [], standIn: (@Sendable () throws(ProblemList) -> Call)? = nil
    ) {
        self.to = to
        self.value = value
        self.data = data
        self.takes = takes
        self.method = method
        self.isUpTo = isUpTo
        self.poolFee = poolFee
        self.findings = findings
        self.facts = facts
        self.members = members
        self.standIn = standIn
    }
}

extension Call {
    /// The token that the payer must have when it is mined, where it takes one.
    public var taken: Take? { takes.first { $0.needsBalance } }
}

/// An amount of a token that a call takes from the payer, or lets others take.
public struct Take: Hashable, Sendable {
    /// How it leaves the payer.
    public enum Way: Hashable, Sendable {
        /// The payer's own transaction moves it; `nil` where the request's payee gets it.
        case moved(to: Address?)
        /// The call has a contract take it, which must be allowed to.
        case pulled(by: Address)
        /// The called contract takes at most this amount, as the policy's `spends` or its function say.
        case used(by: Address)
        /// The call approves a spender for at most this amount.
        case allowed(to: Address)
    }

    public let token: Address
    public let amount: UInt256
    public let way: Way
    /// Where the amount stands in the request, as a JSON pointer; `nil` where it is not the request that says it.
    public let place: String?

    /// Whom the call moves it to, or lets take it, where that is not the request's payee.
    public var taker: Address? {
        switch way {
        case .moved(let payee): payee
        case .allowed(let spender): spender
        case .pulled, .used: nil
        }
    }

    public init(token: Address, amount: UInt256, _ way: Way, at place: String? = nil) {
        self.token = token
        self.amount = amount
        self.way = way
        self.place = place
    }

    /// A `nil` spender is that the payer's own transaction moves it to the payee.
    public init(token: Address, amount: UInt256, spender: Address?) {
        self.init(token: token, amount: amount, spender.map { .pulled(by: $0) } ?? .moved(to: nil))
    }

    /// Who must be allowed to take it before; `nil` where nobody must.
    public var spender: Address? { if case .pulled(let spender) = way { spender } else { nil } }

    /// Must the payer hold this amount when the transaction is mined?
    public var needsBalance: Bool {
        switch way {
        case .moved, .pulled: true
        case .used, .allowed: false
        }
    }
}

/// Something that is signed by its digest, and lets others act for the payer.
public struct Message: Sendable {
    public let digest: Hash
    /// The domain that only the conditions name, and the token that it must be of.
    public let domain: (separator: Hash, token: Address)?
    /// The token that counts its nonce, and the nonce; `nil` where the nonce is none that the ledger counts.
    public let nonce: (token: Address, number: UInt64)?
    /// The number of a permit of Permit2, which it takes once.
    public let permit2Nonce: UInt256?
    /// What the review says of it.
    public let facts: [Fact]
    /// What `--json` says of it.
    public let members: [(name: String, value: String)]

    public init(
        digest: Hash, domain: (separator: Hash, token: Address)? = nil,
        nonce: (token: Address, number: UInt64)? = nil, permit2Nonce: UInt256? = nil, facts: [Fact] = [],
        members: [(name: String, value: String)] = []
    ) {
        self.digest = digest
        self.domain = domain
        self.nonce = nonce
        self.permit2Nonce = permit2Nonce
        self.facts = facts
        self.members = members
    }
}

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
