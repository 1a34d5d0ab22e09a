import Foundation
import Testing
import AirlockToolSupport

/// After a crash, the ledger can contain a payment that was never output. But a payment that was output must be in the
/// ledger.
@Suite("A signing that is killed")
struct KillTests {
    private static let arguments = ["-f", "-qq", "-e", "signal=none"]

    /// Returns the names of the system calls that signing makes, and the number of calls for each name.
    private static func calls(_ strace: BuiltTool) throws -> [(name: String, count: Int)] {
        let workspace = try Workspace()
        workspace.set("-o", "payment.json")
        let outcome = try strace.run(
            arguments + ["-o", "calls.txt", BuiltTool("airlock").path] + workspace.words, in: workspace.path("."),
            environment: workspace.environment)
        try #require(outcome.exit == 0, "\(outcome.err)")
        var counts: [String: Int] = [:]
        for line in try workspace.content("calls.txt").split(separator: "\n") {
            let call = line.drop { $0.isNumber || $0 == " " }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if line.contains("("), !call.isEmpty { counts[String(call), default: 0] += 1 }
        }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    @Test(
        "at any call of the system leaves a whole ledger, and the same command gives the same payment then",
        .needsTracer)
    func killed() async throws {
        let strace = try #require(BuiltTool.tracer)
        let calls = try Self.calls(strace)
        let raw = try Workspace().run().out.dropLast()
        // `execve` is left out, because strace itself calls it to start the tool. `exit_group` is left out, because it
        // cannot fail.
        let places = calls.filter { $0.name != "execve" && $0.name != "exit_group" }
            .flatMap { call in (1...call.count).map { (call.name, $0) } }
        let recorded = try await withThrowingTaskGroup(of: Bool.self) { group in
            for (name, number) in places {
                group.addTask { try Self.kill(at: name, number, by: strace, signing: String(raw)) }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        // At least one process must have been killed after it recorded the payment, and at least one before it recorded
        // the payment.
        #expect(recorded > 0 && recorded < places.count)
    }

    /// Kills a signing process at one system call, and signs again.
    ///
    /// - Returns: whether the payment was recorded when the process died.
    private static func kill(at name: String, _ number: Int, by strace: BuiltTool, signing raw: String) throws -> Bool {
        let workspace = try Workspace()
        workspace.set("-o", "payment.json")
        let inject = ["-o", "/dev/null", "-e", "inject=\(name):signal=KILL:when=\(number)"]
        let killed = try strace.run(
            arguments + inject + [BuiltTool("airlock").path] + workspace.words, in: workspace.path("."),
            environment: workspace.environment)
        let place = "killed at \(name) \(number)"
        let before = workspace.entries
        let wasPutOut = workspace.files.keys.contains("payment.json") || !killed.out.isEmpty
        #expect(!wasPutOut || before.count == 1, "\(place)")

        let again = try workspace.run()
        #expect(again.exit == 0, "\(place): \(again.err)")
        #expect(workspace.entries.count == 1 && workspace.entries.starts(with: before), "\(place)")
        let payment = try workspace.content("payment.json")
        #expect(payment.contains("\"\(raw)\""), "\(place)")
        // `ledger verify` finds the ledger head that the payment file contains.
        #expect(try workspace.tool("ledger", "verify", "--head", head(payment)).exit == 0, "\(place)")
        return !before.isEmpty
    }

    private static func head(_ payment: String) -> String {
        String(payment.firstMatch(of: /"ledgerHead":"(0x[0-9a-f]{64})"/)?.1 ?? "no head")
    }
}
