public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// The transaction or the message that the key signs for a request.
public enum Action: Sendable {
    /// A transaction of the payer.
    case call(Call)
    /// A message is signed first, and its signature becomes part of the payer's transaction. Until then the call has a
    /// placeholder for it.
    case messageInCall(Message, Call, placing: @Sendable (_ signature: [UInt8]) -> Call)
    /// Only a message is signed; somebody else sends the call that contains its signature. The message is `nil` while
    /// its nonce or its token's domain is missing.
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

    /// Whether only a message is signed, and no transaction of the payer.
    public var isMessageAlone: Bool { if case .message = self { true } else { false } }

    /// The call with the message's signature in it.
    public func placing(_ signature: [UInt8]) -> Call {
        switch self {
        case .call(let call): call
        case .messageInCall(_, _, let placing), .message(_, _, let placing): placing(signature)
        }
    }
}

/// One call of a contract, or a transfer of native currency. A class, because every step of a payment shares it.
public final class Call: Sendable {
    public let to: Address
    public let value: UInt256
    public let data: [UInt8]
    /// The tokens that the call transfers from the payer, or lets others transfer.
    public let takes: [Take]
    /// The payment method: the name of a function, the same as ``Means/method`` if there is a choice.
    public let method: String
    /// Whether the call may spend less than its amounts, so that all of them are upper bounds.
    public let isUpTo: Bool
    /// The fee tier of the pool in which the call swaps.
    public let poolFee: UInt64?
    /// What was verified when the call was built, in sentences.
    public var findings: [String] { makeFindings() }
    /// The facts that the review shows.
    public var facts: [Fact] { makeFacts() }
    /// The members that `--json` adds.
    public var members: [(name: String, value: JSONOutput)] { makeMembers() }
    // A batch shows none of them, so they are made on demand.
    private let makeFindings: @Sendable () -> [String]
    private let makeFacts: @Sendable () -> [Fact]
    private let makeMembers: @Sendable () -> [(name: String, value: JSONOutput)]
    /// An equivalent call that uses an allowance instead of the message's signature, so that it can be simulated before
    /// the message is signed. `nil` if the call contains no message.
    public let standIn: (@Sendable () throws(ProblemList) -> Call)?

    public init(
        to: Address, value: UInt256, data: [UInt8], takes: [Take] = [], method: String, isUpTo: Bool = false,
        poolFee: UInt64? = nil, findings: @autoclosure @escaping @Sendable () -> [String] = [],
        facts: @autoclosure @escaping @Sendable () -> [Fact] = [],
        members: @autoclosure @escaping @Sendable () -> [(name: String, value: JSONOutput)] = [],
        standIn: (@Sendable () throws(ProblemList) -> Call)? = nil
    ) {
        self.to = to
        self.value = value
        self.data = data
        self.takes = takes
        self.method = method
        self.isUpTo = isUpTo
        self.poolFee = poolFee
        makeFindings = findings
        makeFacts = facts
        makeMembers = members
        self.standIn = standIn
    }
}

extension Call {
    /// The token that the payer must hold when the call is mined; `nil` if the call spends none.
    public var taken: Take? { takes.first { $0.needsBalance } }
}

/// An amount of a token that a call transfers from the payer, or lets others transfer.
public struct Take: Hashable, Sendable {
    /// The way in which the amount leaves the payer.
    public enum Way: Hashable, Sendable {
        /// The payer's own transaction transfers it; `nil` if the request's payee gets it.
        case moved(to: Address?)
        /// The call makes a contract transfer it from the payer, for which the contract needs an allowance.
        case pulled(by: Address)
        /// The called contract spends at most this amount, according to the policy's `spends` or to its function.
        case used(by: Address)
        /// The call approves a spender for at most this amount.
        case allowed(to: Address)
    }

    public let token: Address
    public let amount: UInt256
    public let way: Way
    /// The place of the amount in the request, as a JSON pointer; `nil` if the request does not state it.
    public let place: String?

    /// The recipient or spender, if it is not the request's payee.
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

    /// With a `nil` spender the payer's own transaction transfers it to the payee.
    public init(token: Address, amount: UInt256, spender: Address?) {
        self.init(token: token, amount: amount, spender.map { .pulled(by: $0) } ?? .moved(to: nil))
    }

    /// The spender that needs an allowance to transfer it; `nil` if none does.
    public var spender: Address? { if case .pulled(let spender) = way { spender } else { nil } }

    /// Whether the payer must hold this amount when the transaction is mined.
    public var needsBalance: Bool {
        switch way {
        case .moved, .pulled: true
        case .used, .allowed: false
        }
    }
}

/// A message that is signed by its digest and lets others act for the payer, such as a permit.
public struct Message: Sendable {
    public let digest: Hash
    /// The domain separator, which only the conditions state, and the token that it must belong to.
    public let domain: (separator: Hash, token: Address)?
    /// The token that counts its nonce, and the nonce; `nil` if the ledger does not count the nonce.
    public let nonce: (token: Address, number: UInt64)?
    /// The nonce of a Permit2 permit. Permit2 accepts each nonce once.
    public let permit2Nonce: UInt256?
    /// The facts that the review shows.
    public let facts: [Fact]
    /// The members that `--json` shows.
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

/// The inputs of an action besides the request: the caller's arguments, the conditions, and the policy.
public struct Means: Sendable {
    public let payer: Address
    /// The payment method; `nil` leaves the choice to the kind.
    public var method: String?
    /// The maximum that a swap may spend.
    public var value: UInt256?
    /// The pool of a swap.
    public var poolFee: UInt64?
    /// The token to spend, as the caller named it.
    public var namedToken: Address?
    /// Whether an approval may precede the payment.
    public var approves = false
    /// The nonce to use: the account's, or the token's if only a message is signed.
    public var nonce: UInt64?
    /// The chain's wrapped native currency, from the policy.
    public var wrappedNative: Address?
    /// The maximum price of a swap: wei for one whole unit of the currency that is owed.
    public var highestPrice: UInt256?
    /// The decimals and symbol of the currency that is owed, from the policy.
    public var owed: (decimals: Int, symbol: String)?
    /// The token of the conditions, the payer's balance of it, and its domain separator if the node gave one.
    public var token: (address: Address, balance: UInt256, domainSeparator: Hash?)?
    /// The allowance of a spender for that token.
    public var allowance: (spender: Address, amount: UInt256)?
    /// The value that the online machine proposes for a swap.
    public var proposedValue: UInt256?
    public var proposedPoolFee: UInt64?

    /// The policy's rules for this kind of request; `nil` if it has none, or if there is no policy.
    public var rules: (any KindRules)?

    public init(payer: Address) { self.payer = payer }

    public func balance(of token: Address) -> UInt256? {
        self.token.flatMap { $0.address == token ? $0.balance : nil }
    }

    public func allowance(of spender: Address) -> UInt256? {
        allowance.flatMap { $0.spender == spender ? $0.amount : nil }
    }
}

/// The values that must be queried from the chain before a request's call can be built.
public struct Questions: Sendable {
    /// An exact amount of a token that has to be bought, for which each pool quotes a price.
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

    /// The payment method; `nil` for a kind that has only one.
    public let method: String?
    /// The token that is spent. For a swap, its amount is known only later.
    public let takes: Take?
    /// The quote that a swap needs unless the caller gives a price, or the problem that prevents the query; `nil` if
    /// nothing is swapped.
    public let swap: Result<Swap, Problem>?
    /// The chain's wrapped native currency, if the method and the named token determine it.
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
