public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// A request to sign something. The request has been read and is well-formed, but none of its content has been verified
/// yet.
///
/// To add a kind of request, write a module with one type that conforms to this protocol. Then add this type to the
/// table of kinds in the module `RequestKinds`.
public protocol Request: Sendable {
    /// The name of the kind, such as `transfer`.
    static var kind: String { get }

    /// Recognises a signed call as a request of this kind. Returns `nil` if the call's bytes are not exactly such a
    /// request.
    static func reading(_ signed: SignedCall) -> RecognisedCall?

    /// The error codes that are specific to this kind of request.
    static var rules: [any Rule.Type] { get }

    /// The errors with which the contracts that pay this kind of request can revert. Errors that every contract can
    /// have are not included.
    static var errors: [ContractError] { get }

    /// Whether a revert means that the call data contain a wrong signature. Some calls contain the signature of a
    /// message, such as a permit.
    static func refusesSignature(_ revert: ContractRevert) -> Bool

    /// The texts about this kind of request that the help of both tools shows.
    static var help: KindHelp { get }

    /// Decodes call data to a function and the arguments of the call. Returns `nil` if requests of this kind do not use
    /// the called function.
    static func function(of data: [UInt8]) -> FunctionCall?

    /// The name that error messages use for a file with this kind of request. The name has an article, such as "a
    /// transfer file".
    static var fileName: String { get }

    /// Whether a JSON document is a file with this kind of request. The request in it may still be malformed.
    static func recognises(_ root: JSONValue) -> Bool

    /// Reads a JSON file with a request of this kind. Throws all problems of the file.
    static func read(_ root: JSONValue) throws(ProblemList) -> Self

    /// The name of the JSON member that contains a request of this kind in a line of a batch. This member is an
    /// alternative to the member `request`, which can contain a request of any kind. `nil` if requests of this kind are
    /// always in the member `request`.
    static var ownMember: String? { get }

    /// The amounts that a call takes from its sender's account, and the payee. Returns `nil` if this kind of request
    /// does not use the called function.
    static func movement(_ call: SignedCall) -> CallOutflow?

    /// Whether a problem's field belongs to this request, and not to another file such as the conditions file.
    func isPlace(_ field: String) -> Bool

    /// Whether another request counts as the same request. The two may differ only in values that the key does not sign
    /// and that do not become visible on the chain.
    func isSame(as other: any Request) -> Bool

    /// The kind of the request, and the form of the input from which it was read. The user sees this text.
    var readAs: String { get }

    /// Text for the review. It states which checks were made when the request was read.
    var form: String { get }

    /// The terms of the request: which amount is owed, to whom, and until when.
    var terms: Terms { get }

    /// The reference that identifies the request. It prevents a second signature for the same request.
    func reference(payer: Address) -> Reference

    /// The lists of addresses in a policy that only requests of this kind use.
    static var policyLists: [PolicyList] { get }

    /// The addresses that a policy must list so that it allows this request. The payee and the currency are not
    /// included.
    var pins: [Pin] { get }

    /// The section of a policy that contains the rules for this kind of request. `nil` if there is no such section, and
    /// the policy's list of recipients applies instead.
    static var policySection: PolicySection? { get }

    /// Checks the request against the policy's rules for this kind of request. Also finds problems that no policy can
    /// allow. `rules` is `nil` if the policy has no rules for this kind of request.
    func judged(by rules: (any KindRules)?, payer: Address?) -> PolicyResult

    /// The nonce, gas and fees that the request itself states; `nil` if the request states none of them.
    var proposal: Proposal? { get }

    /// The problem that the request has expired at the given time; `nil` if it has not expired.
    func expiry(at now: Timestamp) -> Problem?

    /// The same request with a reference added. Throws if the request already has one, or if its kind has no
    /// references.
    func referenced(_ text: String) throws(Problem) -> any Request

    /// Throws if this kind of request cannot be paid by the given payment method.
    func requireMethod(_ name: String) throws(Problem)

    /// Whether a contract enforces the terms of this kind of request. If so, the signed bytes alone show which request
    /// is paid. The contract also refuses a second payment and a late payment.
    static var isKeptByContract: Bool { get }

    /// Whether the kind has several payment methods. If so, conditions that were prepared for one method cannot be used
    /// with another method.
    var hasMethods: Bool { get }

    /// Whether only a simulation can show how the request changes the payer's tokens and allowances. If so, a node must
    /// simulate the call.
    static var isToldBySimulation: Bool { get }

    /// Whether many requests can use the same conditions. If so, the nodes need to be queried only once for all of
    /// these requests.
    var sharesConditions: Bool { get }

    /// Whether the key signs only a message if this payment method is used. Somebody else then sends the call.
    func signsMessageAlone(method: String?) -> Bool

    /// Converts the amount that the user gives with the option `--value`. `token` is the token in the conditions file.
    func value(
        _ text: String, method: String?, token: (symbol: String, decimals: Int)?
    ) throws(ValueError) -> UInt256

    /// Whether the amount of the option `--value` is an amount of a token. If so, the token's decimals must be queried
    /// from the chain.
    func takesValueInToken(method: String?) -> Bool

    /// Verifies who made the request. For some kinds of request this is not possible.
    func prove() throws(ProblemList) -> any ProvedRequest

    /// The facts that the review shows besides the terms and the action.
    func facts(_ words: PolicyFormatter) -> Facts

    /// The warnings that the review shows.
    func warnings(_ words: PolicyFormatter) -> [String]
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

    public static func movement(_ call: SignedCall) -> CallOutflow? { nil }

    public static var help: KindHelp { KindHelp() }

    public static func function(of data: [UInt8]) -> FunctionCall? { nil }

    public static var fileName: String { "a \(kind) file" }

