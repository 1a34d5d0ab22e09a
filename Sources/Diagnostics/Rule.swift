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
