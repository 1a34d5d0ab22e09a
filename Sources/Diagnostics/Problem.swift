/// A broken rule, with its location in the input, the value that was found there, and the value that was expected
/// there.
public struct Problem: RuleBroken, Cause {
    /// The broken rule. To branch on the rule, compare it with a case: `problem.rule as? JSONRule == .unknownField`.
    public let rule: any Rule
    /// Where the problem is: a JSON pointer, an argument (``ArgumentPlace``) or a file.
    public let field: String?
    /// The file to which the JSON pointer in `field` belongs. Its name is escaped. `nil` if `field` itself names the
    /// file, or if there is no file.
    public let file: String?
    /// The value that was found at `field`. It is escaped, and it is truncated if it is too long.
    public let saw: String?
    /// The value that was expected at `field`.
    public let expected: String?
    /// More detail, such as a position in the input.
    public let detail: String?
    /// The cause of the problem. `nil` unless advice about the cause helps the user more than advice about the rule.
    public let cause: (any Cause)?

    /// The stable code of the rule. Its parts are separated by dots.
    public var code: String { rule.rawValue }

    /// The problem as one sentence. It is safe to print, because all untrusted text in it is escaped.
    public var message: String {
        var message = rule.meaning
        if let detail { message += ": \(detail)" }
        if let saw { message += "; saw \(saw)" }
        if let expected { message += "; expected \(expected)" }
        return message
    }

    /// The location as the user sees it. If the file is known, the location is the name of the file with the JSON
    /// pointer. If not, the location is `field`.
    public var place: String? {
        guard let file else { return field }
        return field.map { $0.isEmpty || $0 == file ? file : "\(file)#\($0)" } ?? file
    }

    /// Makes a problem. Text that may be untrusted is escaped here.
    ///
    /// - Parameters:
    ///   - rule: the broken rule.
    ///   - field: the JSON pointer, argument or file name. It may be untrusted input, so it is escaped.
    ///   - saw: the value that was found at `field`. It may be untrusted input, so it is escaped and truncated.
    ///   - expected: the value that was expected at `field`. It must be the program's own text, because it is not
    ///     escaped.
    ///   - detail: more detail, such as a position. It must be the program's own text, because it is not escaped.
    ///   - cause: the cause, if advice about the cause helps more than advice about the rule.
    public init(
        _ rule: some Rule, at field: String? = nil, saw: String? = nil, expected: String? = nil, detail: String? = nil,
        because cause: (any Cause)? = nil
    ) {
        self.rule = rule
        self.field = field.map { escaped($0, limit: 256) }
        self.file = nil
        self.saw = saw.map { escaped($0) }
        self.expected = expected
        self.detail = detail
        self.cause = cause
    }

    /// Makes a problem that another problem, `cause`, has caused. Its detail is the message of `cause`. It also
    /// contains `cause` itself, because the advice can depend on it.
    public init(_ rule: some Rule, because cause: Problem, at field: String) {
        self.init(rule, at: field, detail: cause.message, because: cause)
    }

    private init(_ other: Problem, field: String?, file: String? = nil, cause: (any Cause)?) {
        self.rule = other.rule
        self.field = field
        self.file = file
        self.saw = other.saw
        self.expected = other.expected
        self.detail = other.detail
        self.cause = cause
    }

    /// Returns a copy of this problem with another location. A decoder finds out which rule is broken, but only the
    /// caller of the decoder can tell where the text came from.
    public func at(_ field: String) -> Problem {
        Problem(self, field: escaped(field, limit: 256), cause: cause)
    }

    /// Returns a copy of this problem with the name of the file to which its JSON pointer belongs. The empty pointer is
    /// the whole file. If the problem has no JSON pointer or already has a file, returns the problem unchanged.
    public func inFile(_ path: String) -> Problem {
        guard file == nil, field.map({ $0.isEmpty || $0.hasPrefix("/") }) ?? false else { return self }
        return Problem(self, field: field, file: escaped(path, limit: 256), cause: cause)
    }

    /// Returns a copy of this problem with another cause. A decoder finds out which rule is broken, but only the caller
    /// of the decoder can tell how to fix the problem.
    public func because(_ cause: some Cause) -> Problem { Problem(self, field: field, file: file, cause: cause) }

    public var problems: [Problem] { [self] }

    public static func == (left: Problem, right: Problem) -> Bool { left.key == right.key }

    public func hash(into hasher: inout Hasher) { hasher.combine(key) }

    private struct Key: Hashable {
        let rule: AnyHashable
        let words: [String?]
        let cause: AnyHashable?
    }

    private var key: Key {
        Key(
            rule: AnyHashable(rule), words: [field, file, saw, expected, detail],
            cause: cause.map { AnyHashable($0) })
    }
}

