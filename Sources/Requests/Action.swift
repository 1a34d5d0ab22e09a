public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// What the key signs for a request: a transaction, a message, or both.
public enum Action: Sendable {
    /// The key signs a transaction of the payer, and nothing else.
    case call(Call)
    /// The key signs a message first. The signature of the message then becomes a part of the payer's transaction.
    /// Until the message is signed, the call data of the transaction contains a placeholder for the signature.
    case messageInCall(Message, Call, placing: @Sendable (_ signature: [UInt8]) -> Call)
    /// The key signs only a message. Somebody else sends the call that contains the signature of the message. The
    /// message is `nil` while its nonce or the domain separator of its token is not known.
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

    /// Whether the key signs only a message. The payer then sends no transaction.
    public var isMessageAlone: Bool { if case .message = self { true } else { false } }

    /// Returns the call with the message's signature in place of the placeholder. If the key signs no message, returns
    /// the call unchanged.
    public func placing(_ signature: [UInt8]) -> Call {
        switch self {
        case .call(let call): call
        case .messageInCall(_, _, let placing), .message(_, _, let placing): placing(signature)
        }
    }
}

/// A call of a contract, or a transfer of native currency. It is a class because all steps of a payment share the same
/// call.
public final class Call: Sendable {
    public let to: Address
    public let value: UInt256
    public let data: [UInt8]
    /// The token amounts that the call transfers from the payer, or allows others to transfer.
    public let takes: [TokenOutflow]
    /// The name of the payment method. If the kind of request has several methods, it is the name of the called
    /// contract function and equals ``ActionInputs/method``. If the kind has only one method, the name is usually the
    /// name of the kind.
    public let method: String
    /// Whether the call may spend less than the stated amounts. In that case every amount is an upper bound.
    public let isUpTo: Bool
    /// The fee tier of the pool that a swap uses; `nil` if the call swaps nothing.
    public let poolFee: UInt64?
    /// Lines of text for the review, which state what Airlock verified when it built the call.
    public var findings: [String] { makeFindings() }
    /// Labelled values that describe the call. The review shows them.
    public var facts: [Fact] { makeFacts() }
    /// The JSON members that the option `--json` shows for the call.
    public var members: [(name: String, value: JSONOutput)] { makeMembers() }
    // The values of `findings`, `facts` and `members` are computed only when a caller reads them. This saves time for a
    // batch of payments, because the output for a batch does not contain these values.
    private let makeFindings: @Sendable () -> [String]
    private let makeFacts: @Sendable () -> [Fact]
    private let makeMembers: @Sendable () -> [(name: String, value: JSONOutput)]
    /// A function that makes an equivalent call. The equivalent call uses a token allowance in place of the signature
    /// of a message, so it can be simulated before the message is signed. `nil` if this call contains no signature of a
    /// message.
    public let standIn: (@Sendable () throws(ProblemList) -> Call)?

    public init(
        to: Address, value: UInt256, data: [UInt8], takes: [TokenOutflow] = [], method: String, isUpTo: Bool = false,
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
    /// The token amount that the payer must hold when the call is mined; `nil` if the payer need not hold a token.
    public var taken: TokenOutflow? { takes.first { $0.needsBalance } }
}

/// An amount of a token that a call transfers from the payer, or that it allows others to transfer.
public struct TokenOutflow: Hashable, Sendable {
    /// How the amount leaves the payer's account.
    public enum Way: Hashable, Sendable {
        /// The payer's own transaction transfers the amount to a recipient. `to` is `nil` if the recipient is the payee
        /// of the request.
        case moved(to: Address?)
        /// The call causes a contract to transfer the amount from the payer. The contract can do this only if the payer
        /// has given it an allowance.
        case pulled(by: Address)
        /// The called contract spends at most this amount. The amount comes from the policy's member `spends`, or from
        /// the called function.
        case used(by: Address)
        /// The call gives a spender an allowance of this amount.
        case allowed(to: Address)
    }

    public let token: Address
    public let amount: UInt256
    public let way: Way
    /// The JSON pointer of the amount in the request; `nil` if the request does not state the amount.
    public let place: String?
    /// The JSON pointer of the ``taker`` in the request; `nil` if the request does not name the taker.
    public let takerPlace: String?

    /// The recipient of the amount, or the spender that gets an allowance. `nil` if the recipient is the payee of the
    /// request, or if a contract takes the amount from the payer.
    public var taker: Address? {
        switch way {
        case .moved(let payee): payee
        case .allowed(let spender): spender
        case .pulled, .used: nil
        }
    }

    public init(token: Address, amount: UInt256, _ way: Way, at place: String? = nil, takerAt takerPlace: String? = nil)
    {
        self.token = token
        self.amount = amount
        self.way = way
        self.place = place
        self.takerPlace = takerPlace
    }

