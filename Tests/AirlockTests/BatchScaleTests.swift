import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport

/// A long stream of charges, some of which must be refused. AIRLOCK_BATCH_LINES is the number of lines; the default is
/// 1,500.
@Suite("A long stream of charges")
struct BatchScaleTests {
    private static let count =
        ProcessInfo.processInfo.environment["AIRLOCK_BATCH_LINES"].flatMap(Int.init) ?? 1_500

    /// The faults of the lines that must be refused. Every fortieth line of the stream has one of these faults.
    private static let faults: [(code: String, spoil: @Sendable (String) -> String)] = [
        ("json.unfinished", { String($0.dropLast()) }),
        ("charge.signature-mismatch", { $0.replacing("\"fee_amount\":\"10500\"", with: "\"fee_amount\":\"10501\"") }),
        ("sign.missing-value", { $0.replacing(",\"gas\":\"180000\"", with: "") }),
        ("json.unknown-field", { $0.replacing("{\"charge\"", with: "{\"charges\":1,\"charge\"") }),
        ("ledger.nonce-already-signed", { $0.replacing(/"nonce":"\d+"/, with: "\"nonce\":\"1\"") }),
        ("money.gas-above-limit", { $0.replacing("\"gas\":\"180000\"", with: "\"gas\":\"180000000\"") }),
        ("json.empty", { _ in "" }),
    ]

    private static func fault(_ number: Int) -> (code: String, spoil: @Sendable (String) -> String)? {
        number % 40 == 20 ? faults[number / 40 % faults.count] : nil
    }

    private static func charge(_ number: Int) throws -> String {
        var payment = SamplePayment()
        payment.recipientCurrency = .zero
        payment.id = FixedBytes { $0 < 8 ? 0 : UInt8(truncatingIfNeeded: number >> ((15 - $0) * 8)) }
        return try payment.charge().split(separator: "\n").joined()
    }

    @Test("answers each line in its place, reports each bad one, and signs as one by one")
    func many() throws {
        let conditions = "\"chainId\":\"8453\",\"sender\":\"\(SamplePayment.payer)\""
        let fees = "\"gas\":\"180000\",\"maxFeePerGas\":\"30000000\",\"maxPriorityFeePerGas\":\"1000000\""
        let lines = try (1...Self.count).map { number in
            let line =
                "{\"charge\":\(try Self.charge(number)),\"conditions\":{\(conditions),\"nonce\":\"\(number)\",\(fees)}}"
            return Self.fault(number)?.spoil(line) ?? line
        }
        let workspace = try Workspace()
        workspace.operands = []
        workspace.drop("-c", "--yes")
        workspace.set("--lines")
        try workspace.edit("policy.json", "\"maxConditionsAge\":\"3600\",", "")
        workspace.write("lines.jsonl", lines.joined(separator: "\n") + "\n")
        workspace.input = .file(workspace.path("lines.jsonl"))
        let outcome = try workspace.run()
        #expect(outcome.exit == 10, "\(outcome.err)")
        let answers = try outcome.out.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
        try #require(answers.count == Self.count)
        for (number, answer) in zip(1..., answers) {
            let code = Self.fault(number)?.code
            #expect(answer["ok"]?.boolean == (code == nil), "line \(number)")
            #expect(answer["error"]?["code"]?.string == code, "line \(number)")
        }
        for number in stride(from: 1, through: Self.count, by: Self.count / 7) where Self.fault(number) == nil {
            let single = try Workspace()
            single.write("charge.json", try Self.charge(number))
            single.drop("-c")
            for (name, value) in [
                "--nonce": "\(number)", "--gas": "180000", "--max-fee": "30000000", "--priority-fee": "1000000",
            ] { single.set(name, value) }
            #expect(try single.run().out == (answers[number - 1]["raw"]?.string ?? "") + "\n", "line \(number)")
        }
        let ledger = try BuiltTool("airlock").run(
            ["ledger", "verify", "--json"], in: workspace.path(""), environment: workspace.environment)
        let good = (1...Self.count).count { Self.fault($0) == nil }
        #expect(ledger.out.contains("\"entries\":\(good)"), "\(ledger.out)")
    }
}
