public import AirlockDiagnostics
public import AirlockStrictJSON

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

/// Text in two columns, names before facts, within a stated width.
enum Page {
    private static let column = 13

    static func paragraph(_ text: String, width: Int) -> String {
        wrapped(text, width: width).map { $0 + "\n" }.joined()
    }

    /// The text with its longest words cut, so that none of them stands further to the left than a fact does: there it
    /// could pass for a name.
    static func broken(_ text: String, width: Int) -> String {
        let most = max(8, width - column)
        var pieces: [Substring] = []
        for word in text.split(separator: " ") {
            var rest = word
            while rest.count > most {
                pieces.append(rest.prefix(most))
                rest = rest.dropFirst(most)
            }
            pieces.append(rest)
        }
        return pieces.joined(separator: " ")
    }

    static func fact(_ name: String, _ values: [String], width: Int) -> String {
        tabulated(name, values, column: column, width: width)
    }
}
