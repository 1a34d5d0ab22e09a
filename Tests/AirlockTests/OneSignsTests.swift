import Dispatch
import AirlockEthereumTypes
import Synchronization
import Testing
import AirlockToolSupport

@Suite("Many who sign at once")
struct OneSignsTests {
    /// Runs `sign` once for each operand, with several runs in parallel.
    private static func atOnce(_ workspace: Workspace, _ operands: [String]) throws -> [Outcome] {
        let outcomes = Mutex<[Int: Result<Outcome, any Error>]>([:])
        let words = workspace.words.dropFirst(2)
        let (folder, environment) = (workspace.path("."), workspace.environment)
        DispatchQueue.concurrentPerform(iterations: operands.count) { index in
            let outcome = Result {
                try BuiltTool("airlock").run(["sign", operands[index]] + words, in: folder, environment: environment)
            }
            outcomes.withLock { $0[index] = outcome }
        }
        return try outcomes.withLock { all in try operands.indices.map { try #require(all[$0]).get() } }
    }

    @Test("for one nonce: one does, and the others are refused", arguments: 1...8)
    func nonce(round: Int) throws {
        let workspace = try Workspace()
        let names = try (1...4).map { number in
            try workspace.charge { $0.id = .init { _ in UInt8(number) } }
            workspace.write("\(number).json", try workspace.content("charge.json"))
            return "\(number).json"
        }
        let outcomes = try Self.atOnce(workspace, names)
        #expect(outcomes.map(\.exit).sorted() == [0, 10, 10, 10])
        #expect(outcomes.count { RefusedRun.holdsTransaction($0.out) } == 1)
        #expect(outcomes.filter { $0.exit == 10 }.allSatisfy { $0.err.contains("signed with this nonce before") })
        #expect(workspace.entries.count == 1)
        #expect(try workspace.tool("ledger", "verify").exit == 0)
    }

    @Test("the same: all do, and it is recorded once")
    func same() throws {
        let workspace = try Workspace()
        let outcomes = try Self.atOnce(workspace, Array(repeating: "charge.json", count: 4))
        #expect(outcomes.allSatisfy { $0.exit == 0 } && Set(outcomes.map(\.out)).count == 1)
        #expect(workspace.entries.count == 1)
    }
}
