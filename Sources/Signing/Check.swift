public import AirlockDiagnostics
public import AirlockStrictJSON

/// The results of checking one subject, such as the policy or the key.
public struct Check: Sendable {
    public enum Subject: String, CaseIterable, Sendable {
        /// The signed bytes of the transactions of a payment that was signed earlier.
        case transactions
        case request
        case signature
        case policy
        case time
        case key
        case contract
        /// The human-readable description of the call, which a descriptor (ERC-7730) provides.
        case words
        case money
        /// The earlier signatures in the ledger, which can conflict with the new signature.
        case ledger
    }

    public enum Status: String, Sendable {
        case ok
        case warning = "warn"
        case refused
    }

    public let subject: Subject
    /// The name of the subject. If the subject is a request, this is the name of the request's kind.
    public let name: String
    /// Sentences about what was checked and is correct. They require no action from the user.
    public internal(set) var findings: [String] = []
    /// Warnings that the user should read before signing.
    public internal(set) var warnings: [String] = []
    /// The problems for which Airlock refuses to sign.
    public internal(set) var problems: [Problem] = []

    /// Whether ``findings`` stays empty. A batch sets this to true to save time, because it shows no review and uses
    /// only the problems.
    private let isBrief: Bool

    init(_ subject: Subject, _ name: String? = nil, isBrief: Bool = false) {
        self.subject = subject
        self.name = name ?? subject.rawValue
        self.isBrief = isBrief
    }

    /// Makes the result of a check that another module has run.
    package init(_ subject: Subject, _ name: String? = nil, findings: [String], warnings: [String] = []) {
        self.init(subject, name)
        self.findings = findings
        self.warnings = warnings
    }

    public var status: Status { !problems.isEmpty ? .refused : !warnings.isEmpty ? .warning : .ok }

    /// Marks the check as not run, because it is not known what would be signed. If the check has no problem yet, adds
    /// a warning, so that the check does not count as passed. Another check reports the reason.
    mutating func leaveOut() {
        if problems.isEmpty { warnings.append("not looked at: what would be signed is not known") }
    }

    /// If the condition `holds` is true, adds a finding to ``findings``. If not, adds a problem to ``problems``.
    mutating func require(_ holds: Bool, _ finding: @autoclosure () -> String, else problem: () -> Problem) {
        if holds { find(finding()) } else { problems.append(problem()) }
    }

    /// Adds to ``findings`` a sentence about a check that passed. If `isBrief` is true, nothing is added.
    mutating func find(_ finding: @autoclosure () -> String) {
        if !isBrief { findings.append(finding()) }
    }

    mutating func find(all found: @autoclosure () -> [String]) {
        if !isBrief { findings += found() }
    }
}

extension Check {
    /// Returns the check as text. The text starts with `ok`, `warn` or `refused` and the subject. The ``problems``, the
    /// ``warnings`` and the ``findings`` follow.
    ///
    /// - Parameters:
    ///   - width: the maximum number of columns of a line.
    ///   - withFindings: whether the ``findings`` are included.
    public func text(width: Int = 80, withFindings: Bool = true) -> String {
        let says = (problems.map(\.message) + warnings + (withFindings ? findings : [])).joined(separator: "; ")
        return Page.fact(status.rawValue, ["\(name): \(says)"], width: width)
    }

    /// Returns the text of several checks. If `all` is true, every check is shown in full. If `all` is false, the first
    /// line tells how many checks passed. The checks that did not pass follow, without their findings and each after an
    /// empty line.
    static func text(_ checks: [Check], width: Int, all: Bool, bold: Bool) -> String {
        guard !all else { return checks.map { $0.text(width: width) }.joined() }
        let fine = checks.count { $0.status == .ok }
        var text = fine == 0 ? "" : fine == 1 ? "1 check ok\n" : "\(fine) checks ok\n"
        for check in checks where check.status != .ok {
            let said = check.text(width: width, withFindings: false)
            text += (text.isEmpty ? "" : "\n") + (bold ? "\u{1b}[1m\(said.dropLast())\u{1b}[0m\n" : said)
        }
        return text
    }

    /// Returns the check as JSON.
    ///
    /// - Parameter problem: converts one problem to JSON.
    public func json(_ problem: (Problem) -> JSONOutput) -> JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("check", .string(name)), ("status", .string(status.rawValue)),
            ("findings", .array(findings.map { .string($0) })), ("warnings", .array(warnings.map { .string($0) })),
        ]
        if !problems.isEmpty { members.append(("errors", .array(problems.map(problem)))) }
        return .object(members)
    }
}
