public import AirlockDiagnostics
public import AirlockEthereumTypes

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
    /// What it takes from the payer in a token.
    public let takes: Take?
    /// How it pays: a function's name, as `--method` takes it where there is a choice.
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
    public let members: [(name: String, value: String)]
    /// A call that does the same without the message's signature, by an allowance: what can be simulated before the message
    /// is signed. `nil` where no message stands in it.
    public let standIn: (@Sendable () throws(ProblemList) -> Call)?

    public init(
        to: Address, value: UInt256, data: [UInt8], takes: Take? = nil, method: String, isUpTo: Bool = false,
        poolFee: UInt64? = nil, findings: [String] = [], facts: [Fact] = [],
        members: [(name: String, value: String)] = [], standIn: (@Sendable () throws(ProblemList) -> Call)? = nil
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

/// An amount of a token that a call takes from the payer.
public struct Take: Hashable, Sendable {
    public let token: Address
    public let amount: UInt256
    /// Who must be allowed to take it; `nil` where the payer's own transaction moves it.
    public let spender: Address?

    public init(token: Address, amount: UInt256, spender: Address?) {
        self.token = token
        self.amount = amount
        self.spender = spender
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
