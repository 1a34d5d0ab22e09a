package import AirlockDiagnostics
import AirlockStrictJSON

/// The result of one check of the command `doctor`.
package struct Finding: Sendable {
    package enum Status: String, Sendable {
        case ok, warn, bad
    }

    package let subject: String
    package let status: Status
    /// The result of the check as text for the user.
    package let text: String
    /// The problems that the check found.
    package let problems: [Problem]

    package init(_ subject: String, _ text: String) {
        (self.subject, self.text, self.status, self.problems) = (subject, text, .ok, [])
    }

    package init(_ subject: String, _ status: Status, _ problems: [Problem]) {
        (self.subject, self.status, self.problems) = (subject, status, problems)
        text = problems.map { $0.message + ($0.shownField.map { " (\($0))" } ?? "") }.joined(separator: "; ")
    }

    /// Runs a check. If the closure throws, the result has the status `bad`.
    package init(_ subject: String, look: () throws -> Finding) {
        do { self = try look() } catch let broken as any RuleBroken {
            self.init(subject, .bad, broken.problems)
        } catch {
            self.init(subject, .bad, [Problem(InternalRule.unexpected)])
        }
    }

    /// Writes the results of all checks. Returns the exit code of the first result that is bad, or the exit code for
    /// success.
    package static func put(
        _ findings: [Finding], _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        let bad = findings.filter { $0.status == .bad }.flatMap(\.problems)
        if arguments.has(.json) {
            try console.write(Console.document(bad, beside: [("findings", .array(findings.map(\.json)))]))
        } else {
            for finding in findings { try console.write(finding.lines(width: console.width)) }
        }
        return bad.first?.exit ?? .done
    }

    /// The result as lines of text for the user, followed by the hints for its problems.
    private func lines(width: Int) -> String {
        let head = status.rawValue + String(repeating: " ", count: max(1, 6 - status.rawValue.utf8.count)) + subject
        var hints: [String] = []
        for hint in problems.map({ "hint: \($0.hint)" }) where !hints.contains(hint) {
            hints.append(hint)
        }
        return tabulated(head, [text] + hints, column: 15, width: width)
    }

    private var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("subject", .string(subject)), ("status", .string(status.rawValue)), ("text", .string(text)),
        ]
        if !problems.isEmpty { members.append(("problems", .array(problems.map(\.json)))) }
        return .object(members)
    }
}
