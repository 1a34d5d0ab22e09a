import Dispatch
import AirlockEthereumTypes
import Synchronization
import Testing
import AirlockToolSupport

@Suite("Many who sign at once")
struct OneSignsTests {
    /// Runs a command for each operand, all at the same time.
    private static func atOnce(_ desk: Desk, _ operands: [String]) throws -> [Outcome] {
        let outcomes = Mutex<[Int: Result<Outcome, any Error>]>([:])
        let words = desk.words.dropFirst(2)
        let (folder, environment) = (desk.path("."), desk.environment)
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
        let desk = try Desk()
        let names = try (1...4).map { number in
            try desk.charge { $0.id = .init { _ in UInt8(number) } }
            desk.write("\(number).json", try desk.content("charge.json"))
            return "\(number).json"
        }
        let outcomes = try Self.atOnce(desk, names)
        #expect(outcomes.map(\.exit).sorted() == [0, 10, 10, 10])
        #expect(outcomes.count { RefusedRun.holdsTransaction($0.out) } == 1)
        #expect(outcomes.filter { $0.exit == 10 }.allSatisfy { $0.err.contains("signed with this nonce before") })
        #expect(desk.entries.count == 1)
        #expect(try desk.tool("ledger", "verify").exit == 0)
    }

    @Test("the same: all do, and it is recorded once")
    func same() throws {
        let desk = try Desk()
        let outcomes = try Self.atOnce(desk, Array(repeating: "charge.json", count: 4))
        #expect(outcomes.allSatisfy { $0.exit == 0 } && Set(outcomes.map(\.out)).count == 1)
        #expect(desk.entries.count == 1)
    }
}
