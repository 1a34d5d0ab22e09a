package import AirlockDiagnostics
package import AirlockStrictJSON

/// An error code with advice for the user and an exit code.
///
/// The command `explain` prints a catalogue of error codes, with the advice for each of them.
package protocol Advised: Rule {
    /// What the user can do about the error, as a sentence without a full stop.
    var next: String { get }
    /// The exit code of the process if this error occurs.
    var exit: ExitCode { get }
}

/// A cause of an error. It can have advice that is more specific than the advice of the error code.
package protocol AdvisedCause: Cause {
    /// The advice as a sentence without a full stop. `nil` if the general advice of the error code applies.
    var hint: String? { get }
}

/// Advice about one particular problem. The code that creates the problem also supplies the advice.
private struct Hint: AdvisedCause {
    let hint: String?
}

extension Problem {
    /// Makes a problem whose advice replaces the general advice of the error code. If `hint` is `nil`,
    /// the general advice applies.
    package init(
        _ rule: some Rule, at field: String? = nil, saw: String? = nil, expected: String? = nil, detail: String? = nil,
        hint: String?
    ) {
        self.init(
            rule, at: field, saw: saw, expected: expected, detail: detail, because: hint.map(Hint.init(hint:)))
    }

    /// Returns a copy of this problem whose advice is `hint`.
    package func advising(_ hint: String) -> Problem { because(Hint(hint: hint)) }

    /// The exit code of the process for this problem. If the error code has no exit code, this is a bug in Airlock, and
    /// the result is the exit code for bugs.
    package var exit: ExitCode { (rule as? any Advised)?.exit ?? InternalRule.unexpected.exit }

    /// The advice for the user: what to do next.
    package var hint: String {
        switch cause {
        case let problem as Problem: return problem.hint
        case let rule as any Advised: return rule.next
        case let cause as any AdvisedCause: if let hint = cause.hint { return hint }
        default: break
        }
        return (rule as? any Advised)?.next ?? InternalRule.unexpected.next
    }
}

/// The exit codes of both tools. Scripts rely on them, so they must not change.
package enum ExitCode: Int32, CaseIterable, Sendable {
    case done = 0
    case refused = 10
    case declined = 11
    case reverted = 20
    case nonceTaken = 21
    case rejectedByNode = 22
    case serviceError = 23
    case expired = 24
    case cancelled = 25
    case belowMark = 30
    case usage = 64
    case malformedInput = 65
    case missingInput = 66
    case unreachable = 69
    case bug = 70
    case cannotCreate = 73
    case cannotWrite = 74
    case pending = 75
    case keyUnusable = 77
    case malformedConfiguration = 78
    case interrupted = 130

    /// What the exit code means for a script.
    package var meaning: String {
        switch self {
        case .done: "done"
        case .refused: "refused: verification failed, or the policy forbids it"
        case .declined: "declined by the user"
        case .reverted: "mined, but reverted"
        case .nonceTaken: "another transaction took the nonce"
        case .rejectedByNode: "the node rejected it"
        case .serviceError: "the service (OpenRouter) answered with an error"
        case .expired: "the payment expired before it was mined"
        case .cancelled: "our own cancel transaction was mined"
        case .belowMark: "credits: the balance is below the given limit"
        case .usage: "wrong usage, or a required value is missing"
        case .malformedInput: "malformed input"
        case .missingInput: "input file missing or unreadable"
        case .unreachable: "node or service unreachable"
        case .bug: "a bug in Airlock"
        case .cannotCreate: "the output cannot be created"
        case .cannotWrite: "the output cannot be written"
        case .pending: "sent, not yet mined when the wait ended"
        case .keyUnusable: "wrong password, or a key file that other users can access"
        case .malformedConfiguration: "malformed policy or configuration"
        case .interrupted: "interrupted"
        }
    }
}

extension Problem {
    /// The problem as JSON: `{"code":…,"message":…,"field":…,"file":…,"hint":…}`. Both tools write this form.
    package var json: JSONOutput {
        var members: [(String, JSONOutput)] = [("code", .string(code)), ("message", .string(message))]
        if let shownField { members.append(("field", .string(shownField))) }
        if let file { members.append(("file", .string(file))) }
        members.append(("hint", .string(hint)))
        return .object(members)
    }
}
