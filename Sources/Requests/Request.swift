public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// A request to sign something. The request was read from a file or another source. It is well-formed, but its content
/// has not been verified yet.
///
/// To add a kind of request, write a module with one type that conforms to this protocol. Then add this type to the
/// table of kinds in the module `RequestKinds`.
public protocol Request: Sendable {
    /// The name of the kind, such as `transfer`.
    static var kind: String { get }

    /// Recognises a signed call as a request of this kind. Returns `nil` if the call differs in any way from the calls
    /// that requests of this kind make.
    static func reading(_ signed: SignedCall) -> RecognisedCall?

    /// The error codes that are specific to this kind of request.
    static var rules: [any Rule.Type] { get }

    /// The errors with which a contract can revert when it executes a call for this kind of request. The standard
    /// errors of Solidity are not included.
    static var errors: [ContractError] { get }

    /// Whether the contract reverted because it refused a signature in the call data. For some kinds of request, the
    /// call data contains the signature of a message, such as a permit.
    static func refusesSignature(_ revert: ContractRevert) -> Bool

    /// The help texts about this kind of request. Both `airlock` and `airlock-relay` show them.
    static var help: KindHelp { get }

    /// Decodes call data into the called function and its arguments. Returns `nil` if requests of this kind do not use
    /// the called function.
    static func function(of data: [UInt8]) -> FunctionCall?

    /// The name that error messages use for a file with this kind of request. The name has an article, such as "a
    /// transfer file".
    static var fileName: String { get }

    /// Whether a JSON document looks like a file with this kind of request. The request in the file can still be
    /// malformed.
    static func recognises(_ root: JSONValue) -> Bool

    /// Reads a JSON file with a request of this kind. Throws all problems of the file.
    static func read(_ root: JSONValue) throws(ProblemList) -> Self

    /// The name of a JSON member in a line of a batch that contains a request of this kind. A line can also contain the
    /// request in the member `request`, which any kind of request can use. `nil` if this kind of request can only be in
    /// the member `request`.
    static var ownMember: String? { get }

    /// Returns the token amounts that a call takes from its sender's account, and the payee. Returns `nil` if this kind
    /// of request does not use the called function.
    static func movement(_ call: SignedCall) -> CallOutflow?

    /// Whether `field`, the location of a problem, is a location in this request. If not, the problem is in another
    /// file, such as the conditions file.
    func isPlace(_ field: String) -> Bool

    /// Whether this request and another request count as the same request. Such requests can differ only in values
    /// that are not signed and do not become visible on the chain.
    func isSame(as other: any Request) -> Bool

    /// What the request was read as, as text for the user. The text names the kind of the request, the format of its
    /// source, such as a file or a URI, or both.
    var readAs: String { get }

    /// Text for the review about the format of the request. The text states which checks were made when the request was
    /// read.
    var form: String { get }

    /// The terms of the request: which amount is owed, to whom, and until when.
    var terms: Terms { get }

    /// Returns the reference that identifies the request. Airlock records the reference, so that it does not sign the
    /// same request twice.
    func reference(payer: Address) -> Reference

    /// The lists of addresses in a policy that are used only for requests of this kind.
    static var policyLists: [PolicyList] { get }

    /// The addresses of this request that are compared with the policy's lists for this kind of request
    /// (``policyLists``). The payee and the currency are not included.
    var pins: [Pin] { get }

    /// The section of a policy that contains the rules for this kind of request. `nil` if this kind has no such
    /// section; the policy's list of recipients is then used instead.
    static var policySection: PolicySection? { get }

    /// Checks the request against the policy's rules for this kind of request. Also finds the problems that make
    /// Airlock refuse the request under any policy. `rules` is `nil` if the policy has no rules for this kind of
    /// request.
    func judged(by rules: (any KindRules)?, payer: Address?) -> PolicyResult

    /// The nonce, gas and fees that the request itself states; `nil` if the request states none of them.
    var proposal: Proposal? { get }

    /// Returns a problem if the request has expired at the given time, and `nil` if it has not expired.
    func expiry(at now: Timestamp) -> Problem?

    /// Returns this request with the given reference added. Throws if the text is not valid, or if no reference can be
    /// added, for example because the request already has one.
    func referenced(_ text: String) throws(Problem) -> any Request

    /// Throws if a request of this kind cannot be paid with the given payment method.
    func requireMethod(_ name: String) throws(Problem)

    /// Whether a contract enforces the terms of this kind of request. If so, the signed bytes alone show which request
    /// is paid, and the contract refuses a second payment and a payment after the deadline.
    static var isKeptByContract: Bool { get }

    /// Whether there are several payment methods for this kind of request. If so, conditions that were prepared for one
    /// method cannot be used with another method.
    var hasMethods: Bool { get }

    /// Whether only a simulation can show how the request changes the payer's tokens and allowances. If so, the online
    /// machine must ask a node to simulate the call before the payer signs.
    static var isToldBySimulation: Bool { get }

    /// Whether many requests can use the same conditions. If so, the nodes need to be queried only once for all of
    /// these requests.
    var sharesConditions: Bool { get }

