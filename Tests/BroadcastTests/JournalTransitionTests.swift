import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockSamples
import AirlockStrictJSON
import Testing
import AirlockTransactions
import AirlockRequests
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("A change in the journal")
struct JournalTransitionTests {
    private let folder: Scratch
    private let journal: SQLJournal
    private let database: SQLiteDatabase
    private let signedPayment: SignedPayment
    private let receipt: Receipt
    private let event: PaidEvent

    init() async throws {
        folder = try Scratch()
        let path = folder.path + "/journal.sqlite"
        journal = try SQLJournal(path, now: { Timestamp(seconds: 0) })
        database = try SQLiteDatabase(path: path)
        signedPayment = try SamplePayment.signedPayment()
        let hash = signedPayment.steps[0].hash
        var chain = ScriptedChain()
        chain.receipts["\(hash)"] = BroadcastTests.receipt(of: hash, logs: [SettlementTests.Event().log])
        receipt = try #require(await chain.node().node.receipt(of: hash))
        let effect = try #require(signedPayment.effect(of: signedPayment.steps[0]))
        event = try #require(try Settlement.require(effect, in: receipt).paid)
    }

    typealias Change = @Sendable (JournalTransitionTests, Int64) async throws -> Void

    /// Changes of a journal. Each change inserts a row into the table that `row` names, and the test makes this
    /// insertion fail. If `row` also contains a condition (`WHEN`), only the insertion of a matching row fails.
    static let changes: [(row: String, Change)] = [
        (
            "steps",
            { test, _ in _ = try await test.journal.record(SignedPayment(raw: [SamplePayment.signed(to: .zero).raw])) }
        ),
        (
            "attempts WHEN NEW.node = 'b'",
            { test, _ in _ = try await test.journal.beginAttempts(test.receipt.transactionHash, of: 1, ["a", "b"]) }
        ),
        ("transitions", { try await $0.journal.move($1, to: .expired) }),
        (
            "transitions",
            { try await $0.journal.endAttempts([JournalReply(number: 1, answer: .taken)], by: $1, isTaken: true) }
        ),
        ("transitions", { try await $0.journal.mined($1, $0.receipt) }),
        ("transitions", { _ = try await $0.journal.vanished($1, [$0.signedPayment.steps[0].hash]) }),
        ("events", { try await $0.journal.ended($1, .settled, $0.receipt, nil, $0.event) }),
        ("transitions", { try await $0.journal.ended($1, .settled, $0.receipt, nil, $0.event) }),
    ]

    @Test("is made whole or not at all", arguments: changes.indices)
    func whole(number: Int) async throws {
        let (row, change) = Self.changes[number]
        let payment = try await journal.record(signedPayment)
        _ = try await journal.beginAttempts(signedPayment.steps[0].hash, of: payment, ["node"])
        // The change with index 5 needs a transaction that is already mined. The other changes do not need one.
        if number == 5 { try await journal.mined(payment, receipt) }
        let before = try await journal.rows().map(\.text)
        let words = row.split(separator: " ", maxSplits: 1).map(String.init)
        let when = words.count > 1 ? words[1] : ""
        try database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON \(words[0]) \(when) BEGIN SELECT RAISE(ABORT, 'no space'); END")
        #expect(await refusals { try await change(self, payment) }.map(\.code) == ["journal.failed"])
        #expect(try await journal.rows().map(\.text) == before)
        try database.execute("DROP TRIGGER full")
        try await change(self, payment)
        #expect(try await journal.rows().map(\.text) != before)
    }
}
