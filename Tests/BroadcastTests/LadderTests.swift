import EthereumTypes
import JSONRPC
import PaymentFiles
import Problems
import Samples
import Testing
import Transactions
import TransferProtocol

@testable import Broadcast

@Suite("Rungs and cancels")
struct LadderTests {
    private let shipment: Shipment

    /// An approval in two rungs, its payment in three, of 30, 40 and 50 million wei, and a cancel for each nonce.
    init() throws {
        let charge = try SamplePayment.charge()
        let call = try SamplePayment.call(charge)
        let data = ERC20.approve(call.to, charge.contents.needed)
        func approve(_ fee: UInt256) throws -> SignedTransaction {
            try SamplePayment.signed(nonce: 7, to: SamplePayment.usdc, data: data, fee: fee)
        }
        func pay(_ fee: UInt256) throws -> SignedTransaction {
            try SamplePayment.signed(nonce: 8, to: call.to, data: call.data, fee: fee)
        }
        func cancel(_ nonce: UInt64) throws -> SignedTransaction {
            try SamplePayment.signed(nonce: nonce, to: SampleKey.payer.address, fee: 60_000_000)
        }
        shipment = try Shipment(
            raw: [
                approve(30_000_000), approve(40_000_000), pay(30_000_000), pay(40_000_000), pay(50_000_000), cancel(7),
                cancel(8),
            ].map(\.raw))
    }

    private func hash(_ index: Int) -> Hash { shipment.steps[index].hash }

    private func due(_ ladder: Ladder, from nonce: UInt64 = 7) -> [Int] {
        ladder.due(from: nonce).compactMap { step in shipment.steps.firstIndex(of: step) }
    }

    @Test("begin at the lowest rung, and go on from the highest that was ever sent")
    func takeUp() {
        var ladder = Ladder(shipment, cancelling: false)
        #expect(due(ladder) == [0, 2])
        #expect(due(ladder, from: 8) == [2])
        #expect(due(ladder, from: 9) == [])
        ladder.takeUp(asked: [hash(2), hash(4)])
        // The approval has no third rung.
        #expect(due(ladder) == [1, 4])
        ladder.takeUp(asked: [hash(0)])
        #expect(due(ladder) == [1, 4])
    }

    @Test("cancel every open nonce once a cancel was sent, and never pay again")
    func cancelling() {
        var ladder = Ladder(shipment, cancelling: false)
        ladder.takeUp(asked: [hash(2), hash(5)])
        #expect(ladder.isCancelling)
        #expect(due(ladder) == [5, 6])
        #expect(due(ladder, from: 8) == [6])
        ladder.takeUp(asked: [hash(2)])
        #expect(due(ladder) == [5, 6])
        let climbed = ladder.climb(baseFee: nil)
        #expect(!climbed)
        #expect(due(Ladder(shipment, cancelling: true)) == [5, 6])
    }

    static let climbs: [(UInt256?, [UInt64])] = [
        (nil, [1, 2]), (40_000_000, [1, 2]), (40_000_001, [2]), (50_000_000, [2]),
        // None offers enough: then the next, since the base fee may fall.
        (50_000_001, [1, 2]),
    ]

    @Test("climb one by one, but leave out what offers less than the chain asks for", arguments: climbs)
    func climb(baseFee: UInt256?, rungs: [UInt64]) {
        var ladder = Ladder(shipment, cancelling: false)
        var seen: [UInt64] = []
        while ladder.climb(baseFee: baseFee) { seen.append(ladder.rung) }
        #expect(seen == rungs)
    }

    @Test("are both cancelled even when a node refuses one of them, and whether it is late or not")
    func bothAsked() async throws {
        let cancel = hash(6)
        let node = try ScriptedNode { [shipment] question in
            guard question.method == "eth_sendRawTransaction" else {
                return ScriptedChain(timestamp: SampleCharge.deadline + 1).answer(question)
            }
            let isFirst = question.parameters.contains(Hex.encode(shipment.steps[5].raw))
            return isFirst ? .refused("insufficient funds for gas * price + value") : "\"\(cancel)\""
        }
        let sending = try Sending([node])
        let run = try await sending.run(shipment, cancelling: true)
        #expect(run.code == "node.insufficient-funds")
        #expect(node.asked("eth_sendRawTransaction").count == 2)
        // The next one to send it does not pay either, though the intent is over.
        let again = try await sending.run(shipment)
        #expect(again.code == "node.insufficient-funds")
        let sent = Set(node.asked("eth_sendRawTransaction").map(\.parameters))
        #expect(sent == Set([5, 6].map { "[\"\(Hex.encode(shipment.steps[$0].raw))\"]" }))
    }

    @Test("are not cancelled where the payment's own nonce has no cancel")
    func noCancel() async throws {
        let partly = try Shipment(raw: [0, 2, 5].map { shipment.steps[$0].raw })
        let run = try await Sending(ScriptedChain()).run(partly, cancelling: true)
        #expect(run.problems.map { Refusal($0) } == [Refusal("send.no-cancel", partly.code)])
        #expect(run.state == nil)
    }

    @Test("need not be waited for: it ends when a node has them, and not when none has")
    func noWait() async throws {
        let shipment = try SamplePayment.shipment()
        var sending = try Sending(ScriptedChain(answerToSend: "\"\(shipment.steps[0].hash)\""))
        sending.patience.isWaiting = false
        let sent = try await sending.run(shipment)
        #expect(sent.problems.isEmpty)
        #expect(sent.outcome == nil)
        #expect(sent.state == .sent)
        var refused = try Sending(ScriptedChain(answerToSend: .refused("fee too low")))
        refused.patience.isWaiting = false
        #expect(try await refused.run(shipment).code == "node.fee-too-low")
    }
}
