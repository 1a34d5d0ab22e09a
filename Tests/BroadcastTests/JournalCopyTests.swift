import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockHTTP
import AirlockJSONRPC
import AirlockSamples
import AirlockStrictJSON
import AirlockTransactions
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("A journal that is copied into another store")
struct JournalCopyTests {
    private static let pairs = JournalStore.all.flatMap { from in JournalStore.all.map { (from, $0) } }

    private func open(_ store: JournalStore, _ folder: Scratch) async throws -> SQLJournal {
        let journal = try await store.open(folder) { Timestamp(seconds: 7) }
        return try #require(journal as? SQLJournal)
    }

    private static func raw(_ nonce: UInt64) throws -> SignedPayment {
        try SignedPayment(raw: [SamplePayment.signed(nonce: nonce, to: .zero).raw])
    }

    /// Fills a journal. Every table that is copied gets a row, the nonces have gaps, and one text contains U+0000,
    /// which PostgreSQL cannot store.
    private func fill(_ journal: SQLJournal) async throws -> SignedPayment {
        let signedPayment = try SamplePayment.signedPayment()
        let hash = signedPayment.steps[0].hash
        let chain = ScriptedChain(
            receipts: ["\(hash)": receipt(of: hash, logs: [SettlementTests.Event().log])])
        let receipt = try #require(try await chain.node().node.receipt(of: hash))
        let effect = try #require(signedPayment.effect(of: signedPayment.steps[0]))
        let event = try #require(try Settlement.require(effect, in: receipt).paid)
        let payment = try await journal.record(signedPayment)
        try await journal.register(WebhookReceiver(HTTPURL("https://shop.example/payments")))
        _ = try await journal.record([Self.raw(20), Self.raw(3)])
        let numbers = try await journal.beginAttempts(hash, of: payment, ["a", "b"])
        let reply = JournalReply(number: numbers[0], answer: .refused, code: "node.other", words: "odd \u{0} “words”")
        try await journal.endAttempts([reply], by: payment, isTaken: false)
        try await journal.ended(payment, .settled, receipt, nil, event)
        return signedPayment
    }

    @Test("is the same there, row by row, and goes on", arguments: pairs)
    func copied(from: JournalStore, to: JournalStore) async throws {
        let folders = (try Scratch(), try Scratch())
        let (source, target) = (try await open(from, folders.0), try await open(to, folders.1))
        let signedPayment = try await fill(source)
        let rows = try await source.rows().map { $0.text.replacing(#"\u0000"#, with: "\u{FFFD}") }
        #expect(try await target.copy(source) == rows.count)
        #expect(try await target.rows().map { $0.text.replacing(#"\u0000"#, with: "\u{FFFD}") } == rows)
        #expect(Set(rows.map { $0.prefix { $0 != "," } }).count == 9)
        #expect(try await target.record(signedPayment) == 1)
        #expect(try await target.record(Self.raw(50)) == 4)
        #expect(try await target.beginAttempts(signedPayment.steps[0].hash, of: 1, ["c"]) == [3])
        #expect(try await target.spreadsheet().split(separator: "\r\n").count == 5)
    }

    @Test("is not copied into one that holds something, and nothing is changed there", arguments: JournalStore.all)
    func notEmpty(store: JournalStore) async throws {
        let folders = (try Scratch(), try Scratch())
        let (source, target) = (try await open(.sqlite, folders.0), try await open(store, folders.1))
        _ = try await fill(source)
        _ = try await target.record(Self.raw(1))
        let before = try await target.rows().map(\.text)
        #expect(await refusals { _ = try await target.copy(source) } == [Refusal("journal.not-empty", target.place)])
        #expect(try await target.rows().map(\.text) == before)
    }

    @Test("is not kept where a row differs", arguments: JournalStore.all)
    func differs(store: JournalStore) async throws {
        let folders = (try Scratch(), try Scratch())
        let (source, target) = (try await open(.sqlite, folders.0), try await open(store, folders.1))
        _ = try await fill(source)
        let database = try await target.opened()
        let triggers =
            database is SQLiteDatabase
            ? [
                """
                CREATE TRIGGER wrong AFTER INSERT ON attempts BEGIN
                UPDATE attempts SET node = 'other' WHERE id = NEW.id AND NEW.node = 'b'; END
                """
            ]
            : [
                """
                CREATE FUNCTION wrong() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN IF NEW.node = 'b' THEN NEW.node = 'other'; END IF; RETURN NEW; END$$
                """,
                "CREATE TRIGGER wrong BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION wrong()",
            ]
        for trigger in triggers { try database.execute(trigger) }
        #expect(await refusals { _ = try await target.copy(source) } == [Refusal("journal.differs", target.place)])
        #expect(try await target.rows().isEmpty)
    }

    @Test("is brought to this version before")
    func older() async throws {
        let folders = (try Scratch(), try Scratch())
        let path = folders.0.path + "/journal.sqlite"
        let database = try SQLiteDatabase(path: path)
        for statement in SQLiteSchema.migrations[0] { try database.execute(statement) }
        try database.execute("PRAGMA user_version = 1")
        let source = try #require(try SQLJournal(reading: path))
        let target = try await open(.sqlite, folders.1)
        #expect(await refusals { _ = try await target.copy(source) } == [Refusal("journal.older", path)])
    }
}
