import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import Synchronization
import Testing
import AirlockTransactions

@testable import AirlockBroadcast

@Suite("A payment that has ended, or cannot begin")
struct UnfinishedTests {
    private let raw: SignedPayment
    private let signedPayment: SignedPayment

    init() throws {
        raw = try SignedPayment(raw: [SamplePayment.signed(to: .zero, data: [1, 2, 3, 4]).raw])
        signedPayment = try SamplePayment.signedPayment()
    }

    @Test("is not taken up again when its call is not known and it is mined")
    func rawMined() async throws {
        let hash = raw.steps[0].hash
        let chain = ScriptedChain(latestNonce: 8, receipts: ["\(hash)": receipt(of: hash)])
        let sending = try Sending(chain)
        let run = try await sending.run(raw)
        #expect(run.outcome?.hash == hash && run.outcome?.event == nil)
        #expect(run.state == .mined)
        #expect(try await sending.journal.unfinished().isEmpty)
        #expect(try await sending.journal.payments()[0].endedAt != nil)
    }

    @Test("is taken up again while it is not confirmed as often as wanted, and when its block is gone")
    func rawOpen() async throws {
        let hash = raw.steps[0].hash
        var sending = try Sending(ScriptedChain(latestNonce: 8, receipts: ["\(hash)": receipt(of: hash)]))
        sending.waitPolicy.confirmations = 5
        #expect(try await sending.run(raw).code == "send.unconfirmed")
        #expect(try await sending.journal.unfinished().count == 1)
        sending.waitPolicy.confirmations = 1
        _ = try await sending.run(raw)
        #expect(try await sending.journal.unfinished().isEmpty)
        #expect(try await sending.journal.vanished(1, [hash]))
        #expect(try await sending.journal.unfinished().count == 1)
    }

    @Test("ends when another transaction took the nonce of a raw one")
    func rawTaken() async throws {
        var sending = try Sending(ScriptedChain(latestNonce: 8))
        sending.waitPolicy.timeout = .seconds(60)
        let run = try await sending.run(raw)
        #expect(run.code == "send.nonce-taken")
        #expect(run.state == .replaced)
        #expect(try await sending.journal.unfinished().isEmpty)
    }

    @Test("says at once which nonce is missing before its own, once, and then waits", arguments: [5, 6] as [UInt64])
    func missing(nonce: UInt64) async throws {
        let chain = ScriptedChain(
            latestNonce: 5, pendingNonce: nonce, answerToSend: "\"\(signedPayment.steps[0].hash)\"")
        let said = Shared<[UInt64]>([])
        var sending = try Sending(chain)
        sending.waitPolicy.timeout = .milliseconds(50)
        sending.report = { progress in
            if case .missingNonce(let nonce, _, _) = progress { said.value.withLock { $0.append(nonce) } }
        }
        let run = try await sending.run(signedPayment)
        #expect(said.value.withLock { $0 } == [nonce])
        #expect(run.code == "send.pending")
        #expect(run.problems[0].message.contains("nonce \(nonce) of the sender is missing"))
        #expect(run.problems[0].cause as? BroadcastCause == .nonceMissing(nonce))
    }

    @Test("says nothing of nonces whose transactions wait")
    func waiting() async throws {
        let chain = ScriptedChain(latestNonce: 5, pendingNonce: 7, answerToSend: "\"\(signedPayment.steps[0].hash)\"")
        let run = try await Sending(chain).run(signedPayment)
        #expect(run.code == "send.pending")
        #expect(!run.problems[0].message.contains("missing"))
    }

    @Test("is not to be cancelled when it was mined first, though it has no cancel")
    func cancelled() async throws {
        let hash = signedPayment.steps[0].hash
        let chain = ScriptedChain(
            latestNonce: 8, receipts: ["\(hash)": receipt(of: hash, logs: [SettlementTests.Event().log])])
        let run = try await Sending(chain).run(signedPayment, cancelling: true)
        #expect(run.problems.isEmpty)
        #expect(run.state == .settled)
    }
}
