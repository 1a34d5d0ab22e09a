import AirlockABI
import AirlockCalls
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequests
import AirlockSafes
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTransactions
import Testing

@testable import AirlockBroadcast

@Suite("A call that executes a Safe transaction")
struct SafeSettlementTests {
    private static let safe = Address(known: "0x1c694Fc3006D81ff4a56F97E1b99529066a23725")
    private static let hash = Hash.keccak([1])
    private static let success = Hash.keccak(Array("ExecutionSuccess(bytes32,uint256)".utf8))
    private static let failure = Hash.keccak(Array("ExecutionFailure(bytes32,uint256)".utf8))

    private static func data() throws -> [UInt8] {
        let inner = SafeTransaction(to: SamplePayment.usdc, value: .zero, data: [1, 2, 3, 4], nonce: 7)
        let function = try #require(SafeTransaction.execution)
        return try function.encodeCall(inner.executionArguments(Array(repeating: 1, count: 65)))
    }

    private static func payment(reference: String, data: [UInt8]? = nil) throws -> Payment {
        let call = try UnverifiedCall(
            chain: Chain(id: 8453), from: SampleKey.payer.address, to: safe, value: .zero, data: data ?? Self.data(),
            reference: reference)
        let signed = try SamplePayment.signed(to: safe, data: call.data)
        return Payment(
            .request(
                kind: UnverifiedCall.kind, key: call.reference(payer: SampleKey.payer.address).key, reference: reference
            ), chain: call.chain, from: SampleKey.payer.address, expires: nil, policyHash: .zero, ledgerHead: nil,
            code: ComparisonCode.code(over: [signed.transaction.signingHash]),
            transactions: [
                Payment.Transaction(role: .pay, rung: 0, nonce: 7, hash: signed.hash, raw: signed.raw)
            ])
    }

    /// Returns the log of a Safe's event. Up to version 1.3.0 of the Safe, the hash of the Safe transaction is in the
    /// data of the log. In later versions, this hash is a topic.
    private static func log(
        _ event: Hash, _ hash: Hash = hash, by safe: Address = safe, isIndexed: Bool = true
    ) -> String {
        let topics = isIndexed ? "\"\(event)\",\"\(hash)\"" : "\"\(event)\""
        let data = Hex.encode((isIndexed ? [] : hash.bytes) + UInt256.zero.word.bytes)
        return "{\"address\":\"\(safe)\",\"topics\":[\(topics)],\"data\":\"\(data)\"}"
    }

    private func send(
        _ logs: [String], reference: String = "\(hash)", data: [UInt8]? = nil
    ) async throws -> (Sending.Run, Sending, Hash) {
        let signedPayment = try SignedPayment(Self.payment(reference: reference, data: data))
        let hash = signedPayment.steps[0].hash
        let chain = ScriptedChain(latestNonce: 8, receipts: ["\(hash)": receipt(of: hash, logs: logs)])
        let sending = try Sending(chain)
        return (try await sending.run(signedPayment), sending, hash)
    }

    @Test("is settled by ExecutionSuccess with the hash of its reference", arguments: [true, false])
    func settled(isIndexed: Bool) async throws {
        let (run, _, _) = try await send([
            Self.log(Self.failure, .keccak([2])), Self.log(Self.success, isIndexed: isIndexed),
        ])
        #expect(run.problems.isEmpty && run.state == .settled)
        #expect(
            run.outcome?.seen
                == SeenEvent(contract: Self.safe, name: "ExecutionSuccess", subject: ("safeTxHash", Self.hash)))
        let event = run.outcome?.json.first { $0.0 == "event" }?.1
        #expect(event?.text.contains("\"safeTxHash\":\"\(Self.hash)\"") == true)
    }

    @Test("ends as reverted at ExecutionFailure, since the Safe's nonce is used", arguments: [true, false])
    func failed(isIndexed: Bool) async throws {
        let (run, sending, hash) = try await send([Self.log(Self.failure, isIndexed: isIndexed)])
        #expect(run.problems.map { Refusal($0) } == [Refusal("settlement.execution-failed", "\(hash)")])
        #expect(run.state == .reverted)
        let kept = try await sending.journal.payments()
        #expect(kept[0].failure == .executionFailed && kept[0].json.text.contains("settlement.execution-failed"))
        // The payment has ended, so a later run does not resume it.
        #expect(try await sending.journal.unfinished().isEmpty)
    }

    static let others: [(String, Refusal?)] = [
        (log(success, .keccak([2])), Refusal("settlement.other-event", "safeTxHash")),
        (log(failure, .keccak([2])), Refusal("settlement.other-event", "safeTxHash")),
        (log(success, by: SamplePayment.usdc), nil), (log(.keccak([3])), nil),
    ]

    @Test("is not proved by another hash or another contract", arguments: others)
    func other(log: String, refusal: Refusal?) async throws {
        let (run, _, hash) = try await send([log])
        #expect(run.problems.map { Refusal($0) } == [refusal ?? Refusal("settlement.no-event", "\(hash)")])
        #expect(run.state == .mined)
    }

    @Test("is proved after it was taken up from the journal, too")
    func resumed() async throws {
        let signedPayment = try SignedPayment(Self.payment(reference: "\(Self.hash)"))
        let sending = try Sending(ScriptedChain())
        _ = try await sending.run(signedPayment)
        let kept = try await sending.journal.unfinished()
        #expect(kept.count == 1 && kept[0].effect(of: kept[0].steps[0])?.events.count == 1)
    }

    @Test("that approves a hash is settled by ApproveHash of that hash and that owner")
    func approval() async throws {
        let data = SafeCall.approval(of: Self.hash, by: Self.safe).data
        func log(_ hash: Hash, _ owner: Address) -> String {
            let topics = ["\(Hash.topic(signature: "ApproveHash(bytes32,address)"))", "\(hash)", "\(owner.word)"]
            return
                "{\"address\":\"\(Self.safe)\",\"topics\":[\"\(topics.joined(separator: "\",\""))\"],\"data\":\"0x\"}"
        }
        let owner = SampleKey.payer.address
        let run = try await send([log(.keccak([2]), owner), log(Self.hash, owner)], reference: "a", data: data).0
        #expect(run.problems.isEmpty && run.state == .settled)
        #expect(
            run.outcome?.seen
                == SeenEvent(contract: Self.safe, name: "ApproveHash", subject: ("approvedHash", Self.hash)))
        for other in [log(.keccak([2]), owner), log(Self.hash, SamplePayment.usdc)] {
            let run = try await send([other], reference: "a", data: data).0
            #expect(run.problems.map { Refusal($0) } == [Refusal("settlement.other-event", "approvedHash")])
        }
        let none = try await send([], reference: "a", data: data)
        #expect(none.0.problems.map { Refusal($0) } == [Refusal("settlement.no-event", "\(none.2)")])
    }

    @Test("without a hash as its reference, and any other call, is followed to its receipt")
    func unproved() async throws {
        #expect(try await send([], reference: "invoice 7").0.state == .mined)
        #expect(try await send([], reference: "invoice 7").0.problems.isEmpty)
        let other = try await send([], data: [1, 2, 3, 4]).0
        #expect(other.problems.isEmpty && other.outcome?.seen == nil)
    }
}
