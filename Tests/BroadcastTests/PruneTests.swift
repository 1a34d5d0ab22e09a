import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockHTTP
import AirlockJSONRPC
import AirlockSamples
import AirlockStrictJSON
import AirlockTransactions
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("A journal that is pruned")
struct PruneTests {
    private let folder: Scratch
    /// The time that the journal uses as the current time. The tests set it.
    private let now = Shared(UInt64(1_000_000))

    init() throws { folder = try Scratch() }

    private func open(_ store: JournalStore) async throws -> SQLJournal {
        let now = now
        let journal = try await store.open(folder) { Timestamp(seconds: now.value.withLock { $0 }) }
        return try #require(journal as? SQLJournal)
    }

    /// Creates a payment with two rungs and a cancel transaction.
    private static func signedPayment(nonce: UInt64 = 7) throws -> SignedPayment {
        let charge = try SamplePayment.nativeCharge()
        let rungs = try [30_000_000, 40_000_000].map { try SamplePayment.pay(charge, nonce: nonce, fee: $0) }
        let cancel = try SamplePayment.signed(nonce: nonce, to: SampleKey.payer.address, fee: 50_000_000)
        return try SignedPayment(raw: (rungs + [cancel]).map(\.raw))
    }

    /// Records a payment whose second rung is mined, and mined again in another block after a reorganisation. Returns
    /// the payment's number.
    private func settle(_ journal: SQLJournal, _ signedPayment: SignedPayment) async throws -> Int64 {
        let payment = try await journal.record(signedPayment)
        for step in signedPayment.steps {
            let numbers = try await journal.beginAttempts(step.hash, of: payment, ["a", "b"])
            try await journal.endAttempts(
                numbers.map { JournalReply(number: $0, answer: .taken) }, by: payment, isTaken: true)
        }
        let hash = signedPayment.steps[1].hash
        let text = receipt(of: hash, logs: [SettlementTests.Event().log])
        let gone = try #require(try await ScriptedChain(receipts: ["\(hash)": text]).node().node.receipt(of: hash))
        let other = text.replacing("\(Hash { _ in 0xAA })", with: "\(Hash { _ in 0xBB })")
        let found = try #require(try await ScriptedChain(receipts: ["\(hash)": other]).node().node.receipt(of: hash))
        let effect = try #require(signedPayment.effect(of: signedPayment.steps[1]))
        let event = try #require(try Settlement.require(effect, in: found).paid)
        try await journal.ended(payment, .settled, gone, nil, event)
        try await journal.ended(payment, .settled, found, nil, event)
        return payment
    }

    private func later(_ seconds: UInt64) { now.value.withLock { $0 += seconds } }

    private var time: Timestamp { Timestamp(seconds: now.value.withLock { $0 }) }

