import Foundation
import Testing
import AirlockToolSupport

/// A crash can leave a recorded payment that was never put out, and never one that was put out without a record.
@Suite("A signing that is killed")
struct KillTests {
    private static let arguments = ["-f", "-qq", "-e", "signal=none"]

    /// The system's calls of one signing, by name, with how often each is made; nothing where strace cannot be used.
    private static func calls() throws -> [(name: String, count: Int)] {
        guard let strace = BuiltTool.installed("strace") else { return [] }
        let workspace = try Workspace()
        workspace.set("-o", "payment.json")
        let outcome = try strace.run(
            arguments + ["-o", "calls.txt", BuiltTool("airlock").path] + workspace.words, in: workspace.path("."),
            environment: workspace.environment)
        guard outcome.exit == 0, let text = try? workspace.content("calls.txt") else { return [] }
        var counts: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let call = line.drop { $0.isNumber || $0 == " " }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if line.contains("("), !call.isEmpty { counts[String(call), default: 0] += 1 }
        }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    @Test("at any call of the system leaves a whole ledger, and the same command gives the same payment then")
    func killed() async throws {
        let calls = try Self.calls()
        guard let strace = BuiltTool.installed("strace"), !calls.isEmpty else {
            return print("note: strace may not trace here, and no signing was killed")
        }
        let raw = try Workspace().run().out.dropLast()
        // The first is strace's own, which becomes the tool; the last cannot fail.
        let places = calls.filter { $0.name != "execve" && $0.name != "exit_group" }
            .flatMap { call in (1...call.count).map { (call.name, $0) } }
        let recorded = try await withThrowingTaskGroup(of: Bool.self) { group in
            for (name, number) in places {
                group.addTask { try Self.kill(at: name, number, by: strace, signing: String(raw)) }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        // Some were killed between the record and the end, and many before.
        #expect(recorded > 0 && recorded < places.count)
    }

    /// Kills a signing at one call and signs again.
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
        // What the file carries is what verify finds.
        #expect(try workspace.tool("ledger", "verify", "--head", head(payment)).exit == 0, "\(place)")
        return !before.isEmpty
    }

    private static func head(_ payment: String) -> String {
        String(payment.firstMatch(of: /"ledgerHead":"(0x[0-9a-f]{64})"/)?.1 ?? "no head")
    }
}
