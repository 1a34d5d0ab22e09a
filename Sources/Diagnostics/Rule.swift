/// The rules of one module. Each case is one rule; its raw value is the stable, dotted code that users and scripts see.
///
/// The catalogue that `explain` prints is made of nothing but these enums, so a code cannot exist outside it.
public protocol Rule: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// What is wrong when this rule is broken: a sentence without its full stop, as it reads after "error: ".
    var meaning: String { get }
    /// What the person can do about it: a sentence without its full stop.
    var next: String { get }
    /// How the process ends.
    var exit: ExitCode { get }
}

/// An error that can say which rules were broken. Every error that a module of Airlock throws is one.
public protocol RuleBroken: Error {
    /// Never empty; the first is the one that decides the exit code.
    var problems: [Problem] { get }
}
