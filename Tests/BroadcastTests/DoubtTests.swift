import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import Synchronization
import Testing
import AirlockTransactions
import AirlockCharges
import AirlockTokens

@testable import AirlockBroadcast

/// A single answer of a node may be outdated or damaged, or come from an orphaned block. Such an answer must not end a
/// payment.
@Suite("What nodes say of a payment in doubt")
struct DoubtTests {
    private let signedPayment: SignedPayment
    private var hash: Hash { signedPayment.steps[0].hash }

    init() throws { signedPayment = try SamplePayment.signedPayment() }

    private func patient(_ node: ScriptedNode, _ timeout: Duration = .seconds(120)) throws -> Sending {
        var sending = try Sending([node])
        sending.waitPolicy.timeout = timeout
        return sending
    }

    /// Creates a node that answers eth_sendRawTransaction with the given answers, in order. After the last answer, the
    /// node repeats this answer.
    private func node(
        _ chain: ScriptedChain = ScriptedChain(), sending answers: [ScriptedNode.Answer]
    ) throws -> ScriptedNode {
        let left = Shared(answers)
        return try ScriptedNode { question in
            guard question.method == "eth_sendRawTransaction" else { return chain.answer(question) }
            return left.value.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        }
    }

    @Test("an answer that never came is asked for again in the same run")
    func silence() async throws {
        let node = try node(sending: [.refused("over rate limit"), "7", "\"\(Hash.zero)\"", "\"\(hash)\""])
        var sending = try patient(node)
        sending.waitPolicy.isWaiting = false
        let run = try await sending.run(signedPayment)
        #expect(run.problems.isEmpty)
        #expect(run.state == .sent)
        #expect(node.asked("eth_sendRawTransaction").count == 4)
    }

    @Test("a mined transaction counts once its block is the chain's block of that number")
    func canonical() async throws {
        var chain = ScriptedChain(latestNonce: 8)
        // The node's block 100 has the hash 0xaa…, but the receipt names another block hash.
        chain.receipts["\(hash)"] = receipt(of: hash, logs: [SettlementTests.Event().log])
            .replacing("\(Hash { _ in 0xAA })", with: "\(Hash { _ in 0xBB })")
        let run = try await Sending(chain).run(signedPayment)
        #expect(run.code == "send.unconfirmed")
        #expect(run.problems.first?.message.hasSuffix(": block 100, which the node did not confirm") == true)
        #expect(run.state == .mined)
    }

    @Test("a head of 2^64 - 1 is one like any other")
    func lastHead() async throws {
        var chain = ScriptedChain(latestNonce: 8, head: .max)
        chain.receipts["\(hash)"] = receipt(of: hash, logs: [SettlementTests.Event().log])
            .replacing("\"blockNumber\":\"0x64\"", with: "\"blockNumber\":\"0x0\"")
        #expect(try await Sending(chain).run(signedPayment).state == .settled)
    }

    @Test("a receipt of another sender settles nothing, and does not say that the nonce was taken")
    func otherSender() async throws {
        var chain = ScriptedChain(latestNonce: 8)
        chain.receipts["\(hash)"] = receipt(
            of: hash, from: SampleKey.stranger.address, logs: [SettlementTests.Event().log])
        let run = try await patient(chain.node(), .milliseconds(50)).run(signedPayment)
        #expect(run.code == "rpc.bad-answer" && run.state == .recorded)
    }

    @Test("a node that lies keeps no other from being heard, whichever is asked first", arguments: [true, false])
    func liar(isFirst: Bool) async throws {
        var honest = ScriptedChain(latestNonce: 8)
        honest.receipts["\(hash)"] = receipt(of: hash, logs: [SettlementTests.Event().log])
        // One of the two nodes gives false answers. It reports a much higher block. Its receipt is from an orphaned
        // block, and says that the transaction reverted.
        var lying = ScriptedChain(latestNonce: 9, head: 1 << 40)
        lying.receipts["\(hash)"] = receipt(of: hash, succeeded: false)
            .replacing("\(Hash { _ in 0xAA })", with: "\(Hash { _ in 0xBB })")
        let chains = isFirst ? [lying, honest] : [honest, lying]
        #expect(try await Sending(chains.map { try $0.node() }).run(signedPayment).state == .settled)
        // One node says that the nonce is used, and the other node says that it is not used. The payment must then not
        // end.
        let taken = ScriptedChain(latestNonce: 9, head: 1 << 40)
        let open = ScriptedChain(answerToSend: "\"\(hash)\"")
        let nodes = try (isFirst ? [taken, open] : [open, taken]).map { try $0.node() }
        var sending = try Sending(nodes)
        sending.waitPolicy.timeout = .milliseconds(100)
        #expect(try await sending.run(signedPayment).state == .sent)
    }

