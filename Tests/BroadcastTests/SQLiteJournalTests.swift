import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockSamples
import Foundation
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("The journal in SQLite")
struct SQLiteJournalTests {
    private let folder: Scratch
    private var path: String { folder.path + "/journal.sqlite" }

    init() throws { folder = try Scratch() }

    /// The bytes of the journal's file; `nil` if there is no file.
    private var content: Data? { FileManager.default.contents(atPath: path) }

    private func journal() throws -> SQLJournal { try SQLJournal(path, now: { Timestamp(seconds: 0) }) }

    @Test("refuses the file of a newer Airlock, and changes nothing in it")
    func newer() throws {
        _ = try journal()
        let newer = SQLiteSchema.migrations.count + 1
        try SQLiteDatabase(path: path).execute("PRAGMA user_version = \(newer)")
        let problem = try #require(problems { _ = try journal() }.first)
        #expect(problem.code == "journal.newer")
        #expect(
            try SQLiteDatabase(path: path).execute("PRAGMA user_version") == [["user_version": .integer(Int64(newer))]])
    }

    /// Databases of other programs. Each has a `user_version` (a number in SQLite's header) that is 0 or that an older
    /// journal of Airlock also has.
    @Test(
        "refuses the database of another program, and changes no byte of it",
        arguments: ["CREATE TABLE x (a)", "CREATE TABLE payments (a)"], [0, 1, 2, 3, 4])
    func foreign(statement: String, version: Int) throws {
        let database = try SQLiteDatabase(path: path)
        // The journal mode is set to DELETE, which is SQLite's default.
        for sql in ["PRAGMA journal_mode = DELETE", statement, "PRAGMA user_version = \(version)"] {
            try database.execute(sql)
        }
        let before = content
        #expect(refusals { _ = try journal() } == [Refusal("journal.not-a-journal", path)])
        #expect(refusals { _ = try SQLJournal(reading: path) } == [Refusal("journal.not-a-journal", path)])
        #expect(content == before)
    }

    @Test("is made in an empty file by who writes, and not by who reads")
    func empty() async throws {
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(try SQLJournal(reading: path) == nil)
        #expect(content == Data())
        let writer = try journal()
        _ = try await writer.record(SamplePayment.signedPayment())
        await writer.close()
        let before = content
        let reader = try #require(try SQLJournal(reading: path))
        #expect(try await reader.payments().count == 1)
        await reader.close()
        #expect(content == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["journal.sqlite"])
    }

    @Test("is not read where there is none")
    func reading() throws {
        #expect(refusals { _ = try SQLJournal(reading: path) } == [Refusal("journal.unreadable", path)])
    }

    @Test("finds payments by an index, whatever they are looked up by")
    func indexed() throws {
        _ = try journal()
        let database = try SQLiteDatabase(path: path)
        let questions = [
            "SELECT meaning FROM attempts WHERE hash = ?", "SELECT id FROM payments WHERE code = ?",
            "SELECT id FROM payments WHERE charge_id = ?", "SELECT id FROM payments WHERE intent_id = ?",
            "SELECT payment FROM steps WHERE hash = ?", "SELECT id FROM payments WHERE changed_at >= ?",
            "SELECT id FROM payments WHERE ended_at IS NULL ORDER BY id",
            "SELECT ledger_head FROM payments WHERE sender = ? AND chain_id = ? ORDER BY id DESC LIMIT 1",
            "SELECT * FROM payments WHERE state IN ('reverted') ORDER BY id DESC LIMIT 500",
            "SELECT state, at FROM transitions WHERE payment = 1 ORDER BY id",
            """
            SELECT id FROM webhook_deliveries WHERE receiver = 'x' AND delivered_at IS NULL AND due <= 1
            ORDER BY id LIMIT 8
            """,
        ]
        for question in questions {
            let plan = try database.execute("EXPLAIN QUERY PLAN \(question)").compactMap { $0["detail"] }
            #expect(
                plan.allSatisfy { if case .text(let text) = $0 { text.contains("INDEX") } else { false } }, "\(plan)")
        }
    }

    /// Another connection locks the file, and releases the lock when all journals have started to write. There are more
    /// journals than threads in Swift's pool. If the journals waited for the lock on these threads, some of them could
    /// not start, and the lock would not be released.
    @Test("waits for another process in threads of its own, while all else goes on")
    func busy() async throws {
        let (other, count) = (try SQLiteDatabase(path: path), Shared(0))
        let all = 4 * ProcessInfo.processInfo.activeProcessorCount
        let journals = try (0..<all).map { _ in
            try SQLJournal(path, timeout: .seconds(30)) {
                count.value.withLock { count in
                    count += 1
                    if count == all { _ = try? other.execute("COMMIT") }
                }
                return Timestamp(seconds: 0)
            }
        }
        try other.execute("BEGIN IMMEDIATE")
        let signedPayment = try SamplePayment.signedPayment()
        let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
            for journal in journals { group.addTask { try await journal.record(signedPayment) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(numbers == [1])
    }

    @Test(
        "sends nothing whose role or bytes it cannot read",
        arguments: [
            "UPDATE steps SET role = 'something'", "UPDATE steps SET rung = '-1'",
            "UPDATE transactions SET raw = '0x0'",
        ])
    func damaged(statement: String) async throws {
        let journal = try journal()
        _ = try await journal.record(SamplePayment.signedPayment())
        try SQLiteDatabase(path: path).execute(statement)
        #expect(await refusals { _ = try await journal.unfinished() } == [Refusal("journal.damaged", path)])
    }
}
