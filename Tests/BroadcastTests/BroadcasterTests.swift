import AirlockEthereumTypes
import Foundation
import AirlockRequests
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSecp256k1
import Synchronization
import Testing
import AirlockTransactions
import AirlockCharges
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("Sending a payment")
struct BroadcasterTests {
    private let signedPayment: SignedPayment
    private var hash: Hash { signedPayment.steps[0].hash }

    init() throws { signedPayment = try SamplePayment.signedPayment() }

    private func accepting() -> ScriptedChain { ScriptedChain(answerToSend: "\"\(hash)\"") }

    static let answers: [(ScriptedNode.Answer, String, PaymentState)] = [
        (.refused("already known"), "send.pending", .sent),
        (.refused("AlreadyKnown", code: -32010), "send.pending", .sent),
        (.refused("Known transaction"), "send.pending", .sent),
        (.refused("nonce too low: next nonce 8, tx nonce 7"), "send.pending", .recorded),
        (.refused("OldNonce"), "send.pending", .recorded),
        (
            .refused("replacement transaction underpriced"), "node.replacement-underpriced", .recorded
        ),
        (
            .refused("insufficient funds for gas * price + value"), "node.insufficient-funds", .recorded
        ),
        (.refused("invalid sender"), "node.wrong-chain", .recorded),
        (.refused("a word of a new client"), "node.other", .recorded),
        (.refused("rate limit reached"), "node.rate-limited", .recorded),
        ("\"\(Hash { _ in 1 })\"", "send.other-hash", .recorded),
        ("7", "rpc.bad-answer", .recorded),
    ]

    @Test("ends by what the node says to it", arguments: answers)
    func answer(answer: ScriptedNode.Answer, code: String, state: PaymentState) async throws {
        let run = try await Sending(ScriptedChain(answerToSend: answer)).run(signedPayment)
        #expect(run.code == code)
        #expect(run.state == state)
    }

    @Test("asks in doubt for the hash, and what the node knows is sent")
    func doubt() async throws {
        let chain = ScriptedChain(answerToSend: .refused("a word of a new client"), knowsTransaction: true)
        let run = try await Sending(chain).run(signedPayment)
        #expect(run.code == "send.pending")
        #expect(run.state == .sent)
    }

    @Test("is done when one of several nodes takes it, whatever the others say")
    func several() async throws {
        let down = ScriptedChain(others: ["eth_chainId": .refused("rate limit")])
        let run = try await Sending(down, ScriptedChain(answerToSend: .refused("fee too low")), accepting())
            .run(signedPayment)
        #expect(run.code == "send.pending")
        #expect(run.state == .sent)
    }

    @Test("puts a node's no before another's silence")
    func order() async throws {
        let silent = ScriptedChain(answerToSend: .refused("rate limit"))
        let run = try await Sending(silent, ScriptedChain(answerToSend: .refused("fee too low"))).run(signedPayment)
        #expect(run.problems.map(\.code) == ["node.fee-too-low", "node.rate-limited"])
    }

