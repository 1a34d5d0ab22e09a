package import AirlockDiagnostics
package import AirlockStrictJSON

/// A rule for which a tool has advice and an exit code.
///
/// The catalogue that `explain` prints consists of these rules alone, so that no code is missing from it.
package protocol Advised: Rule {
    /// What the user can do about it: a sentence without its full stop.
    var next: String { get }
    /// The exit code of the process.
    var exit: ExitCode { get }
}

/// A cause for which a tool has advice.
package protocol AdvisedCause: Cause {
    /// A sentence without its full stop; `nil` if the advice on the rule applies.
    var hint: String? { get }
}

/// Advice from the code that reports a problem.
private struct Hint: AdvisedCause {
    let hint: String?
}

extension Problem {
    /// A problem with its own advice, if that is more specific than the rule's `next`.
    package init(
        _ rule: some Rule, at field: String? = nil, saw: String? = nil, expected: String? = nil, detail: String? = nil,
        hint: String?
    ) {
        self.init(
            rule, at: field, saw: saw, expected: expected, detail: detail, because: hint.map(Hint.init(hint:)))
    }

    /// The exit code of the process. A rule without one is a bug.
    package var exit: ExitCode { (rule as? any Advised)?.exit ?? InternalRule.unexpected.exit }

    /// What to do next.
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

/// The exit codes of both tools, on which scripts rely.
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

    /// Its meaning for a script.
    package var meaning: String {
        switch self {
        case .done: "done"
        case .refused: "refused: verification or policy said no"
        case .declined: "declined by the person"
        case .reverted: "mined, but reverted"
        case .nonceTaken: "another transaction took the nonce"
        case .rejectedByNode: "the node rejected it"
        case .serviceError: "the service (OpenRouter) answered with an error"
        case .expired: "the payment expired before it was mined"
        case .cancelled: "our own cancel was mined"
        case .belowMark: "credits: the balance is below the mark"
        case .usage: "wrong usage, or a needed value given nowhere"
        case .malformedInput: "malformed input"
        case .missingInput: "input file missing or unreadable"
        case .unreachable: "node or service unreachable"
        case .bug: "a bug in Airlock"
        case .cannotCreate: "the output cannot be created"
        case .cannotWrite: "the output cannot be written"
        case .pending: "sent, not yet mined when the wait ended"
        case .keyUnusable: "wrong passphrase, or a key file that others can read"
        case .malformedConfiguration: "malformed policy or configuration"
        case .interrupted: "interrupted"
        }
    }
}

extension Problem {
    /// `{"code":…,"message":…,"field":…,"file":…,"hint":…}`, as both tools write it.
    package var json: JSONOutput {
        var members: [(String, JSONOutput)] = [("code", .string(code)), ("message", .string(message))]
        if let shownField { members.append(("field", .string(shownField))) }
        if let file { members.append(("file", .string(file))) }
        members.append(("hint", .string(hint)))
        return .object(members)
    }
}
