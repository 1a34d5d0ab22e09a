import Dispatch
import AirlockEthereumTypes
import Foundation
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockSamples
import AirlockStrictJSON
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("A journal of an older version")
struct JournalUpgradeTests {
    private let folder: Scratch
    private var path: String { folder.path + "/journal.sqlite" }
    private let signedPayment: SignedPayment
    private var hash: Hash { signedPayment.steps[0].hash }

    /// Every answer that the first version of the journal could store, and the meaning that the upgrade adds to it.
    static let answers: [(String?, NodeAnswer?)] =
        [("taken", .taken), ("send.other-hash", .unknown), ("http.cut-off", .unknown), (nil, nil)]
        + NodeRule.allCases.map { ($0.rawValue, NodeAnswer($0)) }

    init() throws {
        folder = try Scratch()
        signedPayment = try SamplePayment.signedPayment()
        let database = try SQLiteDatabase(path: path)
        for statement in SQLiteSchema.migrations[0] { try database.execute(statement) }
        try database.execute("PRAGMA user_version = 1")
        let step = signedPayment.steps[0]
        try database.execute(
            "INSERT INTO transactions VALUES (?, '7', ?)", [.text("\(hash)"), .text(Hex.encode(step.raw))])
        for (state, at) in [("sent", 1), ("settled", 2)] {
            try database.execute(
                """
                INSERT INTO payments (code, chain_id, sender, state, recorded_at, changed_at)
                VALUES ('code \(at)', '8453', '\(signedPayment.sender)', '\(state)', 'then', 'later')
                """)
            try database.execute("INSERT INTO steps VALUES (\(at), 0, 'pay', '0', ?)", [.text("\(hash)")])
        }
        try database.execute(
            """
            INSERT INTO receipts (hash, block_number, block_hash, succeeded, gas_used, effective_gas_price, seen_at)
            VALUES (?, '1', '\(Hash { _ in 1 })', 1, '2', '3', 'then')
            """, [.text("\(hash)")])
        try database.execute("INSERT INTO events VALUES (1, '0xc0', '0x0e', '0x1d', '0x4e', '0x5e', '7', '0x00')")
        for (answer, _) in Self.answers {
            try database.execute(
                "INSERT INTO attempts (hash, node, asked_at, answer) VALUES (?, 'node', 'then', ?)",
                [.text("\(hash)"), .optional(answer)])
        }
    }

    private func journal() throws -> SQLJournal { try SQLJournal(path, now: { Timestamp(seconds: 0) }) }

    private func version() throws -> DatabaseValue? {
        try SQLiteDatabase(path: path).execute("PRAGMA user_version").first?["user_version"]
    }

    @Test("is brought to the newest one in place: each answer gets its meaning, and what ended has ended")
    func upgraded() async throws {
        let journal = try journal()
        #expect(try version() == .integer(Int64(SQLiteSchema.migrations.count)))
        var taken = SubmissionRecord()
        taken.add(.taken, to: hash)
        let rows = try SQLiteDatabase(path: path).execute("SELECT answer, meaning FROM attempts ORDER BY id")
        #expect(rows.map { $0["answer"] } == Self.answers.map { .optional($0.0) })
        #expect(rows.map { $0["meaning"] } == Self.answers.map { .optional($0.1?.rawValue) })
        #expect(try await journal.submissions(of: [hash]) == taken)
        #expect(try await journal.unfinished().map(\.steps) == [signedPayment.steps])
        #expect(try await journal.payments().map(\.endedAt) == ["later", nil])
        #expect(try await !journal.isCancelAsked(of: 1))
        try await journal.askCancel(of: 1)
        #expect(try await journal.isCancelAsked(of: 1))
        let event = try await journal.rows().map(\.text).filter { $0.contains(#""events""#) }
        #expect(
            event == [
                #"{"table":"events","receipt":1,"contract":"0xc0","operator":"0x0e","intent_id":"0x1d","#
                    + #""recipient":"0x4e","sender":"0x5e","spent_amount":"7","spent_currency":"0x00"}"#
            ])
    }

    @Test("is left as it was when the upgrade cannot be finished, and upgraded the next time")
    func interrupted() throws {
        // The test creates a table with the name first_events. Migration 3 renames another table to first_events, so
        // the upgrade fails.
        try SQLiteDatabase(path: path).execute("CREATE TABLE first_events (receipt)")
        #expect(refusals { _ = try journal() }.map(\.code) == ["journal.failed"])
        #expect(try version() == .integer(1))
        let columns = try SQLiteDatabase(path: path).execute("PRAGMA table_info(attempts)").compactMap { $0["name"] }
        #expect(!columns.contains(.text("meaning")))
        try SQLiteDatabase(path: path).execute("DROP TABLE first_events")
        _ = try journal()
        #expect(try version() == .integer(Int64(SQLiteSchema.migrations.count)))
    }

    @Test("is upgraded once when many open it together")
    func together() async throws {
        let path = path
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            #expect(throws: Never.self) { _ = try SQLJournal(path, now: { Timestamp(seconds: 0) }) }
        }
        #expect(try version() == .integer(Int64(SQLiteSchema.migrations.count)))
        #expect(try await journal().payments().count == 2)
    }

    @Test("is read by who only reads, and not changed by that")
    func onlyRead() async throws {
        let before = FileManager.default.contents(atPath: path)
        let journal = try #require(try SQLJournal(reading: path))
        #expect(try await journal.payments().map(\.code) == ["code 2", "code 1"])
        #expect(try await journal.payments().map(\.cancelAskedAt) == [nil, nil])
        #expect(try await journal.payments("\(hash)").count == 2)
        #expect(try await journal.rows().count == 7 + Self.answers.count)
        let evidence = try await journal.evidence("code 2", at: Timestamp(seconds: 0))
        #expect(evidence.attempts.map(\.meaning) == Self.answers.map(\.0))
        #expect(evidence.receipts.map(\.event.count) == [7])
        #expect(FileManager.default.contents(atPath: path) == before)
        #expect(try version() == .integer(1))
    }
}