    /// Makes a token amount. If `spender` is `nil`, the payer's own transaction transfers the amount to the payee.
    public init(token: Address, amount: UInt256, spender: Address?) {
        self.init(token: token, amount: amount, spender.map { .pulled(by: $0) } ?? .moved(to: nil))
    }

    /// The contract that transfers this amount from the payer, and that needs an allowance to do so. `nil` if the
    /// amount leaves the payer's account in another way.
    public var spender: Address? { if case .pulled(let spender) = way { spender } else { nil } }

    /// Whether the payer must hold this amount when the transaction is mined.
    public var needsBalance: Bool {
        switch way {
        case .moved, .pulled: true
        case .used, .allowed: false
        }
    }
}

/// A message that lets others act for the payer, such as a permit. The key signs the digest of the message.
public struct Message: Sendable {
    public let digest: Hash
    /// The domain separator of the message (EIP-712), and the token contract to which this domain separator must
    /// belong. The domain separator is read from the conditions file or the conditions in a batch line, because the
    /// request does not contain it.
    public let domain: (separator: Hash, token: Address)?
    /// The nonce of the message, and the token contract that counts these nonces; `nil` if the ledger does not track
    /// the nonce.
    public let nonce: (token: Address, number: UInt64)?
    /// The nonce of a Permit2 permit. Permit2 accepts each nonce once.
    public let permit2Nonce: UInt256?
    /// Labelled values that describe the message. The review shows them.
    public let facts: [Fact]
    /// The JSON members that the option `--json` shows for the message.
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

/// What an action depends on besides the request: the caller's arguments, the conditions that the online machine
/// queried from the chain, and the policy.
public struct ActionInputs: Sendable {
    public let payer: Address
    /// The payment method; `nil` if the kind of request chooses the method.
    public var method: String?
    /// The maximum amount that a swap may spend.
    public var value: UInt256?
    /// The fee tier of the pool that a swap uses.
    public var poolFee: UInt64?
    /// The token to spend; `nil` if the caller chose no token.
    public var namedToken: Address?
    /// Whether the payment is allowed to begin with an approval, which is a transaction that sets a token allowance.
    public var approves = false
    /// The nonce to use. For a transaction, it is the nonce of the payer's account. If only a message is signed, it is
    /// the nonce that the token contract expects from the payer.
    public var nonce: UInt64?
    /// The contract of the chain's wrapped native currency, as the policy lists it.
    public var wrappedNative: Address?
    /// The maximum price of a swap, in wei per whole unit of the currency in which the request asks for payment.
    public var highestPrice: UInt256?
    /// The decimals and the symbol of the currency in which the request asks for payment, as the policy lists them.
    public var owed: (decimals: Int, symbol: String)?
    /// The token that the conditions describe: the address of the token, the payer's balance, and the token's domain
    /// separator (EIP-712). The domain separator is `nil` if the conditions do not contain it.
    public var token: (address: Address, balance: UInt256, domainSeparator: Hash?)?
    /// A spender, and the amount of the token `token` that the payer allows this spender to transfer. Both are read
    /// from the conditions.
    public var allowance: (spender: Address, amount: UInt256)?
    /// The maximum amount that the online machine proposes for a swap.
    public var proposedValue: UInt256?
    public var proposedPoolFee: UInt64?

    /// The policy's rules for this kind of request; `nil` if there is no policy or the policy has no such rules.
    public var rules: (any KindRules)?

    public init(payer: Address) { self.payer = payer }

    public func balance(of token: Address) -> UInt256? {
        self.token.flatMap { $0.address == token ? $0.balance : nil }
    }

    public func allowance(of spender: Address) -> UInt256? {
        allowance.flatMap { $0.spender == spender ? $0.amount : nil }
    }
}

/// What must be queried from the chain before the call of a request can be built.
public struct ChainQueries: Sendable {
    /// A swap that must buy an exact amount of a token. There is one pool for each of the fees in `poolFees`, and each
    /// pool must be queried for its price.
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

    /// The payment method; `nil` if this kind of request has only one method.
    public let method: String?
    /// The token that the call spends, and the amount. For a swap, the amount may be a placeholder, because the price
    /// is not known until the pools have been queried.
    public let takes: TokenOutflow?
    /// The swap for which the pools are queried, or the reason why they cannot be queried. `nil` if nothing is swapped,
    /// or if the caller gives the price.
    public let swap: Result<Swap, Problem>?
    /// The contract of the chain's wrapped native currency; `nil` if Airlock cannot determine it. For a chain that
    /// Airlock does not know, this is the currency of the request or the token that the caller chose, depending on the
    /// payment method.
    public let wrappedNative: Address?

    public init(
        method: String? = nil, takes: TokenOutflow?, swap: Result<Swap, Problem>? = nil, wrappedNative: Address? = nil
    ) {
        self.method = method
        self.takes = takes
        self.swap = swap
        self.wrappedNative = wrappedNative
    }
}
