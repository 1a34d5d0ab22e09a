import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockSamples
import Synchronization
import AirlockStrictJSON
import Testing
import AirlockTransactions
import AirlockCharges

@testable import AirlockBroadcast

@Suite("The payments that are asked for")
struct JournalFilterTests {
    private let folder = Folder()
    private let journal: Journal
    private let clock = Shared<UInt64>(0)

    init() throws {
        let clock = clock
        journal = try Journal(
            folder.path + "/journal.sqlite", now: { Timestamp(seconds: clock.value.withLock { $0 }) })
        let states: [PaymentState] = [.settled, .sent, .expired, .sent]
        for (number, state) in states.enumerated() {
            clock.value.withLock { $0 = UInt64(number) }
            try journal.move(
                journal.record(Shipment(raw: [SamplePayment.signed(nonce: UInt64(number), to: .zero).raw])), to: state)
        }
    }

    private func nonces(_ change: (inout JournalFilter) -> Void) throws -> [String] {
        var filter = JournalFilter()
        change(&filter)
        var found: [String] = []
        try journal.payments(filter) { found.append($0.transactions[0].nonce) }
        return found
    }

    @Test("are the latest first: as many as wanted, in these states, changed since then")
    func filtered() throws {
        #expect(try nonces { _ in } == ["3", "2", "1", "0"])
        #expect(try nonces { $0.limit = 2 } == ["3", "2"])
        #expect(try nonces { $0.limit = 0 } == [])
        #expect(try nonces { $0.states = [.sent] } == ["3", "1"])
        #expect(
            try nonces {
                $0.states = [.sent, .settled]; $0.limit = 2
            } == ["3", "1"])
        #expect(try nonces { $0.since = Timestamp(seconds: 2) } == ["3", "2"])
        #expect(try nonces { $0.since = Timestamp(seconds: 9) } == [])
        #expect(try nonces { $0.states = [.reverted] } == [])
    }

    @Test("come in pages, each payment once")
    func pages() throws {
        for nonce in 4..<1203 as Range<UInt64> {
            _ = try journal.record(Shipment(raw: [SamplePayment.signed(nonce: nonce, to: .zero).raw]))
        }
        #expect(try nonces { _ in } == (0..<1203).reversed().map(String.init))
        #expect(try nonces { $0.limit = 501 }.count == 501)
        #expect(try journal.payments().count == 1203)
    }

    @Test("are found by an index, whatever they are looked up by")
    func indexed() throws {
        let database = try Database(path: folder.path + "/journal.sqlite")
        let questions = [
            "SELECT meaning FROM attempts WHERE hash = ?", "SELECT id FROM payments WHERE code = ?",
            "SELECT id FROM payments WHERE charge_id = ?", "SELECT id FROM payments WHERE intent_id = ?",
            "SELECT payment FROM steps WHERE hash = ?", "SELECT id FROM payments WHERE changed_at >= ?",
            "SELECT id FROM payments WHERE ended_at IS NULL ORDER BY id",
        ]
        for question in questions {
            let plan = try database.execute("EXPLAIN QUERY PLAN \(question)").compactMap { $0["detail"] }
            #expect(
                plan.allSatisfy { if case .text(let text) = $0 { text.contains("INDEX") } else { false } }, "\(plan)")
        }
    }

    @Test("say whom they pay how much, and what each rung offers")
    func summary() throws {
        let charge = try SamplePayment.charge()
        let (low, high) = (
            try SamplePayment.pay(charge, nonce: 50), try SamplePayment.pay(charge, nonce: 50, fee: 40_000_000)
        )
        _ = try journal.record(Shipment(raw: [low.raw, high.raw]))
        let payment = try #require(try journal.payments("\(low.hash)").first)
        #expect(payment.summary?.text == "1.05 USDC to \(charge.contents.intent.recipient)")
        #expect(payment.transactions.map(\.rung) == ["0", "1"])
        #expect(
            payment.transactions.map(\.fees) == [
                "at most 0.03 gwei, tip 0.000000001 gwei", "at most 0.04 gwei, tip 0.000000001 gwei",
            ])
        #expect(payment.json.text.contains(#""amount":"1050000","currency":"\#(SamplePayment.usdc)""#))
        _ = try journal.record(Shipment(raw: [SamplePayment.signed(nonce: 51, to: .zero, value: 5, data: [1]).raw]))
        let unknown = try #require(try journal.payments().first?.summary?.text)
        #expect(unknown == "0.000000000000000005 ETH to \(Address.zero), with a call that is not known")
    }
}
