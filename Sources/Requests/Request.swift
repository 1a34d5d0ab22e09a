public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// A request that was read and is well-formed: what somebody asks the key to sign. Nothing in it has been believed yet.
///
/// A kind of request is a module with one type that conforms to this, and one line in the table of kinds.
public protocol Request: Sendable {
    /// What the kind is called, such as `transfer`.
    static var kind: String { get }

    /// What a signed call pays, told by its bytes; `nil` where it is none of this kind, or not exactly one.
    static func reading(_ signed: SignedCall) -> ReadBack?

    /// The rules that its module refuses by.
    static var rules: [any Rule.Type] { get }

    /// What its contracts revert with, besides the errors that every contract makes.
    static var errors: [ContractError] { get }

    /// Does a call that stands beside a message revert since the message's signature is not the right one?
    static func refusesSignature(_ revert: ContractRevert) -> Bool

    /// What the help of the tools says of it.
    static var help: KindHelp { get }

    /// The function that call data calls, with its arguments, where it is one of this kind's.
    static func function(of data: [UInt8]) -> FunctionCall?

    /// What a file of it is called, with an article.
    static var fileName: String { get }

    /// Is a JSON file one of this kind? One that is may still be malformed.
    static func recognises(_ root: JSONValue) -> Bool

    /// Reads a JSON file of this kind.
    static func read(_ root: JSONValue) throws(ProblemList) -> Self

    /// The member of a line of a batch that may hold one in the place of `request`; `nil` for none.
    static var ownMember: String? { get }

    /// What a call does with the payer's money, where its function is one that this kind calls.
    static func movement(_ call: SignedCall) -> Movement?

    /// Does a problem at this place stand in the request?
    func isPlace(_ field: String) -> Bool

    /// Is it the same in everything that the key or the chain sees?
    func isSame(as other: any Request) -> Bool

    /// What it was read as: its kind, and the form that it came in.
    var readAs: String { get }

    /// What was checked when it was read, in a sentence.
    var form: String { get }

    /// What is owed, to whom, and until when.
    var terms: Terms { get }

    /// What must not be signed twice.
    func reference(payer: Address) -> Reference

    /// The lists that a policy has for its sake.
    static var policyLists: [PolicyList] { get }

    /// The addresses that a policy must list besides the payee and the currency.
    var pins: [Pin] { get }

    /// The member of a policy that judges requests of this kind, in the place of its list of recipients; `nil` for none.
    static var policySection: PolicySection? { get }

    /// What the kind's own member of the policy says of it, and what is refused whatever that says; `nil` where the policy
    /// lacks the member.
    func judged(by rules: (any KindRules)?, payer: Address?) -> Judgement

    /// The nonce, gas and fees that it names itself; `nil` where it names none.
    var proposal: Proposal? { get }

    /// Why it cannot be paid at a moment any more; `nil` where it can.
    func expiry(at now: Timestamp) -> Problem?

    /// The same request with a reference, for one that has none; throws where its kind takes none.
    func referenced(_ text: String) throws(Problem) -> any Request

    /// Refuses a way of paying that the kind does not have.
    func requireMethod(_ name: String) throws(Problem)

    /// Does a contract of the kind's own keep the terms? Then signed bytes alone tell that they pay such a request, and the
    /// chain refuses to pay it twice or late.
    static var isKeptByContract: Bool { get }

    /// Are there several ways to pay it, for one of which conditions are measured?
    var hasMethods: Bool { get }

    /// Does only a simulation tell what it changes for the payer? Then the chain is asked for it.
    static var isToldBySimulation: Bool { get }

    /// Can conditions that were measured for many requests be its own?
    var sharesConditions: Bool { get }

    /// Does this way of paying sign a message alone, whose call somebody else sends?
    func signsMessageAlone(method: String?) -> Bool

    /// Reads what a person typed as the value; `token` is the one that was measured.
    func value(
        _ text: String, method: String?, token: (symbol: String, decimals: Int)?
    ) throws(ValueError) -> UInt256

