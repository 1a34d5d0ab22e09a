import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockSamples
import AirlockStrictJSON
import AirlockTransactions
import Glibc
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

/// Tests of the leases, for each kind of database that stores a journal.
@Suite("The lease of a sender")
struct JournalLeaseTests {
    private let folder: Scratch
    private let payer = SampleKey.payer.address

    init() throws { folder = try Scratch() }

    private func journal(_ store: JournalStore) async throws -> any PaymentJournal {
        try await store.open(folder) { Timestamp(seconds: 0) }
    }

    /// A lease duration that is longer than any test takes.
    private let long = Duration.seconds(600)

    @Test(
        "is one relay's until it gives it back, and each that takes it over has a higher number",
        arguments: JournalStore.all)
    func exclusive(store: JournalStore) async throws {
        let (first, second) = (try await journal(store), try await journal(store))
        let lease = try #require(try await first.lease(payer, on: .base, for: long))
        #expect(lease.fence == 1)
        #expect(try await second.lease(payer, on: .base, for: long) == nil)
        #expect(try await first.lease(payer, on: .base, for: long)?.fence == 1)
        #expect(try await first.renew(lease, for: long)?.fence == 1)
        // Leases of other senders and on other chains are independent of this lease.
        let stranger = SampleKey.stranger.address
        #expect(try await second.lease(stranger, on: .base, for: long)?.fence == 1)
        #expect(try await second.lease(payer, on: .ethereum, for: long)?.fence == 1)
        try await first.release(lease)
        let next = try #require(try await second.lease(payer, on: .base, for: long))
        #expect(next.fence == 2)
        #expect(try await first.renew(lease, for: long) == nil)
        try await first.release(lease)
        #expect(try await first.lease(payer, on: .base, for: long) == nil)
        #expect(try await second.renew(next, for: long)?.fence == 2)
    }

    typealias Write = @Sendable (any PaymentJournal, _ payment: Int64, Receipt) async throws -> Void

    /// Every method of a journal that writes the progress or the outcome of a payment.
    static let writes: [Write] = [
        { journal, payment, receipt in
            _ = try await journal.beginAttempts(receipt.transactionHash, of: payment, ["node"])
        },
        { journal, payment, _ in
            try await journal.endAttempts([JournalReply(number: 1, answer: .taken)], by: payment, isTaken: true)
        },
        { journal, payment, _ in try await journal.move(payment, to: .expired) },
        { journal, payment, receipt in try await journal.mined(payment, receipt) },
        { journal, payment, receipt in _ = try await journal.vanished(payment, [receipt.transactionHash]) },
        { journal, payment, receipt in try await journal.ended(payment, .settled, receipt) },
    ]

    @Test(
        "is taken over when it has ended, and then nothing that the one before writes is kept",
        arguments: JournalStore.all, writes.indices)
    func expired(store: JournalStore, number: Int) async throws {
        let (first, second) = (try await journal(store), try await journal(store))
        let signedPayment = try SamplePayment.signedPayment()
        let payment = try await first.record(signedPayment)
        let hash = signedPayment.steps[0].hash
        let node = try ScriptedChain(receipts: ["\(hash)": receipt(of: hash)]).node().node
        let receipt = try #require(try await node.receipt(of: hash))
        let lease = try #require(try await first.lease(payer, on: .base, for: .milliseconds(50)))
        let write = Self.writes[number]
        _ = try await first.beginAttempts(hash, of: payment, ["node"])
        // The lease has expired, but no other relay has taken it over. So the first relay is still allowed to write.
        try await Task.sleep(for: .milliseconds(60))
        _ = try await first.beginAttempts(hash, of: payment, ["node"])
        let taken = try #require(try await second.lease(payer, on: .base, for: long))
        #expect(taken.fence == 2)
        let before = try await first.rows().map(\.text)
        let lost = [Refusal("journal.lease-lost", "\(payer)")]
        #expect(await refusals { try await write(first, payment, receipt) } == lost)
        #expect(try await first.lease(payer, on: .base, for: long) == nil)
        #expect(await refusals { try await write(first, payment, receipt) } == lost)
        // A relay that never had the lease cannot write while another relay holds it.
        let third = try await journal(store)
        #expect(await refusals { try await write(third, payment, receipt) } == lost)
        #expect(try await first.rows().map(\.text) == before)
        try await write(second, payment, receipt)
        try await second.release(taken)
        try await write(third, payment, receipt)
        // The first relay must acquire the lease again before it writes.
        #expect(await refusals { try await write(first, payment, receipt) } == lost)
        #expect(try await first.lease(payer, on: .base, for: long)?.fence == 3)
        try await write(first, payment, receipt)
        #expect(try await first.renew(lease, for: long) == nil)
    }

