public import AirlockDiagnostics

/// A row in a table of refusals: the code of the broken rule, and the field where it was broken.
public struct Refusal: Hashable, Sendable, CustomStringConvertible {
    public let code: String
    public let field: String?

    public init(_ code: String, _ field: String?) {
        self.code = code
        self.field = field
    }

    public init(_ problem: Problem) { self.init(problem.code, problem.field) }

    public var description: String { "\(code) at \(field ?? "no place")" }
}

/// Returns the refusals in the error that `body` throws, in order. Empty if `body` does not throw.
public func refusals(_ body: () throws -> Void) -> [Refusal] {
    problems(body).map { Refusal($0) }
}

/// Returns the problems that `body` throws. Returns an empty array if `body` does not throw.
public func problems(_ body: () throws -> Void) -> [Problem] {
    do {
        try body()
        return []
    } catch let broken as any RuleBroken {
        return broken.problems
    } catch {
        return [Problem(UnnamedRule.unnamed, saw: "\(error)")]
    }
}

/// The rule that a `Refusal` contains if the thrown error has no rule. Airlock never throws such an error, so no table
/// expects this rule.
enum UnnamedRule: String, Rule {
    case unnamed

    var meaning: String { "an error without a rule was thrown" }
}