/// All problems of one input, which are reported at once.
public struct ProblemList: RuleBroken, Hashable, Sendable {
    public let problems: [Problem]

    /// Makes a list of problems. Returns `nil` if `problems` is empty.
    public init?(_ problems: [Problem]) {
        guard !problems.isEmpty else { return nil }
        self.problems = problems
    }

    public init(_ first: Problem, _ others: Problem...) {
        self.problems = [first] + others
    }

    /// Makes a list of the problems that another error contains.
    public init(_ broken: some RuleBroken) {
        self.problems = broken.problems
    }

    /// Runs a closure that reads a file. If the closure throws, adds the name of the file to the problems.
    package static func inFile<Value>(_ path: String, _ read: () throws -> Value) throws -> Value {
        do { return try read() } catch let broken as any RuleBroken {
            throw ProblemList(broken.problems.map { $0.inFile(path) }) ?? ProblemList(broken)
        }
    }
}

/// The rules of one module, as an enum. Each case is one rule, and its raw value is a stable code with dots, which
/// users and scripts see.
///
/// Advice and exit codes are not part of a rule. The tools add them, because only the tools know their options.
public protocol Rule: Cause, RawRepresentable<String>, CaseIterable {
    /// What is wrong if this rule is broken. In a message, the text follows "error: ". It does not end with a full
    /// stop.
    var meaning: String { get }
}

/// The cause of a problem. Advice to the user can depend on the cause as well as on the rule. A cause can itself be a
/// rule or a problem.
public protocol Cause: Hashable, Sendable {}

/// An error that lists broken rules. Every error that a module of Airlock throws conforms to this protocol.
public protocol RuleBroken: Error {
    /// The problems. The list is never empty. The first problem decides the exit code.
    var problems: [Problem] { get }
}

/// The name of a value that the caller gives in addition to the request. A ``Problem`` can have this name as its
/// location. The name ends with a colon, like a Swift argument label, for example `value:`.
///
/// No JSON pointer and no part of a payment URI has this form, so the name cannot be confused with them. The tools show
/// the user the command-line option that sets the value, and not this name.
public enum ArgumentPlace: String, CaseIterable, Sendable {
    /// The payment method. Only some kinds of request let the caller choose one.
    case method = "method:"
    /// The maximum amount that a swap is allowed to spend.
    case value = "value:"
    /// The pool of a swap.
    case poolFee = "poolFee:"
    /// The token to spend.
    case token = "token:"
    /// The contract that quotes the price of a swap.
    case quoter = "quoter:"
    case payer = "payer:"
    case chain = "chain:"
    /// A reference for a request that does not contain one.
    case reference = "reference:"
    /// The conditions file. It contains values that the online machine queried from the chain, such as the nonce and
    /// the fees.
    case conditions = "conditions:"
    case nonce = "nonce:"
    case gas = "gas:"
    case maxFeePerGas = "maxFeePerGas:"
    case maxPriorityFeePerGas = "maxPriorityFeePerGas:"
    /// The gas limit of an approval. It is always estimated, so no option sets it.
    case approveGas = "approveGas:"
    /// Whether Airlock is allowed to sign an approval before the payment.
    case approve = "approve:"
    /// The number of versions of each transaction that are signed. Each version has higher fees than the version
    /// before.
    case rungs = "rungs:"
    /// Whether transactions that cancel the payment are signed too.
    case cancel = "cancel:"
    /// The transaction to replace.
    case replace = "replace:"
    case policy = "policy:"
    /// The current time, which is compared with deadlines.
    case now = "now:"
    /// The Safe that will execute a batch, or for which a message is signed.
    case safe = "safe:"
    case safeVersion = "safeVersion:"
    case safeNonce = "safeNonce:"
    /// A Safe that is an owner of another Safe, and that approves the transaction of the other Safe.
    case ownerSafe = "ownerSafe:"
    /// The proof of the state of a Safe.
    case safeProof = "safeProof:"

    /// The location of a value. If the caller gave the value as an argument, the location is this argument. If the
    /// value comes from a file, the location is `pointer`, the JSON pointer of the member with the value.
    public func place(or pointer: String, isGiven: Bool) -> String { isGiven ? rawValue : pointer }
}

extension Problem {
    /// Makes a problem with an argument. The caller gave a wrong value for the argument, or no value.
    public init(
        _ rule: some Rule, at argument: ArgumentPlace, saw: String? = nil, expected: String? = nil,
        detail: String? = nil, because cause: (any Cause)? = nil
    ) {
        self.init(rule, at: argument.rawValue, saw: saw, expected: expected, detail: detail, because: cause)
    }

    /// Returns a copy of this problem whose location is the argument.
    public func at(_ argument: ArgumentPlace) -> Problem { at(argument.rawValue) }
}