    /// False answers of a node that is asked for the receipt of the payment's transaction. The block in each receipt is
    /// a real block of the node. `nil` means that the node denies that the transaction is mined.
    static let lies = [
        "reverted": receiptOfLiar(succeeded: false), "without the event": receiptOfLiar(succeeded: true), "open": nil,
    ]

    private static func receiptOfLiar(succeeded: Bool) -> String? {
        (try? SamplePayment.signedPayment()).map { receipt(of: $0.steps[0].hash, succeeded: succeeded) }
    }

    @Test(
        "of receipts that differ the one of the most nodes counts, then the one that proves the payment",
        arguments: lies)
    func contradiction(name: String, lie: String?) async throws {
        let good = receipt(of: hash, logs: [SettlementTests.Event().log])
        let honest = ScriptedChain(latestNonce: 8, head: 101, receipts: ["\(hash)": good])
        var lying = ScriptedChain(latestNonce: lie == nil ? 7 : 8, head: 109, answerToSend: "\"\(hash)\"")
        if let lie { lying.receipts["\(hash)"] = lie }
        for chains in [[lying, honest], [honest, lying], [lying, honest, honest]] {
            let run = try await Sending(chains.map { try $0.node() }).run(signedPayment)
            #expect(run.state == .settled, "\(name)")
        }
        // If one node reports a failure, and at least as many nodes say that the transaction is not mined, the payment
        // must not end.
        let open = ScriptedChain(head: 109, answerToSend: "\"\(hash)\"")
        for chains in [[lying, open], [open, lying], [lying, open, open]] {
            let run = try await Sending(chains.map { try $0.node() }).run(signedPayment)
            #expect(run.code == "send.pending", "\(name)")
        }
    }

    @Test("a receipt of one node in a block that no other node has reached ends nothing", arguments: [true, false])
    func future(succeeded: Bool) async throws {
        let open = ScriptedChain(answerToSend: "\"\(hash)\"")
        var lying = ScriptedChain(latestNonce: 8, head: 100_000)
        lying.receipts["\(hash)"] = receipt(of: hash, succeeded: succeeded, logs: [SettlementTests.Event().log])
            .replacing("\"blockNumber\":\"0x64\"", with: "\"blockNumber\":\"0x182b8\"")
        for chains in [[lying, open, open], [open, lying, open]] {
            let run = try await Sending(chains.map { try $0.node() }).run(signedPayment)
            #expect(run.code == "send.pending" && run.state == .sent)
        }
    }

    @Test("of three nodes that differ none ends the payment, and of two only the one whose receipt proves it")
    func apart() async throws {
        func chain(_ receipt: String) -> ScriptedChain { ScriptedChain(latestNonce: 8, receipts: ["\(hash)": receipt]) }
        let paid = chain(receipt(of: hash, logs: [SettlementTests.Event().log]))
        let reverted = chain(receipt(of: hash, succeeded: false))
        let empty = chain(receipt(of: hash))
        let open = ScriptedChain(answerToSend: "\"\(hash)\"")
        let rows: [([ScriptedChain], String?)] = [
            ([paid, reverted, empty], "send.pending"), ([paid, reverted, open], "send.pending"),
            ([reverted, empty], "send.pending"), ([reverted, paid], nil),
        ]
        for (number, (chains, code)) in rows.enumerated() {
            let run = try await Sending(chains.map { try $0.node() }).run(signedPayment)
            #expect(run.code == code, "row \(number)")
        }
    }

    @Test("that another transaction used the nonce needs more than half of the nodes")
    func takenByHalf() async throws {
        let taken = ScriptedChain(latestNonce: 8)
        // The block in the receipt is not a block of the node, so the receipt does not count.
        var orphaned = taken
        orphaned.receipts["\(hash)"] = receipt(of: hash)
            .replacing("\(Hash { _ in 0xAA })", with: "\(Hash { _ in 0xBB })")
        for (chains, code) in [
            ([taken, orphaned], "send.pending"), ([orphaned, taken, orphaned], "send.pending"),
            ([taken, orphaned, taken], "send.nonce-taken"),
        ] {
            var sending = try Sending(chains.map { try $0.node() })
            sending.waitPolicy.timeout = code == "send.pending" ? .milliseconds(300) : .seconds(120)
            #expect(try await sending.run(signedPayment).code == code)
        }
    }