    @Test("keeps what proves a payment, and loses what was asked, answered and outbid", arguments: JournalStore.all)
    func pruned(store: JournalStore) async throws {
        let journal = try await open(store)
        try await journal.register(WebhookReceiver(HTTPURL("https://shop.example/a")))
        let signedPayment = try Self.signedPayment()
        let payment = try await settle(journal, signedPayment)
        let young = try Self.signedPayment(nonce: 8)
        later(100)
        let cut = time
        try await journal.register(WebhookReceiver(HTTPURL("https://shop.example/b")))
        let recent = try await settle(journal, young)
        let waiting = try await journal.record(Self.signedPayment(nonce: 9))
        _ = try await journal.beginAttempts(Self.signedPayment(nonce: 9).steps[0].hash, of: waiting, ["a"])
        let before = try await journal.rows().map(\.text)
        let trial = try await journal.prune(before: cut, isTrial: true)
        #expect(try await journal.rows().map(\.text) == before)
        let pruned = try await journal.prune(before: cut, isTrial: false)
        #expect(pruned == trial)
        #expect([pruned.payments, pruned.attempts, pruned.transactions, pruned.receipts] == [1, 6, 2, 1])
        // No relay has used the first webhook since the cut-off time of the pruning. Both of its deliveries are
        // therefore removed.
        #expect(pruned.deliveries == 2)
        let after = try await journal.rows().map(\.text)
        #expect(Set(after).subtracting(before).count == 2, "two transactions without their bytes")
        let hashes = signedPayment.steps.map { "\($0.hash)" }
        for table in ["payments", "steps", "transitions"] {
            #expect(after.filter { $0.contains("\"\(table)\"") } == before.filter { $0.contains("\"\(table)\"") })
        }
        #expect(after.filter { $0.contains(#""events""#) }.count == 3)
        #expect(try await journal.rows(of: "attempts").count == 7)
        let transactions = try await journal.rows(of: "transactions")
        #expect(transactions.count == 9 && hashes.allSatisfy { hash in transactions.contains { $0.contains(hash) } })
        #expect(transactions.count { $0.contains(#""raw":"""#) } == 2)
        // After the pruning, the journal still finds the payment by the hash of each transaction and by the comparison
        // code. The payment is still in the spreadsheet, and it can be recorded again.
        for name in hashes + [signedPayment.code] {
            let found = try await journal.payments(name)
            #expect(found.contains { $0.id == payment && $0.state == .settled && $0.summary != nil })
        }
        #expect(try await journal.spreadsheet().split(separator: "\r\n").count == 10)
        #expect(try await journal.payments().map(\.transactions.count) == [3, 3, 3])
        #expect(try await journal.stored(payment)?.transactions.map(\.raw) == [signedPayment.steps[1].raw])
        #expect(try await journal.storedUnfinished().map(\.number) == [waiting])
        #expect(try await journal.stored(recent)?.transactions.count == 3)
        #expect(try await journal.prune(before: cut, isTrial: false).attempts == 0)
        #expect(try await journal.record(signedPayment) == payment)
        #expect(try await journal.stored(payment)?.transactions.count == 3)
    }

    @Test("keeps of a payment that ended without a block all that was signed", arguments: JournalStore.all)
    func withoutBlock(store: JournalStore) async throws {
        let journal = try await open(store)
        let signedPayment = try Self.signedPayment()
        let payment = try await journal.record(signedPayment)
        _ = try await journal.beginAttempts(signedPayment.steps[0].hash, of: payment, ["a"])
        try await journal.move(payment, to: .expired)
        later(100)
        let pruned = try await journal.prune(before: time, isTrial: false)
        #expect([pruned.payments, pruned.attempts, pruned.transactions] == [1, 1, 0])
        #expect(try await journal.stored(payment)?.transactions.count == 3)
    }

    @Test("keeps what another payment needs that is open", arguments: JournalStore.all)
    func shared(store: JournalStore) async throws {
        let journal = try await open(store)
        let signedPayment = try Self.signedPayment()
        let alone = try SignedPayment(raw: [signedPayment.steps[1].raw])
        let first = try await journal.record(alone)
        _ = try await journal.beginAttempts(signedPayment.steps[1].hash, of: first, ["a"])
        try await journal.move(first, to: .expired)
        later(100)
        _ = try await journal.record(signedPayment)
        #expect(try await journal.prune(before: time, isTrial: false).attempts == 0)
        #expect(try await journal.rows(of: "attempts").count == 1)
    }

    @Test("is gone through in pieces, of which each is reported", arguments: JournalStore.all)
    func pieces(store: JournalStore) async throws {
        let journal = try await open(store)
        let signedPayments = try (0..<1201 as Range<UInt64>).map {
            try SignedPayment(raw: [SamplePayment.signed(nonce: $0, to: .zero).raw])
        }
        let payments = try await journal.record(signedPayments)
        try await journal.change { database, at throws(JournalError) in
            _ = try database.execute("UPDATE payments SET state = 'settled', ended_at = ? WHERE id <> 600", [at])
            _ = try database.execute("INSERT INTO attempts (hash, node, asked_at) SELECT hash, 'a', ? FROM steps", [at])
        }
        later(100)
        let counts = Shared<[Int]>([])
        let pruned = try await journal.prune(before: time, isTrial: false) { count in
            counts.value.withLock { $0.append(count) }
        }
        #expect(pruned.payments == 1200 && pruned.attempts == 1200)
        #expect(counts.value.withLock { $0 } == [500, 1000, 1200])
        #expect(try await journal.storedUnfinished().map(\.number) == [payments[599]])
    }
}
