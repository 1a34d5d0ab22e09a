import AirlockEthereumTypes
import Foundation
import Testing
import AirlockToolSupport

/// Measures how much more a command reads if a folder contains more requests. The test counts bytes and system calls,
/// because the time would depend on the machine.
@Suite("A folder beside a long ledger")
struct LedgerScaleTests {
    /// The number of ledger entries. The tool does not keep so many entries in memory, so even a review writes an index
    /// of the ledger.
    private static let entries = 9_000

    /// A ledger of old payments. None of them is for a request in the folder.
    private static let ledger: String = {
        var previous = Hash.zero
        var text = ""
        for number in 0..<entries {
            let some = Hash.keccak(Array("\(number)".utf8))
            let line = """
                {"airlock":1,"kind":"ledger","subject":"payment","previous":"\(previous)","time":"2025-02-01T00:00:00Z",\
                "claimedTime":"2025-02-01T00:00:00Z","chainId":"8453","from":"\(SamplePayment.payer)","request":{\
                "kind":"transfer","key":"\(some)","reference":"invoice \(number)"},"recipient":\
                "\(SamplePayment().recipient)","spends":[{"currency":"\(SamplePayment.usdc)","amount":"1050000"}],\
                "policyHash":"\(Hash.zero)","transactions":[{"role":"pay","nonce":"\(number)","signingHash":"\(some)",\
                "hash":"\(some)"}]}
                """
            previous = .keccak(Array(line.utf8))
            text += line + "\n"
        }
        return text
    }()

    /// Returns a workspace with this number of requests. Transfers and charges alternate.
    private static func workspace(_ count: Int) throws -> Workspace {
        let workspace = try Workspace()
        try FileManager.default.createDirectory(atPath: workspace.path("requests"), withIntermediateDirectories: false)
        for number in 0..<count {
            var payment = SamplePayment()
            payment.recipientAmount = 1_000
            payment.feeAmount = 1
            payment.id = FixedBytes { $0 < 8 ? 0 : UInt8(truncatingIfNeeded: number >> ((15 - $0) * 8)) }
            let transfer = """
                {"airlock":1,"kind":"transfer","chainId":"8453","from":"\(SamplePayment.payer)","to":\
                "\(payment.recipient)","token":"\(SamplePayment.usdc)","amount":"1000","reference":"order \(number)",\
                "expires":"2026-03-11T08:30:49Z"}
                """
            workspace.write("requests/\(number).json", try number.isMultiple(of: 2) ? transfer : payment.charge())
        }
        workspace.write("ledger.jsonl", ledger, mode: 0o600)
        try workspace.edit("conditions.json", "\"nonce\":\"7\"", "\"nonce\":\"\(entries)\"")
        workspace.operands = ["requests"]
        workspace.set("--ledger", "ledger.jsonl")
        workspace.set("-o", "payments")
        return workspace
    }

    /// Returns the number of bytes that a command reads, and the number of its system calls.
    private static func cost(_ workspace: Workspace) throws -> (bytes: Int, calls: Int) {
        let strace = try #require(BuiltTool.tracer)
        let outcome = try strace.run(
            ["-f", "-qq", "-e", "signal=none", "-o", "calls.txt", BuiltTool("airlock").path] + workspace.words,
            in: workspace.path("."), environment: workspace.environment)
        #expect(outcome.exit == 0, "\(outcome.err.suffix(500))")
        var (bytes, calls) = (0, 0)
        for line in try workspace.content("calls.txt").split(separator: "\n") {
            calls += 1
            guard line.contains(" read(") || line.contains(" pread64("), let count = line.split(separator: " ").last
            else { continue }
            bytes += Int(count) ?? 0
        }
        return (bytes, calls)
    }

    @Test("reads the ledger twice, however many requests there are, and does as much for each request", .needsTracer)
    func linear() throws {
        let costs = try [20, 40, 80].map { try Self.cost(Self.workspace($0)) }
        let length = Self.ledger.utf8.count
        // The tool reads the ledger once for the review and once for the signatures. Between these two readings, it
        // writes an index, which is smaller than the ledger.
        #expect(costs.allSatisfy { $0.bytes < 4 * length }, "\(costs), \(length)")
        // The commands were run with 20, 40 and 80 requests. From 40 to 80, the number of requests grows by twice as
        // much as from 20 to 40. So the number of system calls should also grow by about twice as much. The test allows
        // less than three times as much.
        #expect(costs[2].calls - costs[1].calls < 3 * (costs[1].calls - costs[0].calls), "\(costs)")
        #expect(costs[2].bytes - costs[0].bytes < length, "\(costs)")
    }

    @Test("leaves no file of a review, and its signature an index that the next one uses")
    func index() throws {
        let workspace = try Self.workspace(2)
        workspace.command = "review"
        workspace.operands = ["requests/0.json"]
        workspace.drop("-o", "-k", "--yes")
        #expect(try workspace.run().exit == 0)
        #expect(try Self.index(of: workspace).isEmpty)
        // The review also works if the index cannot be written. Here, a file has the name of the index folder.
        let folder = workspace.path("ledger.jsonl.index")
        try FileManager.default.removeItem(atPath: folder)
        workspace.write("ledger.jsonl.index", "in the way")
        #expect(try workspace.run().exit == 0)
        try FileManager.default.removeItem(atPath: folder)

        let signing = try Self.workspace(2)
        try FileManager.default.createDirectory(
            atPath: signing.path("ledger.jsonl.index"), withIntermediateDirectories: false)
        signing.write("ledger.jsonl.index/temporary-left.0-1", "by a process that was killed")
        #expect(try signing.run().exit == 0)
        let names = try Self.index(of: signing)
        #expect(!names.isEmpty && names.allSatisfy { $0.hasPrefix("\(SamplePayment.payer)") })
    }

    private static func index(of workspace: Workspace) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: workspace.path("ledger.jsonl.index"))
    }
}
