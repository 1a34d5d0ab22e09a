import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockStrictJSON
import Synchronization

/// Whether the first element was written. The elements come one after the other.
private final class Begun: Sendable {
    private let flag = Atomic(false)

    var value: Bool { flag.load(ordering: .sequentiallyConsistent) }

    func mark() { flag.store(true, ordering: .sequentiallyConsistent) }
}

/// One JSON document whose only long member is an array, written as its elements come: memory does not grow with them.
enum JSONStream {
    /// A problem on the way ends the document, in which `ok` comes last.
    static func write(
        _ member: String, on console: Console,
        _ body: @escaping @Sendable (@escaping @Sendable (JSONOutput) throws -> Void) async throws -> Void
    ) throws -> ExitCode {
        let begun = Begun()
        var problems: [Problem] = []
        do {
            try waiting {
                try await body { element in
                    try console.write((begun.value ? "," : "{\"\(member)\":[") + element.printable)
                    begun.mark()
                }
            }
        } catch {
            // Before the first element the tool makes the document of the error.
            guard begun.value, let broken = error as? any RuleBroken else { throw error }
            problems = broken.problems
        }
        guard begun.value else {
            try console.write(.object([("ok", true), (member, .array([]))]))
            return .done
        }
        // `{"ok":…}` without its first brace.
        try console.write("]," + Console.document(problems).printable.dropFirst() + "\n")
        return problems.first?.exit ?? .done
    }
}