    /// Is what a person types as the value an amount of a token, which only the chain can tell of?
    func takesValueInToken(method: String?) -> Bool

    /// Proves who asks, as far as that can be proved.
    func prove() throws(ProblemList) -> any ProvedRequest

    /// What a person should read besides terms and action.
    func facts(_ words: Words) -> Facts

    /// What of that stands out.
    func warnings(_ words: Words) -> [String]
}

extension Request {
    public func isPlace(_ field: String) -> Bool {
        let places = terms.places
        return [
            places.chain, places.payer, places.payee, places.currency, places.amount, places.expires, places.reference,
        ].contains(field)
    }

    public var readAs: String { Self.kind }

    public static var isKeptByContract: Bool { false }

    public static var isToldBySimulation: Bool { false }

    public static var errors: [ContractError] { [] }

    public static func refusesSignature(_ revert: ContractRevert) -> Bool { false }

    public static var policyLists: [PolicyList] { [] }

    public static func movement(_ call: SignedCall) -> Movement? { nil }

    public static var help: KindHelp { KindHelp() }

    public static func function(of data: [UInt8]) -> FunctionCall? { nil }

    public static var fileName: String { "a \(kind) file" }

    /// A file that names the kind and no version is told what it lacks, unless it may be somebody else's.
    public static func recognises(_ root: JSONValue) -> Bool {
        root["kind"]?.string == kind && (root["airlock"] != nil || root["data"] == nil)
    }

    public static var ownMember: String? { nil }

    public static var policySection: PolicySection? { nil }

    public func judged(by rules: (any KindRules)?, payer: Address?) -> Judgement { Judgement() }

    public var proposal: Proposal? { nil }

    public func warnings(_ words: Words) -> [String] { [] }

    public var hasMethods: Bool { false }

    public var sharesConditions: Bool { !hasMethods }

    public func signsMessageAlone(method: String?) -> Bool { false }

    public func takesValueInToken(method: String?) -> Bool { false }

    public func value(
        _ text: String, method: String?, token: (symbol: String, decimals: Int)?
    ) throws(ValueError) -> UInt256 { try Amount.parseNative(text, on: terms.chain) }
}

/// A request whose sender is proved, where its kind has a proof.
public protocol ProvedRequest: Sendable {
    /// What was proved, in sentences.
    var findings: [String] { get }
    /// What was not.
    var warnings: [String] { get }

    /// What the key does about it, or every reason why it does nothing.
    func action(_ means: Means) throws(ProblemList) -> Action

    /// What the chain has to be asked before, as far as what was typed tells; or what can be refused without asking.
    func questions(_ means: Means) throws(ProblemList) -> Questions
}

extension ProvedRequest {
    public func questions(_ means: Means) throws(ProblemList) -> Questions {
        Questions(method: means.method, takes: try action(means).call.taken)
    }
}

/// An address that one of the policy's lists must hold.
public struct Pin: Sendable {
    /// The list's name, as its ``PolicyList`` has it.
    public let list: String
    /// The address; `nil` where the request names none, which is refused only where the policy has the list.
    public let address: Address?
    /// Does a policy without the list refuse?
    public let isRequired: Bool
    /// What is said where the list holds the address.
    public let finding: String
    /// What is warned of where the policy has no such list; `nil` where there is nothing to warn of.
    public let unlisted: String?
    /// What is broken where it does not.
    public let problem: @Sendable (_ expected: String) -> Problem

    public init(
        list: String, address: Address?, isRequired: Bool, finding: String, unlisted: String? = nil,
        problem: @escaping @Sendable (_ expected: String) -> Problem
    ) {
        self.list = list
        self.address = address
        self.isRequired = isRequired
        self.finding = finding
        self.unlisted = unlisted
        self.problem = problem
    }
}