    @Test("writes the hash down before the first byte leaves")
    func recordedFirst() async throws {
        let seen = Shared<[String]>([])
        let folder = try Scratch()
        let path = folder.path + "/journal.sqlite"
        let node = try ScriptedNode { question in
            let known = try? SQLiteDatabase(path: path).execute("SELECT hash FROM steps").count
            seen.value.withLock { $0.append("\(question.method) \(known ?? 0)") }
            return .refused("rate limit")
        }
        let journal = try SQLJournal(path, now: { Timestamp(seconds: 0) })
        await #expect(throws: ProblemList.self) {
            _ = try await Broadcaster(Nodes(node.node), journal).send(signedPayment)
        }
        #expect(seen.value.withLock { $0 } == ["eth_chainId 1"])
    }

    @Test("refuses a node of another chain, and gives it nothing")
    func wrongChain() async throws {
        let other = try ScriptedChain(chainID: 1).node()
        let run = try await Sending([other, accepting().node()]).run(signedPayment)
        #expect(run.code == "nodes.wrong-chain")
        #expect(other.asked("eth_sendRawTransaction").isEmpty)
    }

    @Test("sends nothing that is mined, and nothing that is too late")
    func needless() async throws {
        var mined = ScriptedChain(latestNonce: 8)
        mined.receipts["\(hash)"] = receipt(of: hash, logs: [SettlementTests.Event().log])
        let node = try mined.node()
        let run = try await Sending([node]).run(signedPayment)
        #expect(run.outcome?.event?.spentAmount == 1_050_000)
        #expect(run.outcome?.confirmations == 1)
        #expect(node.asked("eth_sendRawTransaction").isEmpty)

        let late = try ScriptedChain(timestamp: SampleCharge.deadline + 1).node()
        var sending = try Sending([late])
        #expect(try await sending.run(signedPayment).code == "send.pending")
        // With a longer timeout, the relay polls several times, and then ends the payment as expired. A single poll is
        // not enough for this.
        sending.waitPolicy.timeout = .seconds(60)
        #expect(try await sending.run(signedPayment).code == "send.expired")
        #expect(late.asked("eth_sendRawTransaction").isEmpty)
        let onTime = try ScriptedChain(timestamp: SampleCharge.deadline).node()
        _ = try await Sending([onTime]).run(signedPayment)
        #expect(onTime.asked("eth_sendRawTransaction").count == 1)
    }

    @Test("looks at a chain that has not mined it yet in one round trip, and in three when it ends")
    func roundTrips() async throws {
        let open = try accepting().node()
        _ = try await Sending([open]).run(signedPayment)
        // The relay makes three round trips: one for the chain id, one for the state of the chain, and one for the
        // transaction itself.
        #expect(open.trips == 3)
        var chain = ScriptedChain(latestNonce: 8)
        chain.receipts["\(hash)"] = receipt(of: hash, logs: [SettlementTests.Event().log])
        let mined = try chain.node()
        _ = try await Sending([mined]).run(signedPayment)
        // The relay makes four round trips. They request the chain id; the block and the nonce; the receipt; and the
        // receipt again, together with its block.
        #expect(mined.trips == 4)
    }

    @Test("waits for as many blocks as were asked for", arguments: [(100, 1), (101, 2), (109, 10)])
    func confirmations(head: UInt64, count: UInt64) async throws {
        var chain = ScriptedChain(latestNonce: 8, head: head)
        chain.receipts["\(hash)"] = receipt(of: hash, logs: [SettlementTests.Event().log])
        var sending = try Sending(chain)
        sending.waitPolicy.confirmations = count
        #expect(try await sending.run(signedPayment).outcome?.confirmations == count)
        sending.waitPolicy.confirmations = count + 1
        let run = try await sending.run(signedPayment)
        #expect(run.code == "send.unconfirmed")
        let words = "block 100, confirmations \(count) of \(count + 1)"
        #expect(run.problems.first?.message == "\(SendRule.unconfirmed.meaning): \(words)")
    }

    @Test("names the contract's error of what was reverted, or that the gas was used up")
    func reverted() async throws {
        var chain = ScriptedChain(latestNonce: 8)
        chain.receipts["\(hash)"] = receipt(of: hash, succeeded: false)
        chain.calls["fc8f31e0"] = .reverted("0x57eee766")
        let named = try await Sending(chain).run(signedPayment)
        #expect(named.code == "send.reverted")
        #expect(named.state == .reverted)
        #expect(named.problems[0].message.contains("AlreadyProcessed(): this intent has been paid already"))
        chain.calls["fc8f31e0"] = "\"0x\""
        #expect(try await Sending(chain).run(signedPayment).problems[0].message.hasSuffix("the gas is gone"))
        chain.receipts["\(hash)"] = receipt(of: hash, succeeded: false, gasUsed: 200_000)
        #expect(try await Sending(chain).run(signedPayment).problems[0].message.hasSuffix("all of its gas was used"))
    }

    @Test("says which transaction took the nonce, or that the node cannot say")
    func nonceTaken() async throws {
        var chain = ScriptedChain(latestNonce: 8)
        var sending = try Sending(chain)
        sending.waitPolicy.timeout = .seconds(60)
        let unnamed = try await sending.run(signedPayment)
        #expect(unnamed.code == "send.nonce-taken")
        #expect(unnamed.state == .replaced)
        #expect(unnamed.problems[0].message.hasSuffix("nonce 7, by which one the node does not know"))

        let taker = Hash { _ in 0x77 }
        chain.transactions = """
            [{"hash":"\(taker)","from":"\(SampleKey.payer.address)","nonce":"0x7","blockNumber":"0x64"}]
            """
        let counting = chain
        // The node reports that the nonce was used in block 90.
        let node = try ScriptedNode { question in
            guard question.method == "eth_getTransactionCount",
                let tag = question.parameters.split(separator: "\"0x").last,
                let number = Int(tag.dropLast(2), radix: 16)
            else { return counting.answer(question) }
            return number >= 90 ? "\"0x8\"" : "\"0x7\""
        }
        var named = try Sending([node])
        named.waitPolicy.timeout = .seconds(60)
        let run = try await named.run(signedPayment)
        #expect(run.problems[0].message.hasSuffix("nonce 7, by \(taker)"))
        #expect(node.asked.contains(.init(method: "eth_getBlockByNumber", parameters: #"["0x5a",true]"#)))
    }

    @Test("does not send the payment when the approval before it reverted, was cancelled or lost its nonce")
    func approvalFailed() async throws {
        let charge = try SamplePayment.charge()
        let approve = try SamplePayment.signed(
            nonce: 6, to: SamplePayment.usdc, data: [0x09, 0x5E, 0xA7, 0xB3] + [UInt8](repeating: 0, count: 64))
        let cancel = try SamplePayment.signed(nonce: 6, to: SampleKey.payer.address)
        let signedPayment = try SignedPayment(
            SamplePayment.file(
                charge, [(.approve, approve), (.pay, SamplePayment.pay(charge)), (.cancel, cancel)]))
        for (receipts, code) in [
            (["\(approve.hash)": receipt(of: approve.hash, succeeded: false)], "send.reverted"),
            (["\(cancel.hash)": receipt(of: cancel.hash)], "send.cancelled"), ([:], "send.nonce-taken"),
        ] {
            let node = try ScriptedChain(latestNonce: 7, receipts: receipts).node()
            var sending = try Sending([node])
            sending.waitPolicy.timeout = .seconds(60)
            #expect(try await sending.run(signedPayment).code == code)
            #expect(node.asked("eth_sendRawTransaction").isEmpty)
        }
    }

    @Test("gives the nodes all transactions in the order of their nonces, and no cancel")
    func inOrder() async throws {
        let charge = try SamplePayment.charge()
        let approve = try SamplePayment.signed(
            nonce: 7, to: SamplePayment.usdc, data: [0x09, 0x5E, 0xA7, 0xB3] + [UInt8](repeating: 0, count: 64))
        let pay = try SamplePayment.pay(charge, nonce: 8)
        let cancel = try SamplePayment.signed(nonce: 8, to: SampleKey.payer.address)
        let node = try ScriptedNode { question in
            guard question.method == "eth_sendRawTransaction" else { return ScriptedChain().answer(question) }
            let isApproval = question.parameters.contains(Hex.encode(approve.raw))
            return "\"\(isApproval ? approve.hash : pay.hash)\""
        }
        _ = try await Sending([node]).run(
            SignedPayment(SamplePayment.file(charge, [(.pay, pay), (.cancel, cancel), (.approve, approve)])))
        let sent = node.asked("eth_sendRawTransaction").map(\.parameters)
        #expect(sent == [approve, pay].map { "[\"\(Hex.encode($0.raw))\"]" })
    }

    @Test("goes back to sent when an earlier run saw it in a block that is gone")
    func vanished() async throws {
        var chain = ScriptedChain(latestNonce: 8, answerToSend: "\"\(hash)\"")
        chain.receipts["\(hash)"] = receipt(of: hash, logs: [SettlementTests.Event().log])
        let isMined = Shared(true)
        let (mined, open) = (chain, accepting())
        let node = try ScriptedNode { question in
            isMined.value.withLock { $0 } ? mined.answer(question) : open.answer(question)
        }
        let sending = try Sending([node])
        #expect(try await sending.run(signedPayment).state == .settled)
        isMined.value.withLock { $0 = false }
        let run = try await sending.run(signedPayment)
        #expect(run.code == "send.pending")
        #expect(run.state == .sent)
        #expect(node.asked("eth_sendRawTransaction").count == 1)
        isMined.value.withLock { $0 = true }
        #expect(try await sending.run(signedPayment).state == .settled)
    }

    @Test("does not take back what another relay wrote after the look at the chain")
    func staleLook() async throws {
        var chain = ScriptedChain(latestNonce: 8, answerToSend: "\"\(hash)\"")
        chain.receipts["\(hash)"] = receipt(of: hash, logs: [SettlementTests.Event().log])
        let isLate = Shared(false)
        let (mined, open) = (chain, accepting())
        let node = try ScriptedNode { question in
            // After `isLate` is set, the next answer to eth_getTransactionCount is outdated.
            if isLate.value.withLock({ $0 }), question.method == "eth_getTransactionCount" {
                isLate.value.withLock { $0 = false }
                return open.answer(question)
            }
            return mined.answer(question)
        }
        var sending = try Sending([node])
        #expect(try await sending.run(signedPayment).state == .settled)
        isLate.value.withLock { $0 = true }
        sending.waitPolicy.timeout = .seconds(60)
        #expect(try await sending.run(signedPayment).state == .settled)
        let states = try await sending.journal.rows(of: "transitions").filter { $0.contains("\"sent\"") }
        #expect(states.isEmpty && node.asked("eth_sendRawTransaction").isEmpty)
    }
}
