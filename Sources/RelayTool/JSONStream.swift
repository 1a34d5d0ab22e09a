import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockStrictJSON

/// One JSON document whose only long member is an array, written as its elements come: memory does not grow with them.
enum JSONStream {
    /// A problem on the way ends the document, in which `ok` comes last.
    static func write(
        _ member: String, on console: Console, _ body: ((JSONOutput) throws -> Void) throws -> Void
    ) throws -> ExitCode {
        var isBegun = false
        var problems: [Problem] = []
        do {
            try body { element in
                try console.write((isBegun ? "," : "{\"\(member)\":[") + element.printable)
                isBegun = true
            }
        } catch {
            // Before the first element the tool makes the document of the error.
            guard isBegun, let broken = error as? any RuleBroken else { throw error }
            problems = broken.problems
        }
        guard isBegun else {
            try console.write(.object([("ok", true), (member, .array([]))]))
            return .done
        }
        // `{"ok":…}` without its first brace.
        try console.write("]," + Console.document(problems).printable.dropFirst() + "\n")
        return problems.first?.exit ?? .done
    }
}