    @Test("what one node says of the approval before the payment ends nothing while as many have its good receipt")
    func approval() async throws {
        let charge = try SamplePayment.charge()
        let data = ERC20.approve(charge.contents.contract, charge.contents.needed)
        let approve = try SamplePayment.signed(nonce: 6, to: SamplePayment.usdc, data: data)
        let cancel = try SamplePayment.signed(nonce: 6, to: SampleKey.payer.address, fee: 60_000_000)
        let pay = try SamplePayment.pay(charge)
        let signedPayment = try SignedPayment(raw: [approve.raw, cancel.raw, pay.raw])
        func chain(_ hash: Hash, succeeded: Bool = true, head: UInt64 = 1 << 40) -> ScriptedChain {
            ScriptedChain(
                head: head, answerToSend: "\"\(pay.hash)\"",
                receipts: ["\(hash)": receipt(of: hash, succeeded: succeeded)])
        }
        let honest = chain(approve.hash, head: 100)
        let none = ScriptedChain(head: 1 << 40)
        for (lying, code) in [
            (chain(approve.hash, succeeded: false), "send.reverted"), (chain(cancel.hash), "send.cancelled"),
            (none, "send.nonce-taken"),
        ] {
            for chains in [[lying, honest], [honest, lying, honest], [lying, honest, lying]] {
                let isMajority = chains.count { $0.head == lying.head } > 1
                var sending = try Sending(chains.map { try $0.node() })
                sending.waitPolicy.timeout = isMajority ? .seconds(120) : .milliseconds(300)
                let run = try await sending.run(signedPayment)
                #expect(run.code == (isMajority ? code : "send.pending"))
                #expect(isMajority || run.state == .sent)
            }
        }
    }

    @Test("a deadline ends a payment by the lower median of the nodes' times, and by the upper one it is not sent")
    func clock() async throws {
        // The contract refuses a late charge. No contract refuses a late transfer.
        let transfer = try SamplePayment.transfer(expires: Timestamp(seconds: SampleCharge.deadline))
        for signedPayment in [signedPayment, transfer] {
            let sent: ScriptedNode.Answer = "\"\(signedPayment.steps[0].hash)\""
            let onTime = ScriptedChain(answerToSend: sent)
            let late = ScriptedChain(head: 1 << 40, timestamp: SampleCharge.deadline + 1, answerToSend: sent)
            for (chains, code, state) in [
                ([late, onTime], "send.pending", .recorded), ([onTime, late], "send.pending", .recorded),
                ([onTime, late, onTime], "send.pending", .sent), ([late, onTime, late], "send.expired", .expired),
            ] as [([ScriptedChain], String, PaymentState)] {
                var sending = try Sending(chains.map { try $0.node() })
                sending.waitPolicy.timeout = code == "send.pending" ? .milliseconds(300) : .seconds(120)
                let run = try await sending.run(signedPayment)
                #expect(run.code == code && run.state == state)
                let count = sending.nodes.reduce(0) { $0 + $1.asked("eth_sendRawTransaction").count }
                #expect((count > 0) == (state == .sent))
            }
        }
    }

    @Test("a transfer that a node may have is followed after its deadline, though only one of two nodes says so")
    func sentBefore() async throws {
        let transfer = try SamplePayment.transfer(expires: Timestamp(seconds: SampleCharge.deadline))
        let onTime = ScriptedChain(answerToSend: "\"\(transfer.steps[0].hash)\"", knowsTransaction: true)
        var late = onTime
        (late.head, late.timestamp) = (1 << 40, SampleCharge.deadline + 1)
        var sending = try Sending([late.node(), onTime.node()])
        sending.waitPolicy.timeout = .milliseconds(300)
        let run = try await sending.run(transfer)
        #expect(run.code == "send.pending" && run.state == .sent)
    }

    @Test("the confirmations are counted to the lower median of the nodes' blocks")
    func heads() async throws {
        func chain(_ head: UInt64) -> ScriptedChain {
            ScriptedChain(
                latestNonce: 8, head: head,
                receipts: ["\(hash)": receipt(of: hash, logs: [SettlementTests.Event().log])])
        }
        for (heads, code) in [
            ([1 << 40, 100], "send.unconfirmed"), ([100, 1 << 40, 100], "send.unconfirmed"), ([100, 109, 109], nil),
        ] as [([UInt64], String?)] {
            var sending = try Sending(heads.map { try chain($0).node() })
            sending.waitPolicy.confirmations = 10
            #expect(try await sending.run(signedPayment).code == code)
        }
    }

