import AirlockEthereumTypes
import Foundation
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSecp256k1
import Testing
import AirlockTransactions
import AirlockCharges

@testable import AirlockBroadcast

@Suite("The journal")
struct JournalTests {
    private let folder = Folder()
    private var path: String { folder.path + "/journal.sqlite" }

    /// The file, byte for byte.
    private var content: Data? { FileManager.default.contents(atPath: path) }

    private func journal() throws -> Journal { try Journal(path, now: { Timestamp(seconds: 0) }) }

    @Test("keeps a payment with its transactions, once")
    func record() throws {
        let charge = try SamplePayment.nativeCharge()
        let shipment = try Shipment(SamplePayment.file(charge, [(.pay, SamplePayment.pay(charge))]))
        let number = try journal().record(shipment)
        #expect(try journal().record(shipment) == number)
        // The raw transaction alone is the same payment.
        #expect(try journal().record(Shipment(raw: [shipment.steps[0].raw])) == number)
        let all = try journal().payments()
        #expect(all.count == 1)
        #expect(all[0].state == .recorded)
        #expect(all[0].code == shipment.code)
        #expect(all[0].chargeID == charge.contents.id)
        #expect(all[0].intentID == "\(charge.contents.intent.id)")
        #expect(all[0].method == "transferNative")
        #expect(all[0].expires == "2026-03-11T08:30:49Z")
        #expect(all[0].recordedAt == "1970-01-01T00:00:00Z")
        #expect(all[0].transactions.map(\.hash) == ["\(shipment.steps[0].hash)"])
    }

    @Test("finds a payment by its code, charge, intent or hash, and says when there is none")
    func find() throws {
        let charge = try SamplePayment.nativeCharge()
        let shipment = try Shipment(SamplePayment.file(charge, [(.pay, SamplePayment.pay(charge))]))
        let journal = try journal()
        _ = try journal.record(shipment)
        _ = try journal.record(Shipment(raw: [SamplePayment.signed(to: .zero).raw]))
        let hash = "\(shipment.steps[0].hash)"
        for name in [
            shipment.code, charge.contents.id, "\(charge.contents.intent.id)", hash,
            "0x" + hash.dropFirst(2).uppercased(),
        ] {
            #expect(try journal.payments(name).map(\.code) == [shipment.code])
        }
        #expect(try journal.payments().count == 2)
        let refused = refusals { _ = try journal.payments("nothing") }
        #expect(refused == [Refusal("journal.unknown-payment", path)])
    }

    @Test("brings back the ledger's head that came last for an account of a chain")
    func ledgerHead() throws {
        let journal = try journal()
        let (first, second) = (Hash { _ in 1 }, Hash { _ in 2 })
        for (nonce, head) in [(7, first), (8, second)] {
            let charge = try SamplePayment.nativeCharge()
            let file = try SamplePayment.file(
                charge, [(.pay, SamplePayment.pay(charge, nonce: UInt64(nonce)))], ledgerHead: head)
            _ = try journal.record(Shipment(file))
        }
        #expect(try journal.ledgerHead(of: SampleKey.payer.address, on: .base) == second)
        #expect(try journal.ledgerHead(of: SampleKey.payer.address, on: .ethereum) == nil)
        #expect(try journal.ledgerHead(of: SampleKey.stranger.address, on: .base) == nil)
    }