    /// Whether a JSON document is a file with this kind of request. A file without a version is accepted too, so that a
    /// later error can explain what is missing. A file that has no version but a member `data` is not accepted, because
    /// it may be the file of another program.
    public static func recognises(_ root: JSONValue) -> Bool {
        root["kind"]?.string == kind && (root["airlock"] != nil || root["data"] == nil)
    }

    public static var ownMember: String? { nil }

    public static var policySection: PolicySection? { nil }

    public func judged(by rules: (any KindRules)?, payer: Address?) -> PolicyResult { PolicyResult() }

    public var proposal: Proposal? { nil }

    public func warnings(_ words: PolicyFormatter) -> [String] { [] }

    public var hasMethods: Bool { false }

    public var sharesConditions: Bool { !hasMethods }

    public func signsMessageAlone(method: String?) -> Bool { false }

    public func takesValueInToken(method: String?) -> Bool { false }

    public func value(
        _ text: String, method: String?, token: (symbol: String, decimals: Int)?
    ) throws(ValueError) -> UInt256 { try Amount.parseNative(text, on: terms.chain) }
}

/// A request after its requester was verified. For some kinds the requester cannot be verified.
public protocol ProvedRequest: Sendable {
    /// Lines of text for the review. They state what was verified.
    var findings: [String] { get }
    /// Lines of text for the review. They state what could not be verified.
    var warnings: [String] { get }

    /// The action that the key signs for this request. Throws all problems that forbid a signature.
    func action(_ inputs: ActionInputs) throws(ProblemList) -> Action

    /// The values that must be queried from the chain before `action` can build the action. The request and `inputs`
    /// determine which values `action` requires. Throws every problem that can be found without these values.
    func questions(_ inputs: ActionInputs) throws(ProblemList) -> ChainQueries
}

extension ProvedRequest {
    public func questions(_ inputs: ActionInputs) throws(ProblemList) -> ChainQueries {
        ChainQueries(method: inputs.method, takes: try action(inputs).call.taken)
    }
}

/// An address that must be in one of the policy's lists.
public struct Pin: Sendable {
    /// The name of the ``PolicyList`` that must contain the address.
    public let list: String
    /// The address; `nil` if the request names no address. A request without the address is refused only if the policy
    /// has this list.
    public let address: Address?
    /// Whether the request is refused if the policy does not have the list.
    public let isRequired: Bool
    /// Text that the review shows if the list contains the address.
    public let finding: String
    /// The warning that the review shows if the policy does not have this list. `nil` if the review shows no warning in
    /// this case.
    public let unlisted: String?
    /// The problem if the list does not contain the address.
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

/// Formats amounts and parties with the policy's symbols and labels. A request cannot choose them, so it cannot mislead
/// the user.
public struct PolicyFormatter: Sendable {
    public let chain: Chain
    /// Formats an amount of a currency. The zero address stands for native currency.
    public let amount: @Sendable (_ amount: UInt256, _ currency: Address) -> String

    /// Formats the requester as the address, with the policy's label for this address if there is one.
    public let requester: @Sendable (Address) -> [String]

    /// The policy's rules for this kind of request; `nil` if the policy has no such rules.
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

/// A fact that the review shows. It has a name, and one line for each value.
public typealias Fact = (name: String, values: [String])

/// The facts that a kind of request adds to the review.
public struct Facts: Sendable {
    /// The facts that identify the request. The review shows them first.
    public let identity: [Fact]
    /// The parties that receive a share of the amount, and the share of each party.
    public let shares: [Fact]
    /// Other parties that the request names.
    public let parties: [Fact]
    /// Makes a phrase from the recipient. The phrase states how other parties share the amount with the payee. The
    /// review shows this phrase after the amount and the chain. `nil` if the payee receives the whole amount.
    public let sharing: (@Sendable (_ recipient: String) -> String)?
    /// Text that describes what the request does, if the request is not a payment. The review shows it in place of the
    /// payment. `nil` for a payment.
    public let deed: String?
    /// A warning that is repeated when the user is asked to confirm; `nil` if there is no such warning.
    public let caution: String?
    /// The JSON members that only this kind of request has. The option `--json` writes them before the members about
    /// the recipient.
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

/// The error codes for requests of any kind.
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
        case .otherCall: "the call data does not match the request"
        case .argumentUnused: "what was given has no effect on a request of this kind"
        case .noPayer: "the payer is not known"
        case .unknownKind: "this is not a request"
        case .ambiguous: "the request can be read as two kinds"
        case .twice: "the line holds two requests"
        case .twoConditions: "the line has its own conditions, besides those for all lines"
        }
    }
}

/// The reason why a file is not a request. For each such reason there is separate advice for the user.
public enum RequestCause: Cause {
    /// The file contains typed data, which is a message and not a request.
    case typedData
}

/// The texts about a kind of request for the help of both tools.
public struct KindHelp: Sendable {
    /// A help topic that is not about a single command.
    public struct Topic: Sendable {
        public let name: String
        public let summary: String
        public let text: String
        /// A table that is shown below the text.
        public let terms: [(String, String)]

        public init(_ name: String, _ summary: String, _ text: String, terms: [(String, String)] = []) {
            self.name = name
            self.summary = summary
            self.text = text
            self.terms = terms
        }
    }

    /// The payment methods that `--method` accepts, besides `auto`.
    public let methods: [String]
    /// Help text for the commands that review and sign requests.
    public let notes: String
    /// Help text for the command `prepare`.
    public let preparing: String
    public let topics: [Topic]

    public init(methods: [String] = [], notes: String = "", preparing: String = "", topics: [Topic] = []) {
        self.methods = methods
        self.notes = notes
        self.preparing = preparing
        self.topics = topics
    }
}