/// How amounts and parties are said: in the policy's words, which no request can choose.
public struct Words: Sendable {
    public let chain: Chain
    /// An amount of a currency; the zero address is native currency.
    public let amount: @Sendable (_ amount: UInt256, _ currency: Address) -> String

    /// Who asks: the policy's label, where it has one, and the address.
    public let requester: @Sendable (Address) -> [String]

    /// What the policy says for the kind's sake; `nil` where it says nothing.
    public let rules: (any KindRules)?

    public init(
        chain: Chain, amount: @escaping @Sendable (_ amount: UInt256, _ currency: Address) -> String,
        requester: @escaping @Sendable (Address) -> [String], rules: (any KindRules)? = nil
    ) {
        self.chain = chain
        self.amount = amount
        self.requester = requester
        self.rules = rules
    }

    public func native(_ amount: UInt256) -> String { "\(Amount.format(amount, decimals: 18)) \(chain.nativeSymbol)" }
}

/// A fact of the review: its name, and its values in lines.
public typealias Fact = (name: String, values: [String])

/// What a kind adds to the review.
public struct Facts: Sendable {
    /// What the request is known by: the first lines.
    public let identity: [Fact]
    /// Who gets what of the amount.
    public let shares: [Fact]
    /// Whom else it names.
    public let parties: [Fact]
    /// What follows the amount in the sentence where the payee does not get all of it; `nil` where the payee does.
    public let sharing: (@Sendable (_ recipient: String) -> String)?
    /// What is done, where the request is no payment: the beginning of the sentence.
    public let deed: String?
    /// What the question repeats of it where it matters.
    public let caution: String?
    /// What `--json` adds, before the recipient's members.
    public let members: [(name: String, value: String)]

    public init(
        identity: [Fact] = [], shares: [Fact] = [], parties: [Fact] = [],
        sharing: (@Sendable (_ recipient: String) -> String)? = nil, deed: String? = nil, caution: String? = nil,
        members: [(name: String, value: String)] = []
    ) {
        self.identity = identity
        self.shares = shares
        self.parties = parties
        self.sharing = sharing
        self.deed = deed
        self.caution = caution
        self.members = members
    }
}

/// What is wrong between a request and what would be done about it.
public enum RequestRule: String, Rule {
    case otherCall = "self-check.other-call"
    case argumentUnused = "request.option-without-effect"
    case noPayer = "request.no-payer"
    case unknownKind = "request.unknown-kind"
    case ambiguous = "request.two-kinds"
    case twice = "request.two-in-a-line"
    case twoConditions = "request.two-conditions"

    public var meaning: String {
        switch self {
        case .otherCall: "the call data says something else than the request"
        case .argumentUnused: "what was given has no effect on a request of this kind"
        case .noPayer: "nothing says who pays"
        case .unknownKind: "this is no request"
        case .ambiguous: "the request can be read as two kinds"
        case .twice: "the line holds two requests"
        case .twoConditions: "the line has conditions of its own, beside those that all lines take"
        }
    }
}

/// Why something is no request, where something else helps than what the rule says.
public enum RequestCause: Cause {
    /// It is a message: typed data.
    case typedData
}

/// What the help of the tools says of a kind of request.
public struct KindHelp: Sendable {
    /// Something to know that belongs to no command alone.
    public struct Topic: Sendable {
        public let name: String
        public let summary: String
        public let text: String
        /// A table under the text.
        public let terms: [(String, String)]

        public init(_ name: String, _ summary: String, _ text: String, terms: [(String, String)] = []) {
            self.name = name
            self.summary = summary
            self.text = text
            self.terms = terms
        }
    }

    /// The names that `--method` takes, besides `auto`.
    public let methods: [String]
    /// Paragraphs for the commands that review and sign.
    public let notes: String
    /// Paragraphs for the command that measures.
    public let preparing: String
    public let topics: [Topic]

    public init(methods: [String] = [], notes: String = "", preparing: String = "", topics: [Topic] = []) {
        self.methods = methods
        self.notes = notes
        self.preparing = preparing
        self.topics = topics
    }
}