    @Test("keeps every transition with its time, and none twice")
    func transitions() throws {
        let journal = try journal()
        let number = try journal.record(SamplePayment.shipment())
        try journal.move(number, to: .sent)
        try journal.move(number, to: .sent)
        try journal.move(number, to: .expired, "too late")
        let rows = try Database(path: path).execute("SELECT state, at, detail FROM transitions ORDER BY id")
        let at = DatabaseValue.text("1970-01-01T00:00:00Z")
        #expect(
            rows == [
                ["state": .text("recorded"), "at": at, "detail": .null],
                ["state": .text("sent"), "at": at, "detail": .null],
                ["state": .text("expired"), "at": at, "detail": .text("too late")],
            ])
        #expect(try journal.payments()[0].state == .expired)
    }

    @Test("keeps what each node was asked and what it said")
    func attempts() throws {
        let journal = try journal()
        let hash = try SamplePayment.shipment().steps[0].hash
        _ = try journal.record(SamplePayment.shipment())
        let numbers = try journal.asking(hash, ["a", "b"])
        #expect(try journal.given([hash]) == Journal.Given(asked: [hash], left: [hash]))
        try journal.answered([
            Journal.Reply(number: numbers[0], answer: .refused, code: "node.other", words: "odd words"),
            Journal.Reply(number: numbers[1], answer: .unknown, code: "http.cut-off"),
        ])
        #expect(try journal.given([hash]) == Journal.Given(asked: [hash], left: [hash]))
        try journal.answered([Journal.Reply(number: numbers[1], answer: .feeTooLow, code: "node.fee-too-low")])
        #expect(try journal.given([hash]) == Journal.Given(asked: [hash]))
        #expect(try journal.payments()[0].state == .recorded)
        // What the code says decides nothing.
        try journal.answered([Journal.Reply(number: numbers[1], answer: .taken, code: "node.fee-too-low")], by: 1)
        #expect(try journal.given([.zero, hash]) == Journal.Given(asked: [hash], left: [hash], taken: [hash]))
        #expect(try journal.payments()[0].state == .sent)
        let rows = try Database(path: path).execute("SELECT node, meaning, answer, words FROM attempts ORDER BY id")
        #expect(
            rows == [
                [
                    "node": .text("a"), "meaning": .text("refused"), "answer": .text("node.other"),
                    "words": .text("odd words"),
                ],
                [
                    "node": .text("b"), "meaning": .text("taken"), "answer": .text("node.fee-too-low"), "words": .null,
                ],
            ])
    }

    @Test("refuses the file of a newer Airlock, and changes nothing in it")
    func newer() throws {
        _ = try journal()
        try Database(path: path).execute("PRAGMA user_version = 3")
        let problem = try #require(problems { _ = try journal() }.first)
        #expect(problem.code == "journal.newer")
        #expect(try Database(path: path).execute("PRAGMA user_version") == [["user_version": .integer(3)]])
    }

    /// What others have made of a database: of a version that nobody set, of ours, and of one to come.
    @Test(
        "refuses the database of another program, and changes no byte of it",
        arguments: ["CREATE TABLE x (a)", "CREATE TABLE payments (a)"], [0, 1, 2, 3])
    func foreign(statement: String, version: Int) throws {
        let database = try Database(path: path)
        // As SQLite makes it unless it is told otherwise.
        for sql in ["PRAGMA journal_mode = DELETE", statement, "PRAGMA user_version = \(version)"] {
            try database.execute(sql)
        }
        let before = content
        #expect(refusals { _ = try journal() } == [Refusal("journal.not-a-journal", path)])
        #expect(refusals { _ = try Journal(reading: path) } == [Refusal("journal.not-a-journal", path)])
        #expect(content == before)
    }

    @Test("is made in an empty file by who writes, and not by who reads")
    func empty() throws {
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(try Journal(reading: path) == nil)
        #expect(content == Data())
        _ = try journal().record(SamplePayment.shipment())
        let before = content
        #expect(try Journal(reading: path)?.payments().count == 1)
        #expect(content == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["journal.sqlite"])
    }

    @Test("is not read where there is none, nor written by who only reads")
    func reading() throws {
        #expect(refusals { _ = try Journal(reading: path) } == [Refusal("journal.unreadable", path)])
        _ = try journal()
        let reader = try #require(try Journal(reading: path))
        #expect(refusals { _ = try reader.record(SamplePayment.shipment()) } == [Refusal("journal.failed", path)])
    }
}
