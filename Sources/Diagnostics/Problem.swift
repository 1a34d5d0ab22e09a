/// One broken rule, the place where it was broken, what was seen there and what was expected.
public struct Problem: RuleBroken, Cause {
    /// What was broken. To decide by it, ask for the rule itself: `problem.rule as? JSONRule == .unknownMember`.
    public let rule: any Rule
    /// The JSON pointer, the argument (``ArgumentPlace``) or the file that the problem is in.
    public let field: String?
    /// The file that `field` is a pointer into, escaped; `nil` where that is said by `field`, or not known.
    public let file: String?
    /// What stood there, escaped and capped.
    public let saw: String?
    /// What should have stood there.
    public let expected: String?
    /// More of it, such as a position.
    public let detail: String?
    /// Why it was broken, where more helps than what helps against the rule.
    public let cause: (any Cause)?

    /// The stable, dotted code of the rule.
    public var code: String { rule.rawValue }

    /// One sentence, safe to print: everything foreign in it went through the escaper.
    public var message: String {
        var message = rule.meaning
        if let detail { message += ": \(detail)" }
        if let saw { message += "; saw \(saw)" }
        if let expected { message += "; expected \(expected)" }
        return message
    }

    /// Where it is: a file and a pointer into it, or what `field` is else.
    public var place: String? {
        guard let file else { return field }
        return field.map { $0.isEmpty || $0 == file ? file : "\(file)#\($0)" } ?? file
    }

    /// - Parameters:
    ///   - rule: what was broken.
    ///   - field: the JSON pointer, argument or file name; foreign, so it is escaped here.
    ///   - saw: what stood there; foreign, so it is escaped and capped here.
    ///   - expected: what should have stood there, in our own words.
    ///   - detail: more in our own words, such as a position.
    ///   - cause: why it was broken, where more helps than what helps against the rule.
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

    /// A rule of the caller's that was broken because another was: the message of that one is kept, and what helps.
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

    /// The same problem, said of another place: a codec knows the rule, its caller knows where the text stood.
    public func at(_ field: String) -> Problem {
        Problem(self, field: escaped(field, limit: 256), cause: cause)
    }

    /// The same problem of the text in a file: its pointer is one into that file.
    public func inFile(_ path: String) -> Problem {
        guard file == nil, field.map({ $0.hasPrefix("/") }) ?? false else { return self }
        return Problem(self, field: field, file: escaped(path, limit: 256), cause: cause)
    }

    /// The same problem for another reason: a codec knows the rule, its caller knows who can mend it.
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

    /// All that another error says.
    public init(_ broken: some RuleBroken) {
        self.problems = broken.problems
    }
}

/// The rules of one module. Each case is one rule; its raw value is the stable, dotted code that users and scripts see.
///
/// What a person can do about it, and how a process ends, is not said here: the tools know their options and exit codes.
public protocol Rule: Cause, RawRepresentable<String>, CaseIterable {
    /// What is wrong when this rule is broken: a sentence without its full stop, as it reads after "error: ".
    var meaning: String { get }
}

/// Why a rule was broken, as a value: what an advice depends on besides the rule. Another rule or problem can be one.
public protocol Cause: Hashable, Sendable {}

/// An error that can say which rules were broken. Every error that a module of Airlock throws is one.
public protocol RuleBroken: Error {
    /// Never empty; the first is the one that decides how a process ends.
    var problems: [Problem] { get }
}

/// What a caller gives beside a request, as the place of a ``Problem``: written like the label of an argument, `value:`.
///
/// No pointer into a file looks like it, and no place in a payment URI. A tool shows the option by which a person gives
/// the same.
public enum ArgumentPlace: String, CaseIterable, Sendable {
    /// The way of paying, where a kind of request has several.
    case method = "method:"
    /// The most that a swap may spend.
    case value = "value:"
    /// The pool of a swap.
    case poolFee = "poolFee:"
    /// The token that is spent.
    case token = "token:"
    /// The contract that is asked for the price of a swap.
    case quoter = "quoter:"
    case payer = "payer:"
    case chain = "chain:"
    /// What a request is known by that has no reference of its own.
    case reference = "reference:"
    /// What the online machine measured.
    case conditions = "conditions:"
    case nonce = "nonce:"
    case gas = "gas:"
    case maxFeePerGas = "maxFeePerGas:"
    case maxPriorityFeePerGas = "maxPriorityFeePerGas:"
    /// The gas of an approval, which is measured and never given by itself.
    case approveGas = "approveGas:"
    /// Whether an approval may come first.
    case approve = "approve:"
    /// How many variants are signed.
    case rungs = "rungs:"
    /// Whether a cancel is signed too.
    case cancel = "cancel:"
    /// The transaction that is replaced.
    case replace = "replace:"
    case policy = "policy:"
    /// The time to check deadlines against.
    case now = "now:"
    /// The Safe whose transaction a batch is to be.
    case safe = "safe:"
    case safeVersion = "safeVersion:"
    case safeNonce = "safeNonce:"
    /// The Safe that approves another Safe's transaction, as its owner.
    case ownerSafe = "ownerSafe:"
    /// The proof of a Safe's state.
    case safeProof = "safeProof:"

    /// The place of the member of a file that says the same where the caller gives nothing.
    public func place(or pointer: String, isGiven: Bool) -> String { isGiven ? rawValue : pointer }
}

extension Problem {
    /// A problem of what the caller gave, or should have given.
    public init(
        _ rule: some Rule, at argument: ArgumentPlace, saw: String? = nil, expected: String? = nil,
        detail: String? = nil, because cause: (any Cause)? = nil
    ) {
        self.init(rule, at: argument.rawValue, saw: saw, expected: expected, detail: detail, because: cause)
    }

    /// The same problem, said of what the caller gave.
    public func at(_ argument: ArgumentPlace) -> Problem { at(argument.rawValue) }
}
