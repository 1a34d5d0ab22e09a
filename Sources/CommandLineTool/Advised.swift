package import AirlockDiagnostics

/// A rule of which a tool knows what helps, and how the process ends when it is broken.
///
/// The catalogue that `explain` prints is made of nothing but these rules, so a code cannot exist outside it.
package protocol Advised: Rule {
    /// What the person can do about it: a sentence without its full stop.
    var next: String { get }
    /// How the process ends.
    var exit: ExitCode { get }
}

/// A cause of which a tool knows what helps.
package protocol AdvisedCause: Cause {
    /// A sentence without its full stop; `nil` where what helps against the rule does.
    var hint: String? { get }
}

/// What helps, in the words of who reports a problem.
private struct Hint: AdvisedCause {
    let hint: String?
}

extension Problem {
    /// With what to do here, where that can be said better than the rule's `next` does.
    package init(
        _ rule: some Rule, at field: String? = nil, saw: String? = nil, expected: String? = nil, detail: String? = nil,
        hint: String?
    ) {
        self.init(
            rule, at: field, saw: saw, expected: expected, detail: detail, because: hint.map(Hint.init(hint:)))
    }

    /// How the process ends. That nothing is known of a rule is a bug.
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