    @Test("a mined payment is sent again only if more than half of the nodes reached its block and lack its receipt")
    func lagging() async throws {
        let receipts = ["\(hash)": receipt(of: hash, logs: [SettlementTests.Event().log])]
        func mined(_ head: UInt64) -> ScriptedChain { ScriptedChain(latestNonce: 8, head: head, receipts: receipts) }
        // The first node always has the receipt, and the last node never. The node between them loses the receipt after
        // the first poll. It gets the receipt back after the second poll, or, if the block is gone, after the
        // transaction is sent again.
        for (head, isGone) in [(99, false), (101, true)] as [(UInt64, Bool)] {
            let lacking = ScriptedChain(head: head, answerToSend: "\"\(hash)\"")
            let (before, after, polls, isSent) = (mined(100), mined(101), Shared(0), Shared(false))
            let changing = try ScriptedNode { question in
                let poll = polls.value.withLock { polls in
                    if question.method == "eth_getBlockByNumber", question.parameters.contains("latest") { polls += 1 }
                    return polls
                }
                if question.method == "eth_sendRawTransaction" { isSent.value.withLock { $0 = true } }
                let isLost = poll == 2 || isGone && !isSent.value.withLock { $0 }
                return (poll < 2 ? before : isLost ? lacking : after).answer(question)
            }
            var sending = try Sending([mined(101).node(), changing, lacking.node()])
            sending.waitPolicy.confirmations = 2
            sending.waitPolicy.timeout = .seconds(600)
            #expect(try await sending.run(signedPayment).state == .settled)
            #expect(changing.asked("eth_sendRawTransaction").isEmpty != isGone)
        }
    }

    @Test("a bad end needs the same proof as a good one")
    func badEnd() async throws {
        var chain = ScriptedChain(latestNonce: 8)
        let good = receipt(of: hash, logs: [SettlementTests.Event().log])
        chain.receipts["\(hash)"] = receipt(of: hash, succeeded: false)
        // The first receipt is damaged: its status says that the transaction reverted.
        let (damaged, isFirst) = (chain, Shared(true))
        let node = try ScriptedNode { question in
            guard question.method == "eth_getTransactionReceipt" else { return damaged.answer(question) }
            let first = isFirst.value.withLock { first in
                defer { first = false }
                return first
            }
            return first ? damaged.answer(question) : "\(good)"
        }
        #expect(try await patient(node).run(signedPayment).state == .settled)
    }

    @Test("a nonce that looks used ends nothing while a node has the payment's own transaction")
    func known() async throws {
        let open = ScriptedChain(latestNonce: 8, knowsTransaction: true)
        var mined = open
        mined.receipts["\(hash)"] = receipt(of: hash, logs: [SettlementTests.Event().log])
        // The node returns the receipt only after five queries for the transaction. Until then, it returns the pending
        // transaction. If it did not return the pending transaction, the payment would end after three polls.
        let (late, looks) = (mined, Shared(0))
        let node = try ScriptedNode { question in
            let count = looks.value.withLock { looks in
                if question.method == "eth_getTransactionByHash" { looks += 1 }
                return looks
            }
            return count < 5 ? open.answer(question) : late.answer(question)
        }
        #expect(try await patient(node).run(signedPayment).state == .settled)
        #expect(node.asked("eth_getTransactionByHash").count == 5)
        #expect(node.asked("eth_sendRawTransaction").isEmpty)
    }

    @Test("a nonce that looks used is looked at three times when nothing names what used it")
    func unnamed() async throws {
        let node = try ScriptedChain(latestNonce: 8).node()
        #expect(try await patient(node).run(signedPayment).code == "send.nonce-taken")
        #expect(node.asked("eth_getTransactionByHash").count == 3)
        // The node returns a wrong nonce in the first two polls only.
        let looks = Shared(0)
        let fickle = try ScriptedNode { question in
            guard question.method == "eth_getTransactionCount", question.parameters.contains("latest") else {
                return ScriptedChain(answerToSend: "\"\(hash)\"").answer(question)
            }
            let count = looks.value.withLock { looks in
                looks += 1
                return looks
            }
            return count < 3 ? "\"0x8\"" : "\"0x7\""
        }
        var sending = try patient(fickle)
        sending.waitPolicy.isWaiting = false
        #expect(try await sending.run(signedPayment).state == .sent)
    }
}
