public import AirlockDiagnostics

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
