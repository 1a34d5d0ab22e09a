/// One broken rule, the place where it was broken, what was seen there and what was expected.
public struct Problem: RuleBroken, Hashable, Sendable {
    /// The stable, dotted code of the rule.
    public let code: String
    public let exit: ExitCode
    /// One sentence, safe to print: everything foreign in it went through the escaper.
    public let message: String
    /// The JSON pointer, option or file that the problem is in.
    public let field: String?
    /// What to do next.
    public let hint: String?
    /// The file that `field` is a pointer into, escaped; `nil` where that is said by `field`, or not known.
    public let file: String?

    /// Where it is: a file and a pointer into it, or what `field` is else.
    public var place: String? {
        guard let file else { return field }
        return field.map { $0.isEmpty || $0 == file ? file : "\(file)#\($0)" } ?? file
    }

    /// - Parameters:
    ///   - rule: what was broken.
    ///   - field: the JSON pointer, option or file name; foreign, so it is escaped here.
    ///   - saw: what stood there; foreign, so it is escaped and capped here.
    ///   - expected: what should have stood there, in our own words.
    ///   - detail: more in our own words, such as a position.
    ///   - hint: what to do here, where that can be said better than the rule's `next` does.
    public init(
        _ rule: some Rule, at field: String? = nil, saw: String? = nil, expected: String? = nil, detail: String? = nil,
        hint: String? = nil
    ) {
        var message = rule.meaning
        if let detail { message += ": \(detail)" }
        if let saw { message += "; saw \(escaped(saw))" }
        if let expected { message += "; expected \(expected)" }
        self.code = rule.rawValue
        self.exit = rule.exit
        self.message = message
        self.field = field.map { escaped($0, limit: 256) }
        self.hint = hint ?? rule.next
        self.file = nil
    }

    /// A rule of the caller's that was broken because another was: the message and the hint of that one are kept.
    public init(_ rule: some Rule, because cause: Problem, at field: String) {
        self.code = rule.rawValue
        self.exit = rule.exit
        self.message = "\(rule.meaning): \(cause.message)"
        self.field = escaped(field, limit: 256)
        self.hint = cause.hint
        self.file = nil
    }

    private init(_ other: Problem, field: String?, hint: String?, file: String? = nil) {
        self.code = other.code
        self.exit = other.exit
        self.message = other.message
        self.field = field
        self.hint = hint
        self.file = file
    }

    /// The same problem, said of another place: a codec knows the rule, its caller knows where the text stood.
    public func at(_ field: String) -> Problem {
        Problem(self, field: escaped(field, limit: 256), hint: hint)
    }

    /// The same problem of the text in a file: its pointer is one into that file.
    public func inFile(_ path: String) -> Problem {
        guard file == nil, field.map({ $0.hasPrefix("/") }) ?? false else { return self }
        return Problem(self, field: field, hint: hint, file: escaped(path, limit: 256))
    }

    /// The same problem with another way out: a codec knows the rule, its caller knows who can mend it.
    public func hinting(_ hint: String) -> Problem { Problem(self, field: field, hint: hint, file: file) }

    public var problems: [Problem] { [self] }
}

/// Every problem of one input, reported at once.
public struct ProblemList: RuleBroken, Hashable, Sendable {
    public let problems: [Problem]

    /// Nothing when there is nothing to report.
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
