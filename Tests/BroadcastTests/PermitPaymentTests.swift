import AirlockCharges
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests
import AirlockSamples
import Testing

@testable import AirlockBroadcast

@Suite("A permit that somebody else sends")
struct PermitPaymentTests {
    private let permit: PermitPayment
    private let hash = Hash.keccak([3])

    init() throws { permit = try #require(try PermitPayment(SamplePayment.permit(SamplePayment.charge()))) }

    /// Returns the receipt of the sponsor's transaction. Unless the test passes another event, the receipt contains the
    /// event that proves the payment. The receipt of a transaction that reverted contains no event.
    private func sponsored(succeeded: Bool = true, _ event: SettlementTests.Event? = nil) -> String {
        var paid = SettlementTests.Event()
        paid.currency = SamplePayment.usdc
        let logs = succeeded ? [(event ?? paid).log] : []
        return receipt(of: hash, from: SampleKey.stranger.address, succeeded: succeeded, logs: logs)
    }

    private func chain(_ receipt: String?, head: UInt64 = 100) -> ScriptedChain {
        ScriptedChain(head: head, receipts: receipt.map { ["\(hash)": $0] } ?? [:])
    }

    private func follow(_ chains: ScriptedChain..., confirmations: UInt64 = 1) async throws -> [Refusal] {
        let nodes = try chains.map { try $0.node() }
        var waitPolicy = Broadcaster.WaitPolicy()
        (waitPolicy.timeout, waitPolicy.confirmations) = (.milliseconds(50), confirmations)
        do throws(ProblemList) {
            let all = Nodes(nodes[0].node, nodes.dropFirst().map(\.node))
            let outcome = try await permit.follow(hash, by: all, waitPolicy)
            #expect(outcome.state == .settled && outcome.hash == hash && outcome.event?.spentAmount == 1_050_000)
            #expect(outcome.event?.sender == SampleKey.payer.address)
            return []
        } catch { return error.problems.map { Refusal($0) } }
    }

    @Test("is settled by the transaction of anybody, whose event equals the request")
    func settled() async throws {
        #expect(try await follow(chain(sponsored())) == [])
        #expect(try await follow(chain(sponsored(), head: 102), confirmations: 3) == [])
    }

    @Test("is not settled by another transaction, before it is mined, or before it is confirmed")
    func others() async throws {
        let code = permit.payment.code
        #expect(try await follow(chain(nil)) == [Refusal("send.pending", code)])
        #expect(try await follow(chain(sponsored()), confirmations: 2) == [Refusal("send.unconfirmed", code)])
        #expect(try await follow(chain(sponsored(succeeded: false))) == [Refusal("send.reverted", code)])
        let foreign = sponsored(SettlementTests.Event(contract: .zero))
        #expect(try await follow(chain(foreign)) == [Refusal("settlement.no-event", "\(hash)")])
        var less = SettlementTests.Event(amount: 1_049_999)
        less.currency = SamplePayment.usdc
        #expect(try await follow(chain(sponsored(less))) == [Refusal("settlement.other-event", "spentAmount")])
        var other = chain(sponsored())
        other.chainID = 1
        #expect(try await follow(other).map(\.code) == ["nodes.wrong-chain"])
    }

    @Test("is not kept from its end by a node that lies, whichever is asked first")
    func liars() async throws {
        let (honest, open, lying) = (chain(sponsored()), chain(nil), chain(sponsored(succeeded: false)))
        for chains in [(honest, lying), (lying, honest), (honest, open), (open, honest)] {
            #expect(try await follow(chains.0, chains.1) == [])
        }
        #expect(try await follow(lying, open) == [Refusal("send.pending", permit.payment.code)])
        // The receipt is from an orphaned block.
        let gone = sponsored().replacing("\(Hash { _ in 0xAA })", with: "\(Hash { _ in 0xBB })")
        #expect(try await follow(chain(gone)) == [Refusal("send.pending", permit.payment.code)])
    }

    @Test("is none where the payer sends transactions, and must pay what its file says")
    func files() throws {
        let charge = try SamplePayment.charge()
        let sent = try PermitPayment(SamplePayment.file(charge, [(.pay, SamplePayment.pay(charge))]))
        #expect(sent == nil)
        let altered = problems { _ = try PermitPayment(SamplePayment.permit(charge, method: .transferToken)) }
        #expect(altered.map { Refusal($0) } == [Refusal("send.other-payment", "/method")])
        let other = problems { _ = try PermitPayment(SamplePayment.permit(charge, digest: .keccak([1]))) }
        #expect(other.map { Refusal($0) } == [Refusal("send.other-payment", "/transactions/0/hash")])
        #expect(
            refusals { _ = try PermitPayment(SamplePayment.permit(charge, code: "")) }
                == [Refusal("payment.code-mismatch", "/code")])
    }
}
