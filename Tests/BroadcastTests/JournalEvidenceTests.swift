import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockHTTP
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests
import AirlockSamples
import AirlockStrictJSON
import AirlockTransactions
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("What a journal knows of one payment, as evidence")
struct JournalEvidenceTests {
    private let folder: Scratch
    private let time = Timestamp(seconds: 1_000_000)

    init() throws { folder = try Scratch() }

    private func open(_ store: JournalStore) async throws -> SQLJournal {
        let time = time
        return try #require(try await store.open(folder) { time } as? SQLJournal)
    }

    private static func signedPayment(nonce: UInt64) throws -> SignedPayment {
        let charge = try SamplePayment.nativeCharge()
        let rungs = try [30_000_000, 40_000_000].map { try SamplePayment.pay(charge, nonce: nonce, fee: $0) }
        return try SignedPayment(raw: rungs.map(\.raw))
    }

    @Test(
        "has its transactions, attempts, states, blocks and event, and nothing of another payment",
        arguments: JournalStore.all)
    func whole(store: JournalStore) async throws {
        let journal = try await open(store)
        let signedPayment = try Self.signedPayment(nonce: 7)
        let other = try await journal.record(Self.signedPayment(nonce: 8))
        _ = try await journal.beginAttempts(Self.signedPayment(nonce: 8).steps[0].hash, of: other, ["a"])
        let payment = try await journal.record(signedPayment)
        let hashes = signedPayment.steps.map(\.hash)
        let numbers = try await journal.beginAttempts(hashes[0], of: payment, ["https://a.example", "b"])
        var taken = JournalReply(number: numbers[0], answer: .taken)
        taken.words = "\u{202E}<b>already known</b>"
        try await journal.endAttempts([taken], by: payment, isTaken: true)
        let text = receipt(of: hashes[0], logs: [SettlementTests.Event().log])
        let found = try #require(
            try await ScriptedChain(receipts: ["\(hashes[0])": text]).node().node.receipt(of: hashes[0]))
        let effect = try #require(signedPayment.effect(of: signedPayment.steps[0]))
        let event = try #require(try Settlement.require(effect, in: found).paid)
        try await journal.ended(payment, .settled, found, nil, event)

        let evidence = try await journal.evidence("\(hashes[1])", at: Timestamp(seconds: 2_000_000))
        #expect(evidence.code == signedPayment.code && evidence.made == Timestamp(seconds: 2_000_000))
        #expect(evidence.transactions.map(\.hash) == hashes && evidence.transactions.map(\.nonce) == [7, 7])
        #expect(evidence.state == "settled" && evidence.changes.last?.state == "settled")
        #expect(evidence.changes.allSatisfy { $0.at == "\(time)" })
        #expect(evidence.attempts.map(\.node) == ["https://a.example", "b"])
        #expect(evidence.attempts.map(\.meaning) == ["taken", nil] && evidence.attemptsLeftOut == 0)
        #expect(evidence.attempts.map(\.answered) == ["\(time)", nil])
        #expect(evidence.attempts[0].words == "\u{202E}<b>already known</b>")
        #expect(evidence.receipts.map(\.hash) == [hashes[0]] && evidence.receipts[0].succeeded)
        let named = evidence.receipts[0].event.map { "\($0.name) \($0.value)" }
        #expect(named.contains("spent_amount \(event.spentAmount)") && !named.contains { $0.hasPrefix("receipt ") })
        // The evidence can be written as canonical JSON, or as JSON in which everything except printable ASCII is
        // escaped. Both texts must decode to the same evidence.
        #expect(try RelayEvidence(evidence.json.bytes) == evidence)
        #expect(try RelayEvidence(Array(evidence.json.printable.utf8)) == evidence)

        // After pruning, the evidence contains no attempts, but it still contains the receipts and the transactions.
        _ = try await journal.prune(before: Timestamp(seconds: 3_000_000), isTrial: false)
        let pruned = try await journal.evidence(signedPayment.code, at: Timestamp(seconds: 2_000_000))
        #expect(pruned.attempts.isEmpty && pruned.receipts == evidence.receipts)
        #expect(pruned.transactions == evidence.transactions)
    }

    @Test("has the latest attempts, and the beginning of what a node said, and fits into a folder")
    func bounded() async throws {
        let journal = try await open(JournalStore.all[0])
        let signedPayment = try Self.signedPayment(nonce: 7)
        let payment = try await journal.record(signedPayment)
        let hash = signedPayment.steps[0].hash
        let count = SQLJournal.mostAttempts + 3
        let numbers = try await journal.beginAttempts(hash, of: payment, (0..<count).map { "node \($0)" })
        let replies = numbers.map { number in
            var reply = JournalReply(number: number, answer: .refused)
            reply.words = String(repeating: "\u{202E}", count: 1_000)
            return reply
        }
        try await journal.endAttempts(replies, by: payment, isTaken: false)
        let evidence = try await journal.evidence(signedPayment.code, at: time)
        #expect(evidence.attempts.count == SQLJournal.mostAttempts && evidence.attemptsLeftOut == 3)
        #expect(evidence.attempts.first?.node == "node 3" && evidence.attempts.last?.node == "node \(count - 1)")
        #expect(evidence.attempts[0].words?.hasSuffix("... (800 more)") == true)
        #expect(evidence.json.printable.utf8.count < 4 << 20)
    }

    @Test("is refused by what is broken of it: another payment, and what is malformed")
    func refused() async throws {
        let journal = try await open(JournalStore.all[0])
        let signedPayment = try Self.signedPayment(nonce: 7)
        _ = try await journal.record(signedPayment)
        let evidence = try await journal.evidence(signedPayment.code, at: time)
        let text = evidence.json.text
        for (old, new) in [
            ("\"relay-evidence\"", "\"relay\""), ("\"states\":", "\"state2\":"), ("\"nonce\":\"7\"", "\"nonce\":7"),
            ("\"receipts\":[]", "\"receipts\":{}"), ("\"role\":", "\"rule\":"),
        ] {
            guard text.contains(old) else { continue }
            #expect(throws: ProblemList.self, "\(new)") {
                try RelayEvidence(Array(text.replacing(old, with: new).utf8))
            }
        }
        await #expect(throws: ProblemList.self) { try await journal.evidence("nobody", at: time) }
    }
}
