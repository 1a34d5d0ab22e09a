/// One broken rule, the place where it was broken, what was seen there and what was expected.
public struct Problem: RuleBroken, Cause {
    /// The broken rule. Code that branches on it compares the rule itself: `problem.rule as? JSONRule ==
    /// .unknownField`.
    public let rule: any Rule
    /// The JSON pointer, the argument (``ArgumentPlace``) or the file that the problem is in.
    public let field: String?
    /// The file that `field` points into, escaped; `nil` if `field` itself names the file, or if there is no file.
    public let file: String?
    /// The value found there, escaped and cut to a limit.
    public let saw: String?
    /// The value expected there.
    public let expected: String?
    /// More detail, such as a position.
    public let detail: String?
    /// The cause, if advice on it helps more than advice on the rule.
    public let cause: (any Cause)?

    /// The stable, dotted code of the rule.
    public var code: String { rule.rawValue }

    /// One sentence, safe to print: all untrusted text in it is escaped.
    public var message: String {
        var message = rule.meaning
        if let detail { message += ": \(detail)" }
        if let saw { message += "; saw \(saw)" }
        if let expected { message += "; expected \(expected)" }
        return message
    }

    /// The location: a file and a pointer into it, or `field` alone.
    public var place: String? {
        guard let file else { return field }
        return field.map { $0.isEmpty || $0 == file ? file : "\(file)#\($0)" } ?? file
    }

    /// - Parameters:
    ///   - rule: the broken rule.
    ///   - field: the JSON pointer, argument or file name. It may be untrusted input, so it is escaped here.
    ///   - saw: the value found there. It may be untrusted input, so it is escaped and truncated here.
    ///   - expected: the value expected there, in the program's own words.
    ///   - detail: more detail in the program's own words, such as a position.
    ///   - cause: the cause, if advice on it helps more than advice on the rule.
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

    /// A broken rule that another problem caused. The message of that problem becomes the detail, and its advice is kept.
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

    /// The same problem at another place: a codec knows the rule, its caller knows where the text came from.
    public func at(_ field: String) -> Problem {
        Problem(self, field: escaped(field, limit: 256), cause: cause)
    }

    /// The same problem with a file name, if it has a JSON pointer: the pointer is one into that file.
    public func inFile(_ path: String) -> Problem {
        guard file == nil, field.map({ $0.hasPrefix("/") }) ?? false else { return self }
        return Problem(self, field: field, file: escaped(path, limit: 256), cause: cause)
    }

    /// The same problem with another cause: a codec knows the rule, its caller knows how to fix it.
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

/// Every problem of one input, reported at once.
public struct ProblemList: RuleBroken, Hashable, Sendable {
    public let problems: [Problem]

    /// `nil` when there is no problem to report.
    public init?(_ problems: [Problem]) {
        guard !problems.isEmpty else { return nil }
        self.problems = problems
    }

    public init(_ first: Problem, _ others: Problem...) {
        self.problems = [first] + others
    }

    /// The problems of another error.
    public init(_ broken: some RuleBroken) {
        self.problems = broken.problems
    }
}

/// The rules of one module. Each case is one rule; its raw value is the stable, dotted code that users and scripts see.
///
/// Advice and exit codes are not part of a rule: the tools add them, since only they know their options.
public protocol Rule: Cause, RawRepresentable<String>, CaseIterable {
    /// What is wrong when this rule is broken: a sentence without its full stop, as it reads after "error: ".
    var meaning: String { get }
}

/// The cause of a problem, on which advice can depend besides the rule. Another rule or problem can be a cause.
public protocol Cause: Hashable, Sendable {}

/// An error that lists the broken rules. Every error that a module of Airlock throws is one.
public protocol RuleBroken: Error {
    /// Never empty. The first one decides the exit code.
    var problems: [Problem] { get }
}

/// A value that the caller gives besides the request, as the place of a ``Problem``. It is written like an argument
/// label: `value:`.
///
/// No JSON pointer and no part of a payment URI has this form. The tools show the command-line option in its place.
public enum ArgumentPlace: String, CaseIterable, Sendable {
    /// The payment method, if the kind of request has several.
    case method = "method:"
    /// The maximum that a swap may spend.
    case value = "value:"
    /// The pool of a swap.
    case poolFee = "poolFee:"
    /// The token to spend.
    case token = "token:"
    /// The contract that quotes the price of a swap.
    case quoter = "quoter:"
    case payer = "payer:"
    case chain = "chain:"
    /// A reference for a request that has none.
    case reference = "reference:"
    /// The conditions that the online machine queried.
    case conditions = "conditions:"
    case nonce = "nonce:"
    case gas = "gas:"
    case maxFeePerGas = "maxFeePerGas:"
    case maxPriorityFeePerGas = "maxPriorityFeePerGas:"
    /// The gas of an approval. It is always estimated; no option sets it.
    case approveGas = "approveGas:"
    /// Whether an approval may precede the payment.
    case approve = "approve:"
    /// How many variants of each transaction are signed, each with higher fees.
    case rungs = "rungs:"
    /// Whether cancelling transactions are signed too.
    case cancel = "cancel:"
    /// The transaction to replace.
    case replace = "replace:"
    case policy = "policy:"
    /// The time to check deadlines against.
    case now = "now:"
    /// The Safe that will execute a batch.
    case safe = "safe:"
    case safeVersion = "safeVersion:"
    case safeNonce = "safeNonce:"
    /// The Safe that approves another Safe's transaction as one of its owners.
    case ownerSafe = "ownerSafe:"
    /// The proof of a Safe's state.
    case safeProof = "safeProof:"

    /// This place if the caller gave the value, else the pointer to the member of the file that holds it.
    public func place(or pointer: String, isGiven: Bool) -> String { isGiven ? rawValue : pointer }
}

extension Problem {
    /// A problem with a value that the caller gave, or failed to give.
    public init(
        _ rule: some Rule, at argument: ArgumentPlace, saw: String? = nil, expected: String? = nil,
        detail: String? = nil, because cause: (any Cause)? = nil
    ) {
        self.init(rule, at: argument.rawValue, saw: saw, expected: expected, detail: detail, because: cause)
    }

    /// The same problem, located at the caller's argument.
    public func at(_ argument: ArgumentPlace) -> Problem { at(argument.rawValue) }
}
