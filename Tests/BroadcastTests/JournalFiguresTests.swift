import AirlockCharges
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockTransactions
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

/// Tests of the queries for the relay's web page, for each kind of database that stores a journal.
@Suite("What a journal tells who watches it")
struct JournalFiguresTests {
    private let folder: Scratch
    private let clock = Shared<UInt64>(1_000_000)

    init() throws { folder = try Scratch() }

    private func journal(_ store: JournalStore) async throws -> SQLJournal {
        let clock = clock
        let journal = try await store.open(folder) { Timestamp(seconds: clock.value.withLock { $0 }) }
        return try #require(journal as? SQLJournal)
    }

    private func pass(_ seconds: UInt64) { clock.value.withLock { $0 += seconds } }

    private static func raw(_ nonce: UInt64, value: UInt256 = 5, on chain: UInt64 = 8453) throws -> SignedPayment {
        try SignedPayment(raw: [SamplePayment.signed(nonce: nonce, to: .zero, value: value, chainID: chain).raw])
    }

    private static func receipt(of signedPayment: SignedPayment) async throws -> Receipt {
        let hash = signedPayment.steps[0].hash
        let chain = ScriptedChain(receipts: ["\(hash)": BroadcastTests.receipt(of: hash)])
        return try #require(await chain.node().node.receipt(of: hash))
    }

    private func ask(_ journal: SQLJournal, _ number: Int64, _ signedPayment: SignedPayment, _ answers: [NodeAnswer?])
        async throws
    {
        let nodes = answers.indices.map { "node \($0)" }
        let numbers = try await journal.beginAttempts(signedPayment.steps[0].hash, of: number, nodes)
        let replies = zip(numbers, answers).compactMap { number, answer in
            answer.map { JournalReply(number: number, answer: $0, code: nil, words: $0 == .refused ? "no" : nil) }
        }
        try await journal.endAttempts(replies, by: number, isTaken: answers.contains(.taken))
    }