    /// Whether the payer signs only a message, and no transaction, if the given payment method is used. Another account
    /// then sends the transaction.
    func signsMessageAlone(method: String?) -> Bool

    /// Converts the amount in the option `--value` to the smallest unit of the amount's currency. `token` is the token
    /// in the conditions file.
    func value(
        _ text: String, method: String?, token: (symbol: String, decimals: Int)?
    ) throws(ValueError) -> UInt256

    /// Whether the amount that the user gives with the option `--value` is an amount of a token. If so, the token's
    /// decimals must be queried from the chain.
    func takesValueInToken(method: String?) -> Bool

    /// Verifies who made the request. For some kinds of request, this cannot be verified. The function then returns
    /// without an error.
    func prove() throws(ProblemList) -> any ProvedRequest

    /// Returns what the review shows about the request, besides its terms and the action that the key signs.
    func facts(_ words: PolicyFormatter) -> Facts

    /// Returns the warnings about the request that the review shows.
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

    /// Whether a JSON document looks like a file with this kind of request. A file without the member `airlock`, which
    /// contains the version, is accepted too, so that a later error can say that the member is missing. But if such a
    /// file has a member `data`, it is not accepted, because it may be the file of another program.
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

/// A request after Airlock has checked who made it. For some kinds of request, this check is not possible.
public protocol ProvedRequest: Sendable {
    /// Lines of text for the review. They state what was verified.
    var findings: [String] { get }
    /// Lines of text for the review. They state what could not be verified.
    var warnings: [String] { get }

    /// Returns the action that the key signs for this request. If there are problems that forbid signing, throws all of
    /// them.
    func action(_ inputs: ActionInputs) throws(ProblemList) -> Action

    /// Returns the values that must be queried from the chain before `action` can build the action. The request and
    /// `inputs` determine which values `action` requires. Throws all problems that can be found before these values are
    /// known.
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
    /// The address; `nil` if the request names no address. If the address is `nil`, the request is refused if the
    /// policy has this list or if `isRequired` is true.
    public let address: Address?
    /// Whether the request is refused if the policy does not have this list.
    public let isRequired: Bool
    /// Text that the review shows if the list contains the address.
    public let finding: String
    /// The warning that the review shows if the policy does not have this list. `nil` if the review shows no warning in
    /// this case.
    public let unlisted: String?
    /// A function that returns the problem for an address that the list does not contain.
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

/// Formats amounts and addresses with the symbols and labels in the policy. The request cannot choose these symbols and
/// labels, so it cannot mislead the user with them.
public struct PolicyFormatter: Sendable {
    public let chain: Chain
    /// Formats an amount of a currency. The zero address stands for native currency.
    public let amount: @Sendable (_ amount: UInt256, _ currency: Address) -> String

    /// Formats the requester's address, with the policy's label for this address if there is one.
    public let requester: @Sendable (Address) -> [String]

    /// The policy's rules for the kind of the request; `nil` if the policy has no such rules.
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

/// A named property of a request, as the review shows it. Each value of the property is shown on its own line.
public typealias Fact = (name: String, values: [String])

/// What the review shows about a request, besides its terms and the action that the key signs.
public struct Facts: Sendable {
    /// The properties that identify the request, such as its reference. The review shows these properties first.
    public let identity: [Fact]
    /// The parties that receive a share of the amount, and the share of each party.
    public let shares: [Fact]
    /// The parties that the request names besides those in `shares`, such as the requester.
    public let parties: [Fact]
    /// A function that returns a phrase, which the review shows after the amount and the chain. The phrase names the
    /// recipient and states how other parties share the amount with the recipient. `nil` if the recipient receives the
    /// whole amount.
    public let sharing: (@Sendable (_ recipient: String) -> String)?
    /// For a request that is not a payment, text that describes what the request does. The review shows this text
    /// instead of the description of a payment. `nil` if the request is a payment.
    public let deed: String?
    /// A warning that is shown again when the user is asked to confirm; `nil` if there is no such warning.
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

/// The reason why the content of a file is not a request. The advice to the user depends on this reason.
public enum RequestCause: Cause {
    /// The file contains typed data. Typed data is a message to sign, and not a request.
    case typedData
    /// The file does not begin like any form of a request: JSON, a payment URI, or 0x and hexadecimal digits.
    case unknownForm
    /// The file contains several JSON values, such as one request on each line.
    case severalRequests
}

/// The help texts about a kind of request. Both `airlock` and `airlock-relay` show them.
public struct KindHelp: Sendable {
    /// A help topic that is not about one particular command.
    public struct Topic: Sendable {
        public let name: String
        public let summary: String
        public let text: String
        /// A table that is shown below `text`.
        public let terms: [(String, String)]

        public init(_ name: String, _ summary: String, _ text: String, terms: [(String, String)] = []) {
            self.name = name
            self.summary = summary
            self.text = text
            self.terms = terms
        }
    }

    /// The payment methods that the option `--method` accepts for this kind of request, besides `auto`.
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
