import AirlockTokens
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import Synchronization
import Testing
import AirlockTransactions
import AirlockCharges

@testable import AirlockBroadcast

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
        ladder.takeUp(given(2, 4))
        // The approval has no third rung.
        #expect(due(ladder) == [1, 4])
        ladder.takeUp(given(0))
        #expect(due(ladder) == [1, 4])
    }

    private func given(_ left: Int..., refused: Int...) -> JournalGiven {
        var given = JournalGiven()
        for step in left { given.add(.unknown, to: hash(step)) }
        for step in refused { given.add(.refused, to: hash(step)) }
        return given
    }

    @Test("stay on the rung that the nodes have when they refuse the one above, and go on above that one")
    func refused() {
        var ladder = Ladder(shipment, cancelling: false)
        ladder.takeUp(given(2, refused: 3))
        #expect(due(ladder) == [0, 2])
        var climbed = ladder.climb(baseFee: nil)
        #expect(climbed)
        #expect(due(ladder) == [1, 4])
        ladder.stay(on: 0)
        #expect(due(ladder) == [0, 2])
        climbed = ladder.climb(baseFee: nil)
        #expect(!climbed)
    }

    @Test("cancel every open nonce once a cancel was sent, and never pay again")
    func cancelling() {
        var ladder = Ladder(shipment, cancelling: false)
        ladder.takeUp(given(2, refused: 5))
        #expect(ladder.isCancelling)
        #expect(due(ladder) == [5, 6])
        #expect(due(ladder, from: 8) == [6])
        ladder.takeUp(given(2))
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

    /// A node that says to each transaction what the test wants, by the place it has in the shipment.
    private func node(
        _ chain: ScriptedChain = ScriptedChain(), _ answer: @escaping @Sendable (Int) -> ScriptedNode.Answer
    ) throws -> ScriptedNode {
        try ScriptedNode { [shipment] question in
            let sent = shipment.steps.firstIndex { question.parameters.contains(Hex.encode($0.raw)) }
            return sent.map(answer) ?? chain.answer(question)
        }
    }

    /// The places in the shipment of what a node was given, in their order.
    private func sent(to node: ScriptedNode) -> [Int] {
        node.asked("eth_sendRawTransaction").compactMap { question in
            shipment.steps.firstIndex { question.parameters.contains(Hex.encode($0.raw)) }
        }
    }

    @Test("that pay too little are left for the next at once, where climbing is allowed")
    func tooCheap() async throws {
        let hashes = shipment.steps.map(\.hash)
        let chain = ScriptedChain(latestNonce: 8, receipts: ["\(hashes[0])": receipt(of: hashes[0])])
        let node = try node(chain) { place in
            place < 4 ? .refused("transaction underpriced") : "\"\(hashes[place])\""
        }
        var sending = try Sending([node])
        #expect(try await sending.run(shipment).code == "node.fee-too-low")
        sending.patience.climb = .seconds(60)
        #expect(try await sending.run(shipment).code == "send.pending")
        #expect(sent(to: node) == [2, 2, 3, 4])
    }

    @Test("that nodes refuse are not offered again: they keep the one they have, and the next is tried in its time")
    func refusedRung() async throws {
        let hashes = shipment.steps.map(\.hash)
        let open = ScriptedChain(latestNonce: 8, receipts: ["\(hashes[0])": receipt(of: hashes[0])])
        var mined = open
        mined.latestNonce = 9
        mined.receipts["\(hashes[4])"] = receipt(of: hashes[4])
        // The third rung is mined as soon as it comes.
        let (closed, isMined) = (mined, Shared(false))
        let node = try ScriptedNode { [shipment] question in
            let place = shipment.steps.firstIndex { question.parameters.contains(Hex.encode($0.raw)) }
            if place == 3 { return .refused("insufficient funds") }
            if place == 4 { isMined.value.withLock { $0 = true } }
            if let place { return "\"\(hashes[place])\"" }
            return isMined.value.withLock { $0 } ? closed.answer(question) : open.answer(question)
        }
        var sending = try Sending([node])
        sending.patience.climb = .milliseconds(1)
        sending.patience.timeout = .seconds(120)
        #expect(try await sending.run(shipment).code == "settlement.no-event")
        #expect(sent(to: node) == [2, 3, 4])
        // Should it be gone again, another run goes on with what the nodes had.
        isMined.value.withLock { $0 = false }
        sending.patience.climb = nil
        sending.patience.timeout = .milliseconds(1)
        #expect(try await sending.run(shipment).code == "send.pending")
        #expect(sent(to: node) == [2, 3, 4, 4])
    }

    @Test("are sent when what a node has in their place is another of the payment's own")
    func outbid() async throws {
        let chain = ScriptedChain(
            latestNonce: 8, receipts: ["\(hash(0))": receipt(of: hash(0))], knowsTransaction: false)
        let third = "\(hash(4))"
        let node = try ScriptedNode { question in
            if question.method == "eth_getTransactionByHash", question.parameters.contains(third) {
                return "{\"hash\":\"\(third)\",\"from\":\"\(Address.zero)\",\"nonce\":\"0x8\",\"blockNumber\":null}"
            }
            if question.method == "eth_sendRawTransaction" { return .refused("could not replace existing tx") }
            return chain.answer(question)
        }
        let run = try await Sending([node]).run(shipment)
        #expect(run.code == "send.pending")
        #expect(run.state == .sent)
    }

    @Test("wait for the approval to be mined where a node takes one transaction of an account at a time")
    func oneAtATime() async throws {
        let hashes = shipment.steps.map(\.hash)
        let approve = receipt(of: hashes[0])
        let nonces = Shared([7, 7, 8] as [UInt64])
        let node = try ScriptedNode { [shipment] question in
            let place = shipment.steps.firstIndex { question.parameters.contains(Hex.encode($0.raw)) }
            let nonce = nonces.value.withLock { nonces in
                if question.method == "eth_getTransactionCount", nonces.count > 1 { return nonces.removeFirst() }
                return nonces[0]
            }
            let isOpen = nonces.value.withLock { $0.count > 1 }
            if let place {
                return place == 2 && isOpen
                    ? .refused("in-flight transaction limit reached for delegated accounts") : "\"\(hashes[place])\""
            }
            return ScriptedChain(latestNonce: nonce, receipts: ["\(hashes[0])": approve]).answer(question)
        }
        var sending = try Sending([node])
        sending.patience.timeout = .seconds(120)
        sending.patience.isWaiting = false
        let run = try await sending.run(shipment)
        #expect(run.problems.isEmpty)
        #expect(sent(to: node) == [0, 2, 2])
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
        #expect(run.state == .recorded)
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
