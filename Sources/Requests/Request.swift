public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// A request to sign something. It has been read and is well-formed, but nothing in it has been verified yet.
///
/// A kind of request is a module with one type that conforms to this protocol, and one line in the table of kinds.
public protocol Request: Sendable {
    /// The name of the kind, such as `transfer`.
    static var kind: String { get }

    /// Reads a signed call back as a request of this kind; `nil` if its bytes are not exactly one.
    static func reading(_ signed: SignedCall) -> ReadBack?

    /// The rules of its module.
    static var rules: [any Rule.Type] { get }

    /// The errors that its contracts revert with, besides those of every contract.
    static var errors: [ContractError] { get }

    /// Whether this revert means that the signature of a message in the call is wrong.
    static func refusesSignature(_ revert: ContractRevert) -> Bool

    /// The help of the tools on this kind.
    static var help: KindHelp { get }

    /// The function and the arguments in call data; `nil` if this kind has no such function.
    static func function(of data: [UInt8]) -> FunctionCall?

    /// The name of a file of this kind, with an article.
    static var fileName: String { get }

    /// Whether a JSON file is of this kind. Such a file may still be malformed.
    static func recognises(_ root: JSONValue) -> Bool

    /// Reads a JSON file of this kind.
    static func read(_ root: JSONValue) throws(ProblemList) -> Self

    /// The member of a line of a batch that may hold a request of this kind instead of `request`; `nil` for none.
    static var ownMember: String? { get }

    /// The effect of a call on the payer's money; `nil` if this kind does not call its function.
    static func movement(_ call: SignedCall) -> Movement?

    /// Whether this is a place in the request.
    func isPlace(_ field: String) -> Bool

    /// Whether both are the same in everything that the key signs or the chain sees.
    func isSame(as other: any Request) -> Bool

    /// The kind, and the form from which the request was read.
    var readAs: String { get }

    /// The checks that were run when the request was read, in a sentence.
    var form: String { get }

    /// The terms: what is owed, to whom, and until when.
    var terms: Terms { get }

    /// The reference that identifies the request, so that it is not signed twice.
    func reference(payer: Address) -> Reference

    /// The lists of a policy that belong to this kind.
    static var policyLists: [PolicyList] { get }

    /// The addresses that a policy must list besides the payee and the currency.
    var pins: [Pin] { get }

    /// The member of a policy that judges requests of this kind, instead of the list of recipients; `nil` for none.
    static var policySection: PolicySection? { get }

    /// Judges the request by the policy's rules for its kind, and refuses what no policy can allow. The rules are `nil`
    /// if the policy has none for the kind.
    func judged(by rules: (any KindRules)?, payer: Address?) -> Judgement

    /// The nonce, gas and fees that the request itself states; `nil` if it states none.
    var proposal: Proposal? { get }

    /// The problem if it has expired at a time; `nil` if it has not.
    func expiry(at now: Timestamp) -> Problem?

    /// The same request with a reference. Throws if it has one already, or if its kind has no references.
    func referenced(_ text: String) throws(Problem) -> any Request

    /// Refuses a payment method that the kind does not have.
    func requireMethod(_ name: String) throws(Problem)

    /// Whether a contract of this kind enforces the terms. Then signed bytes alone show that they pay such a request,
    /// and the chain refuses to pay it twice or late.
    static var isKeptByContract: Bool { get }

    /// Whether there are several payment methods, so that conditions are queried for one of them.
    var hasMethods: Bool { get }

    /// Whether only a simulation shows what the request changes for the payer. Then a node is asked for one.
    static var isToldBySimulation: Bool { get }

    /// Whether the request can use conditions that were queried for many requests.
    var sharesConditions: Bool { get }

    /// Whether this payment method signs only a message, for a call that somebody else sends.
    func signsMessageAlone(method: String?) -> Bool

    /// Reads the value that the user typed. `token` is the token of the conditions.
    func value(
        _ text: String, method: String?, token: (symbol: String, decimals: Int)?
    ) throws(ValueError) -> UInt256

    /// Whether the user types the value as an amount of a token, whose decimals only the chain knows.
    func takesValueInToken(method: String?) -> Bool

    /// Verifies the requester, as far as possible.
    func prove() throws(ProblemList) -> any ProvedRequest

    /// The facts that the review shows besides terms and action.
    func facts(_ words: Words) -> Facts

    /// The warnings of the review.
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

    /// Also accepts a file that names the kind but no version, so that the error says what is missing, unless the file
    /// may be another program's.
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

/// A request whose requester is verified, if its kind has a proof.
public protocol ProvedRequest: Sendable {
    /// The facts that were verified, in sentences.
    var findings: [String] { get }
    /// The facts that could not be verified, in sentences.
    var warnings: [String] { get }

    /// The action that the key signs for the request. Throws all reasons not to sign.
    func action(_ means: Means) throws(ProblemList) -> Action

    /// The values that must be queried from the chain first, as far as the arguments determine them. Throws every
    /// problem that can be found without a query.
    func questions(_ means: Means) throws(ProblemList) -> Questions
}

extension ProvedRequest {
    public func questions(_ means: Means) throws(ProblemList) -> Questions {
        Questions(method: means.method, takes: try action(means).call.taken)
    }
}

/// An address that one of the policy's lists must hold.
public struct Pin: Sendable {
    /// The name of the ``PolicyList``.
    public let list: String
    /// The address; `nil` if the request names none. Such a request is refused only if the policy has this list.
    public let address: Address?
    /// Whether a policy without the list refuses the request.
    public let isRequired: Bool
    /// The finding if the list holds the address.
    public let finding: String
    /// The warning to show if the policy has no such list; `nil` if there is nothing to warn of.
    public let unlisted: String?
    /// The problem if the list does not hold the address.
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

/// Formats amounts and parties by the policy's symbols and labels, which no request can choose.
public struct Words: Sendable {
    public let chain: Chain
    /// An amount of a currency; the zero address is native currency.
    public let amount: @Sendable (_ amount: UInt256, _ currency: Address) -> String

    /// The requester: the policy's label, if it has one, and the address.
    public let requester: @Sendable (Address) -> [String]

    /// The policy's rules for the kind; `nil` if it has none.
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

/// The facts that a kind adds to the review.
public struct Facts: Sendable {
    /// The first lines, which identify the request.
    public let identity: [Fact]
    /// The parties that get a share of the amount, and their shares.
    public let shares: [Fact]
    /// Other parties that it names.
    public let parties: [Fact]
    /// The end of the sentence, after the amount, if the payee does not get all of it; `nil` if the payee does.
    public let sharing: (@Sendable (_ recipient: String) -> String)?
    /// The beginning of the sentence for a request that is not a payment; `nil` for a payment.
    public let deed: String?
    /// The caution that the question to the user repeats; `nil` for none.
    public let caution: String?
    /// The members that `--json` adds, before those of the recipient.
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

/// The rules of handling a request.
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

/// The reason why a file is not a request, if it needs advice of its own.
public enum RequestCause: Cause {
    /// The file is typed data, which is a message.
    case typedData
}

/// The help of the tools on a kind of request.
public struct KindHelp: Sendable {
    /// A help topic that concerns several commands.
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

    /// The names that `--method` accepts, besides `auto`.
    public let methods: [String]
    /// Paragraphs for the commands that review and sign.
    public let notes: String
    /// Paragraphs for the command `prepare`.
    public let preparing: String
    public let topics: [Topic]

    public init(methods: [String] = [], notes: String = "", preparing: String = "", topics: [Topic] = []) {
        self.methods = methods
        self.notes = notes
        self.preparing = preparing
        self.topics = topics
    }
}
