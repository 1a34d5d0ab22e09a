public import AirlockDiagnostics
public import AirlockStrictJSON

/// One of the things that are looked at before anything is signed, and what was found.
public struct Check: Sendable {
    public enum Subject: String, CaseIterable, Sendable {
        /// Of a payment that was signed before.
        case transactions
        case request
        case signature
        case policy
        case time
        case key
        case contract
        /// The call in words.
        case words
        case money
        /// Of what was signed before.
        case ledger
    }

    public enum Status: String, Sendable {
        case ok
        case warning = "warn"
        case refused
    }

    public let subject: Subject
    /// What the subject is called; a request is called by its kind.
    public let name: String
    /// What was found in order.
    public internal(set) var findings: [String] = []
    /// What the person should think about.
    public internal(set) var warnings: [String] = []
    /// Why nothing can be signed.
    public internal(set) var problems: [Problem] = []

    /// Is what is in order left unsaid? A batch shows no review, and reads no more of it than what is refused.
    private let isBrief: Bool

    init(_ subject: Subject, _ name: String? = nil, isBrief: Bool = false) {
        self.subject = subject
        self.name = name ?? subject.rawValue
        self.isBrief = isBrief
    }

    public var status: Status { !problems.isEmpty ? .refused : !warnings.isEmpty ? .warning : .ok }

    /// What is not looked at is not in order. Why there is nothing to look at is said of other subjects.
    mutating func leaveOut() {
        if problems.isEmpty { warnings.append("not looked at: what would be signed is not known") }
    }

    /// Says one thing of the subject: found, or refused.
    mutating func require(_ holds: Bool, _ finding: @autoclosure () -> String, else problem: () -> Problem) {
        if holds { find(finding()) } else { problems.append(problem()) }
    }

    /// Says what is in order.
    mutating func find(_ finding: @autoclosure () -> String) {
        if !isBrief { findings.append(finding()) }
    }

    mutating func find(all found: @autoclosure () -> [String]) {
        if !isBrief { findings += found() }
    }
}

extension Check {
    /// `ok`, `warn` or `refused`, the subject, and all that is to be said of it.
    ///
    /// - Parameters:
    ///   - width: how many columns a line may have.
    ///   - withFindings: whether what is in order is said too.
    public func text(width: Int = 80, withFindings: Bool = true) -> String {
        let says = (problems.map(\.message) + warnings + (withFindings ? findings : [])).joined(separator: "; ")
        return Page.fact(status.rawValue, ["\(name): \(says)"], width: width)
    }

    /// All checks; or one line for those that hold, and after it what does not, each set apart.
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

    /// - Parameter problem: how one problem is said.
    public func json(_ problem: (Problem) -> JSONOutput) -> JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("check", .string(name)), ("status", .string(status.rawValue)),
            ("findings", .array(findings.map { .string($0) })), ("warnings", .array(warnings.map { .string($0) })),
        ]
        if !problems.isEmpty { members.append(("errors", .array(problems.map(problem)))) }
        return .object(members)
    }
}
