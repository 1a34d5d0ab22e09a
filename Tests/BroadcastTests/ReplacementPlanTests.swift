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
struct ReplacementPlanTests {
    private let signedPayment: SignedPayment

    /// Creates a payment that has an approval with two rungs, a payment transaction with three rungs, and a cancel
    /// transaction for each of the two nonces. The rungs pay at most 30, 40 and 50 million wei for each unit of gas.
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
        signedPayment = try SignedPayment(
            raw: [
                approve(30_000_000), approve(40_000_000), pay(30_000_000), pay(40_000_000), pay(50_000_000), cancel(7),
                cancel(8),
            ].map(\.raw))
    }

    private func hash(_ index: Int) -> Hash { signedPayment.steps[index].hash }

    private func due(_ plan: ReplacementPlan, from nonce: UInt64 = 7) -> [Int] {
        plan.due(from: nonce).compactMap { step in signedPayment.steps.firstIndex(of: step) }
    }

    @Test("begin at the lowest rung, and go on from the highest that was ever sent")
    func takeUp() {
        var plan = ReplacementPlan(signedPayment, cancelling: false)
        #expect(due(plan) == [0, 2])
        #expect(due(plan, from: 8) == [2])
        #expect(due(plan, from: 9) == [])
        plan.takeUp(given(2, 4))
        // The approval has no third rung, so its second rung is sent.
        #expect(due(plan) == [1, 4])
        plan.takeUp(given(0))
        #expect(due(plan) == [1, 4])
    }

    private func given(_ left: Int..., refused: Int...) -> SubmissionRecord {
        var given = SubmissionRecord()
        for step in left { given.add(.unknown, to: hash(step)) }
        for step in refused { given.add(.refused, to: hash(step)) }
        return given
    }

    @Test("stay on the rung that the nodes have when they refuse the one above, and go on above that one")
    func refused() {
        var plan = ReplacementPlan(signedPayment, cancelling: false)
        plan.takeUp(given(2, refused: 3))
        #expect(due(plan) == [0, 2])
        var bumped = plan.bump(baseFee: nil)
        #expect(bumped)
        #expect(due(plan) == [1, 4])
        plan.stay(on: 0)
        #expect(due(plan) == [0, 2])
        bumped = plan.bump(baseFee: nil)
        #expect(!bumped)
    }

    @Test("cancel every open nonce once a cancel was sent, and never pay again")
    func cancelling() {
        var plan = ReplacementPlan(signedPayment, cancelling: false)
        plan.takeUp(given(2, refused: 5))
        #expect(plan.isCancelling)
        #expect(due(plan) == [5, 6])
        #expect(due(plan, from: 8) == [6])
        plan.takeUp(given(2))
        #expect(due(plan) == [5, 6])
        let bumped = plan.bump(baseFee: nil)
        #expect(!bumped)
        #expect(due(ReplacementPlan(signedPayment, cancelling: true)) == [5, 6])
    }

    static let climbs: [(UInt256?, [UInt64])] = [
        (nil, [1, 2]), (40_000_000, [1, 2]), (40_000_001, [2]), (50_000_000, [2]),
        // The base fee is higher than the maximum fee of every rung. The next rung is used anyway, because the base fee
        // may fall.
        (50_000_001, [1, 2]),
    ]

    @Test("climb one by one, but leave out what offers less than the chain asks for", arguments: climbs)
    func climb(baseFee: UInt256?, rungs: [UInt64]) {
        var plan = ReplacementPlan(signedPayment, cancelling: false)
        var seen: [UInt64] = []
        while plan.bump(baseFee: baseFee) { seen.append(plan.rung) }
        #expect(seen == rungs)
    }

    /// Creates a node. Its answer to a sent transaction depends on the index of this transaction in the payment. It
    /// answers all other calls as `chain` does.
    private func node(
        _ chain: ScriptedChain = ScriptedChain(), _ answer: @escaping @Sendable (Int) -> ScriptedNode.Answer
    ) throws -> ScriptedNode {
        try ScriptedNode { [signedPayment] question in
            let sent = signedPayment.steps.firstIndex { question.parameters.contains(Hex.encode($0.raw)) }
            return sent.map(answer) ?? chain.answer(question)
        }
    }

    /// Returns which transactions a node received, in the order in which it received them. Each transaction is given by
    /// its index in the payment.
    private func sent(to node: ScriptedNode) -> [Int] {
        node.asked("eth_sendRawTransaction").compactMap { question in
            signedPayment.steps.firstIndex { question.parameters.contains(Hex.encode($0.raw)) }
        }
    }

    @Test("that pay too little are left for the next at once, where climbing is allowed")
    func tooCheap() async throws {
        let hashes = signedPayment.steps.map(\.hash)
        let chain = ScriptedChain(latestNonce: 8, receipts: ["\(hashes[0])": receipt(of: hashes[0])])
        let node = try node(chain) { place in
            place < 4 ? .refused("transaction underpriced") : "\"\(hashes[place])\""
        }
        var sending = try Sending([node])
        #expect(try await sending.run(signedPayment).code == "node.fee-too-low")
        sending.waitPolicy.bumpAfter = .seconds(60)
        #expect(try await sending.run(signedPayment).code == "send.pending")
        #expect(sent(to: node) == [2, 2, 3, 4])
    }

    @Test("that nodes refuse are not offered again: they keep the one they have, and the next is tried in its time")
    func refusedRung() async throws {
        let hashes = signedPayment.steps.map(\.hash)
        let open = ScriptedChain(latestNonce: 8, receipts: ["\(hashes[0])": receipt(of: hashes[0])])
        var mined = open
        mined.latestNonce = 9
        mined.receipts["\(hashes[4])"] = receipt(of: hashes[4])
        // The third rung is mined as soon as the node receives it.
        let (closed, isMined) = (mined, Shared(false))
        let node = try ScriptedNode { [signedPayment] question in
            let place = signedPayment.steps.firstIndex { question.parameters.contains(Hex.encode($0.raw)) }
            if place == 3 { return .refused("insufficient funds") }
            if place == 4 { isMined.value.withLock { $0 = true } }
            if let place { return "\"\(hashes[place])\"" }
            return isMined.value.withLock { $0 } ? closed.answer(question) : open.answer(question)
        }
        var sending = try Sending([node])
        sending.waitPolicy.bumpAfter = .milliseconds(1)
        sending.waitPolicy.timeout = .seconds(120)
        #expect(try await sending.run(signedPayment).code == "settlement.no-event")
        #expect(sent(to: node) == [2, 3, 4])
        // After a reorganisation, the transaction is no longer mined. Another run then continues with the third rung,
        // which the node already had.
        isMined.value.withLock { $0 = false }
        sending.waitPolicy.bumpAfter = nil
        sending.waitPolicy.timeout = .milliseconds(1)
        #expect(try await sending.run(signedPayment).code == "send.pending")
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
        let run = try await Sending([node]).run(signedPayment)
        #expect(run.code == "send.pending")
        #expect(run.state == .sent)
    }

    @Test("wait for the approval to be mined where a node takes one transaction of an account at a time")
    func oneAtATime() async throws {
        let hashes = signedPayment.steps.map(\.hash)
        let approve = receipt(of: hashes[0])
        let nonces = Shared([7, 7, 8] as [UInt64])
        let node = try ScriptedNode { [signedPayment] question in
            let place = signedPayment.steps.firstIndex { question.parameters.contains(Hex.encode($0.raw)) }
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
        sending.waitPolicy.timeout = .seconds(120)
        sending.waitPolicy.isWaiting = false
        let run = try await sending.run(signedPayment)
        #expect(run.problems.isEmpty)
        #expect(sent(to: node) == [0, 2, 2])
    }

    @Test("are both cancelled even when a node refuses one of them, and whether it is late or not")
    func bothAsked() async throws {
        let cancel = hash(6)
        let node = try ScriptedNode { [signedPayment] question in
            guard question.method == "eth_sendRawTransaction" else {
                return ScriptedChain(timestamp: SampleCharge.deadline + 1).answer(question)
            }
            let isFirst = question.parameters.contains(Hex.encode(signedPayment.steps[5].raw))
            return isFirst ? .refused("insufficient funds for gas * price + value") : "\"\(cancel)\""
        }
        let sending = try Sending([node])
        let run = try await sending.run(signedPayment, cancelling: true)
        #expect(run.code == "node.insufficient-funds")
        #expect(node.asked("eth_sendRawTransaction").count == 2)
        // The next run is an ordinary run that was not asked to cancel. It sends only the cancel transactions again,
        // and it does not end the payment as expired.
        let again = try await sending.run(signedPayment)
        #expect(again.code == "node.insufficient-funds")
        let sent = Set(node.asked("eth_sendRawTransaction").map(\.parameters))
        #expect(sent == Set([5, 6].map { "[\"\(Hex.encode(signedPayment.steps[$0].raw))\"]" }))
    }

    @Test("are not cancelled where the payment's own nonce has no cancel")
    func noCancel() async throws {
        let partly = try SignedPayment(raw: [0, 2, 5].map { signedPayment.steps[$0].raw })
        let run = try await Sending(ScriptedChain()).run(partly, cancelling: true)
        #expect(run.problems.map { Refusal($0) } == [Refusal("send.no-cancel", partly.code)])
        #expect(run.state == .recorded)
    }

    @Test("need not be waited for: it ends when a node has them, and not when none has")
    func noWait() async throws {
        let signedPayment = try SamplePayment.signedPayment()
        var sending = try Sending(ScriptedChain(answerToSend: "\"\(signedPayment.steps[0].hash)\""))
        sending.waitPolicy.isWaiting = false
        let sent = try await sending.run(signedPayment)
        #expect(sent.problems.isEmpty)
        #expect(sent.outcome == nil)
        #expect(sent.state == .sent)
        var refused = try Sending(ScriptedChain(answerToSend: .refused("fee too low")))
        refused.waitPolicy.isWaiting = false
        #expect(try await refused.run(signedPayment).code == "node.fee-too-low")
    }
}