    @Test("is not needed to ask for a cancel, which every relay reads, and later ones too", arguments: JournalStore.all)
    func cancelAsked(store: JournalStore) async throws {
        let (first, second) = (try await journal(store), try await journal(store))
        let payments = try await first.record([SamplePayment.signedPayment(), SamplePayment.transfer()])
        #expect(try await second.lease(payer, on: .base, for: long) != nil)
        #expect(try await !second.isCancelAsked(of: payments[0]))
        for _ in 0..<2 { try await first.askCancel(of: payments[0]) }
        await first.close()
        let third = try await journal(store)
        for one in [second, third] {
            #expect(try await one.isCancelAsked(of: payments[0]))
            #expect(try await !one.isCancelAsked(of: payments[1]))
        }
        #expect(try await third.payments().map(\.cancelAskedAt) == [nil, "1970-01-01T00:00:00Z"])
    }

    @Test("is never two relays' at a time, and no number comes twice", arguments: JournalStore.all)
    func together(store: JournalStore) async throws {
        let (inside, fences) = (Shared(0), Shared<[Int64]>([]))
        let payer = payer
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                let journal = try await journal(store)
                group.addTask {
                    var count = 0
                    while count < 10 {
                        guard let lease = try await journal.lease(payer, on: .base, for: .seconds(600)) else {
                            try await Task.sleep(for: .milliseconds(1))
                            continue
                        }
                        #expect(
                            inside.value.withLock {
                                $0 += 1; return $0
                            } == 1)
                        fences.value.withLock { $0.append(lease.fence) }
                        try await Task.sleep(for: .milliseconds(1))
                        inside.value.withLock { $0 -= 1 }
                        try await journal.release(lease)
                        count += 1
                    }
                }
            }
            try await group.waitForAll()
        }
        let all = fences.value.withLock { $0 }
        #expect(all.count == 40 && all == all.sorted() && Set(all).count >= 4)
    }

    @Test("of a process of this machine that has ended is taken over at once")
    func ended() {
        #expect(!RelayIdentity.hasEnded("\(RelayIdentity())"))
        // No process has this PID: it is above the kernel's limit.
        let ended = "\(RelayIdentity(process: 0x7FFF_FFFE))"
        #expect(RelayIdentity.hasEnded(ended))
        #expect(!RelayIdentity.hasEnded("another machine" + ended.drop { $0 != "/" }))
        #expect(!RelayIdentity.hasEnded("/2147483646/0") && !RelayIdentity.hasEnded(""))
    }

    @Test("is waited for by who sends, who says so, and sends nothing until then")
    func waited() async throws {
        let signedPayment = try SamplePayment.signedPayment()
        let chain = ScriptedChain(answerToSend: "\"\(signedPayment.steps[0].hash)\"")
        var sending = try Sending(chain)
        let other = try sending.another()
        let lease = try #require(try await other.lease(payer, on: .base, for: long))
        sending.waitPolicy.timeout = .milliseconds(200)
        sending.waitPolicy.isWaiting = false
        let run = try await sending.run(signedPayment)
        #expect(run.code == "journal.lease-held" && run.state == .recorded)
        #expect(try await sending.journal.rows(of: "attempts").isEmpty)
        try await other.release(lease)
        sending.waitPolicy.timeout = .seconds(20)
        #expect(try await sending.run(signedPayment).state == .sent)
        #expect(try await sending.journal.rows(of: "attempts").count == 1)
        // The relay has released the lease at the end of its run.
        #expect(try await other.lease(payer, on: .base, for: long) != nil)
    }

    @Test("is renewed while the work lasts, and what was lost is not sent under")
    func renewed() async throws {
        let journals = (try await journal(.sqlite), try await journal(.sqlite))
        let (leases, other) = (
            SenderLeases(journals.0, length: .seconds(600), renewal: .milliseconds(20)), journals.1
        )
        let payer = payer
        let held = try await leases.holding(payer, on: .base) {
            let (first, last) = (leases.end(payer, on: .base), ContinuousClock.now + .seconds(300))
            while leases.end(payer, on: .base) == first, .now < last { try? await Task.sleep(for: .milliseconds(20)) }
            let isLater = leases.end(payer, on: .base).map { end in first.map { $0 < end } ?? false } ?? false
            let taken = try? await other.lease(payer, on: .base, for: .seconds(600))
            return (isLater, taken == nil && leases.isHeld(payer, on: .base))
        }
        #expect(try #require(held) == (true, true))
        #expect(!leases.isHeld(payer, on: .base))
        // A lease of length zero has the same effect as a relay that was suspended for longer than its lease.
        let stopped = SenderLeases(journals.0, length: .zero)
        let isHeld = try await stopped.holding(payer, on: .base) { stopped.isHeld(payer, on: .base) }
        #expect(isHeld == false)
        #expect(try await other.lease(payer, on: .base, for: long) != nil)
        #expect(try await leases.holding(payer, on: .base) {} == nil)
        #expect(leases.isRefused(payer, on: .base) && !leases.isNoticeDue(payer, on: .base))
    }
}
