public import AirlockDiagnostics

/// What a table of refusals states: which rule, and where it was broken.
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

/// Everything that `body` is refused for, in order; nothing when it is not refused.
public func refusals(_ body: () throws -> Void) -> [Refusal] {
    problems(body).map { Refusal($0) }
}

/// The problems that `body` throws; nothing when it throws none.
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

/// An error that names no rule would not be one of Airlock's, and no table expects it.
enum UnnamedRule: String, Rule {
    case unnamed

    var meaning: String { "an error without a rule was thrown" }
}