    @Test("is how many payments are where, since when, and what nodes said", arguments: JournalStore.all)
    func figures(store: JournalStore) async throws {
        let journal = try await journal(store)
        #expect(try await journal.figures() == JournalFigures())
        let signedPayments = [try Self.raw(1), try Self.raw(2), try Self.raw(3, on: 1)]
        var numbers: [Int64] = []
        for signedPayment in signedPayments {
            numbers.append(try await journal.record(signedPayment))
            pass(10)
        }
        try await ask(journal, numbers[0], signedPayments[0], [.taken, .refused])
        try await ask(journal, numbers[1], signedPayments[1], [.taken, nil])
        var figures = try await journal.figures()
        #expect(figures.counts == [.recorded: 1, .sent: 2] && figures.open == 3)
        #expect(
            figures.oldestOpen == [.base: Timestamp(seconds: 1_000_000), .ethereum: Timestamp(seconds: 1_000_020)])
        try await journal.ended(numbers[0], .settled, Self.receipt(of: signedPayments[0]))
        figures = try await journal.figures()
        #expect(figures.counts == [.recorded: 1, .sent: 1, .settled: 1] && figures.open == 2)
        #expect(figures.oldestOpen[.base] == Timestamp(seconds: 1_000_010))
        let traffic = try await journal.traffic()
        #expect(traffic.attempts == ["node 0": 2, "node 1": 2] && traffic.bumped == 0)
        #expect(traffic.answers == ["node 0": [.taken: 2], "node 1": [.refused: 1, nil: 1]])
        let lease = try #require(await journal.lease(signedPayments[0].sender, on: .base, for: .seconds(600)))
        let held = try #require(try await journal.figures().leases.first)
        #expect(held.owner == journal.owner && held.chainID == "8453" && held.until != nil)
        try await journal.release(lease)
        #expect(try await journal.figures().leases.map(\.until) == [nil])
    }

    @Test("counts each rung above the first that a node was given, and no cancel", arguments: JournalStore.all)
    func rungs(store: JournalStore) async throws {
        let journal = try await journal(store)
        let charge = try SamplePayment.nativeCharge()
        let rungs = try (0..<3 as Range<UInt64>).map { try SamplePayment.pay(charge, fee: UInt256(30_000_000 + $0)) }
        let signedPayment = try SignedPayment(
            raw: rungs.map(\.raw) + [SamplePayment.signed(to: SamplePayment.charge().contents.sender).raw])
        let number = try await journal.record(signedPayment)
        for step in signedPayment.steps where step.rung != 1 {
            for _ in 0..<2 { _ = try await journal.beginAttempts(step.hash, of: number, ["node"]) }
        }
        #expect(signedPayment.steps.map(\.role) == [.pay, .pay, .pay, .cancel])
        #expect(try await journal.traffic().bumped == 1)
    }

    @Test("is one payment's way, in order", arguments: JournalStore.all)
    func moments(store: JournalStore) async throws {
        let journal = try await journal(store)
        let signedPayment = try Self.raw(1)
        let number = try await journal.record(signedPayment)
        try await ask(journal, number, signedPayment, [.taken, .refused])
        pass(5)
        try await journal.askCancel(of: number)
        let receipt = try await Self.receipt(of: signedPayment)
        try await journal.mined(number, receipt)
        pass(5)
        try await journal.ended(number, .settled, receipt, "as its event says")
        let moments = try await journal.timeline(of: number)
        #expect(
            moments.map(\.event) == [
                .journaled, .asked, .asked, .answered, .answered, .state, .cancelAsked, .mined, .state, .state,
            ])
        #expect(moments.compactMap(\.state) == [.recorded, .sent, .mined, .settled])
        #expect(moments.compactMap(\.node) == ["node 0", "node 1", "node 0", "node 1"])
        #expect(moments[4].detail == "refused: no" && moments[7].detail == "block 100")
        #expect(moments.last?.at == "1970-01-12T13:46:50Z" && moments.last?.detail == "as its event says")
        #expect(try await journal.fees(of: [number, 99]) == [number: 100_000])
        #expect(try await journal.timeline(of: 99).isEmpty)
    }

    @Test("is what changed since, once", arguments: JournalStore.all)
    func changes(store: JournalStore) async throws {
        let journal = try await journal(store)
        let first = try Self.raw(1)
        let number = try await journal.record(first)
        var mark = try await journal.cursor()
        func next(_ hashes: [Hash] = []) async throws -> [PaymentState] {
            let (changes, later) = try await journal.changes(since: mark, hashes)
            mark = later
            #expect(Set(changes).count == changes.count && changes.allSatisfy { $0.code == first.code })
            return changes.map(\.state)
        }
        #expect(try await next().isEmpty)
        _ = try await journal.beginAttempts(first.steps[0].hash, of: number, ["node"])
        #expect(try await next() == [.recorded])
        try await journal.move(number, to: .sent)
        #expect(try await next() == [.sent])
        #expect(try await next().isEmpty)
        #expect(try await next([first.steps[0].hash, .keccak([1])]) == [.sent])
    }

    @Test("is what ended, with what it paid and cost", arguments: JournalStore.all)
    func ended(store: JournalStore) async throws {
        let journal = try await journal(store)
        let begin = Timestamp(seconds: 1_000_000)
        var numbers: [Int64] = []
        for nonce in 0..<6 as Range<UInt64> {
            let signedPayment = try Self.raw(nonce, value: UInt256(100 + nonce))
            let number = try await journal.record(signedPayment)
            numbers.append(number)
            pass(60)
            switch nonce {
            case 0..<3: try await journal.ended(number, .settled, Self.receipt(of: signedPayment))
            case 3: try await journal.ended(number, .reverted, Self.receipt(of: signedPayment))
            case 4: try await journal.move(number, to: .expired)
            default: break
            }
        }
        let all = try await journal.ended(since: begin, after: 0, of: 100)
        #expect(all.map(\.number) == Array(numbers[..<5]))
        #expect(all.map { $0.paid?.amount } == [100, 101, 102, nil, nil])
        #expect(all.map(\.fee) == [100_000, 100_000, 100_000, 100_000, nil])
        #expect(all[1].endedAt.seconds - all[1].recordedAt.seconds == 60)
        #expect(try await journal.ended(since: begin, after: numbers[1], of: 2).map(\.number) == Array(numbers[2..<4]))
        #expect(
            try await journal.ended(since: all[2].endedAt, after: 0, of: 100).map(\.number) == Array(numbers[2..<5]))
    }

    @Test("finds payments by a chain, or a part of what names them", arguments: JournalStore.all)
    func filters(store: JournalStore) async throws {
        let journal = try await journal(store)
        let (base, other) = (try Self.raw(1), try Self.raw(1, on: 1))
        let numbers = try await journal.record([base, other])
        func found(_ change: (inout JournalFilter) -> Void) async throws -> [Int64] {
            var filter = JournalFilter()
            change(&filter)
            return try await journal.page(filter, before: nil, of: 10).map(\.id)
        }
        #expect(try await found { $0.chain = .base } == [numbers[0]])
        #expect(try await found { $0.chain = .polygon } == [])
        #expect(try await found { $0.text = String(base.code.lowercased().dropFirst(2)) } == [numbers[0]])
        #expect(try await found { $0.text = "\(other.steps[0].hash)" } == [numbers[1]])
        #expect(try await found { $0.text = "\(base.sender)".uppercased().replacing("0X", with: "0x") }.count == 2)
        #expect(try await found { $0.text = "\(Address.zero)" }.count == 2)
        for none in ["%", "_", "!", "'", "0x00", "nothing"] {
            #expect(try await found { $0.text = none } == [], "\(none)")
        }
    }
}
