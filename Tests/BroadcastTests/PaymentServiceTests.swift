import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockSamples
import AirlockStrictJSON
import AirlockTestSupport
import AirlockTransactions
import Foundation
import Synchronization
import Testing

@testable import AirlockBroadcast

@Suite("A service whose nodes come and go")
struct PaymentServiceTests {
    /// A node that answers the first two queries for its chain with an error.
    private func late(_ chain: ScriptedChain) throws -> ScriptedNode {
        let asked = Shared(0)
        return try ScriptedNode { question in
            guard question.method == "eth_chainId" else { return chain.answer(question) }
            let count = asked.value.withLock { count in
                count += 1
                return count
            }
            return count < 3 ? .refused("rate limit") : chain.answer(question)
        }
    }

    /// Creates a broadcaster that waits one millisecond before it repeats anything. It adds to `failed` the name of
    /// each node that cannot be used.
    private func broadcaster(
        _ nodes: [ScriptedNode], _ journal: SQLJournal, _ failed: Shared<[String]>
    ) -> Broadcaster {
        var waitPolicy = Broadcaster.WaitPolicy()
        (waitPolicy.shortestPause, waitPolicy.longestPause) = (.milliseconds(1), .milliseconds(1))
        (waitPolicy.resend, waitPolicy.reach) = (.milliseconds(1), .milliseconds(1))
        return Broadcaster(Nodes(nodes[0].node, nodes.dropFirst().map(\.node)), journal, waitPolicy) { progress in
            if case .unusable(let failure) = progress { failed.value.withLock { $0.append(failure.node) } }
        }
    }

    /// Creates a payment with a cancel transaction.
    private static func cancellable() throws -> SignedPayment {
        let charge = try SamplePayment.nativeCharge()
        let cancel = try SamplePayment.signed(to: SampleKey.payer.address, fee: 90_000_000)
        return try SignedPayment(
            SamplePayment.file(charge, [(.pay, SamplePayment.pay(charge)), (.cancel, cancel)]))
    }

    /// Creates a node that accepts every transaction of a payment.
    private static func node(of signedPayment: SignedPayment) throws -> ScriptedNode {
        try ScriptedNode { question in
            let sent = signedPayment.steps.first { question.parameters.contains(Hex.encode($0.raw)) }
            if let sent { return "\"\(sent.hash)\"" }
            return ScriptedChain().answer(question)
        }
    }

    /// Returns the roles of the transactions that a node received, in the order in which it received them.
    private static func sent(_ signedPayment: SignedPayment, to node: ScriptedNode) -> [Payment.Role] {
        node.asked("eth_sendRawTransaction").compactMap { question in
            signedPayment.steps.first { question.parameters.contains(Hex.encode($0.raw)) }?.role
        }
    }

    @Test(
        "sends the cancel that an earlier run was asked for, whether that run had sent the payment or not",
        arguments: [false, true])
    func askedBefore(isSent: Bool) async throws {
        let signedPayment = try Self.cancellable()
        let folder = try Scratch()
        func journal() throws -> SQLJournal {
            try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
        }
        let (first, node) = (try journal(), try Self.node(of: signedPayment))
        let number = try await first.record(signedPayment)
        let (requests, failed) = (ServiceRequests(), Shared<[String]>([]))
        let end = ContinuousClock.now + .seconds(600)
        if isSent {
            await PaymentService(broadcaster([node], first, failed)) { _ in }.run(
                arrivals: { [] },
                isEnding: { !node.asked("eth_sendRawTransaction").isEmpty || ContinuousClock.now > end })
        }
        let before = Self.sent(signedPayment, to: node)
        #expect(before.isEmpty != isSent && !before.contains(.cancel))
        try await requests.cancel(number, in: first)
        // The service reaches no node, so it ends before it has sent the cancel transaction.
        let closed = try ScriptedChain(others: ["eth_chainId": .refused("rate limit")]).node()
        await PaymentService(broadcaster([closed], first, failed)) { _ in }.run(
            arrivals: { [] }, requests: requests, isEnding: { closed.trips > 0 || ContinuousClock.now > end })
        let payments = try await first.payments()
        #expect(payments.map(\.cancelAskedAt) == ["2026-03-11T03:33:20Z"])
        #expect(payments[0].json.text.contains(#""cancelAskedAt":"2026-03-11T03:33:20Z""#))
        await first.close()
        let second = try journal()
        await PaymentService(broadcaster([node], second, failed)) { _ in }.run(
            arrivals: { [] },
            isEnding: { node.asked("eth_sendRawTransaction").count > before.count || ContinuousClock.now > end })
        #expect(Set(Self.sent(signedPayment, to: node).dropFirst(before.count)) == [.cancel])
    }

    @Test("sends the cancel that another relay was asked for, though it follows the payment already")
    func askedElsewhere() async throws {
        let signedPayment = try Self.cancellable()
        let (folder, node) = (try Scratch(), try Self.node(of: signedPayment))
        let journals = try [0, 1].map { _ in
            try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
        }
        let number = try await journals[0].record(signedPayment)
        let failed = Shared<[String]>([])
        let end = ContinuousClock.now + .seconds(600)
        await PaymentService(broadcaster([node], journals[0], failed)) { _ in }.run(
            arrivals: {
                if !node.asked("eth_sendRawTransaction").isEmpty { try? await journals[1].askCancel(of: number) }
                return []
            },
            isEnding: { Self.sent(signedPayment, to: node).contains(.cancel) || ContinuousClock.now > end })
        let sent = Self.sent(signedPayment, to: node)
        #expect(sent.first == .pay && sent.last == .cancel)
    }

    @Test("asks a node that did not answer again, and gives it the payments that it follows already")
    func laterNode() async throws {
        let signedPayment = try SamplePayment.signedPayment()
        let chain = ScriptedChain(answerToSend: "\"\(signedPayment.steps[0].hash)\"")
        let (first, second, other) = (try chain.node(), try late(chain), try ScriptedChain(chainID: 1).node())
        let folder = try Scratch()
        let journal = try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
        _ = try await journal.record([signedPayment])
        let failed = Shared<[String]>([])
        let broadcaster = broadcaster([first, second, other], journal, failed)
        let end = ContinuousClock.now + .seconds(600)
        await PaymentService(broadcaster) { _ in }.run(
            arrivals: { [] },
            isEnding: { !second.asked("eth_sendRawTransaction").isEmpty || ContinuousClock.now > end })
        #expect(second.asked("eth_sendRawTransaction").count == 1)
        #expect(first.asked("eth_sendRawTransaction").count >= 2)
        #expect(failed.value.withLock { $0 } == [second.node.name, second.node.name])
        // A node whose chain is known is not asked for it again.
        #expect(first.asked("eth_chainId").count == 1 && other.asked("eth_chainId").count == 1)
        #expect(try await journal.unfinished().count == 1)
    }

    @Test("follows the payments, and ends at once, while it asks a node that gives no answer")
    func silentNode() async throws {
        let signedPayment = try SamplePayment.signedPayment()
        let first = try ScriptedChain(answerToSend: "\"\(signedPayment.steps[0].hash)\"").node()
        let end = ContinuousClock.now + .seconds(600)
        let (asked, isOver) = (Shared(0), Shared(false))
        // The node refuses the first query. It does not answer the second query before the service has ended.
        let silent = try ScriptedNode { question in
            let count = asked.value.withLock { count in
                count += 1
                return count
            }
            while count > 1, !isOver.value.withLock({ $0 }), ContinuousClock.now < end { usleep(1000) }
            return .refused("rate limit")
        }
        let folder = try Scratch()
        let journal = try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
        _ = try await journal.record([signedPayment])
        let (failed, before) = (Shared<[String]>([]), Shared<Int?>(nil))
        await PaymentService(broadcaster([first, silent], journal, failed)) { _ in }.run(
            arrivals: { [] },
            isEnding: {
                let (isAsked, sent) = (silent.trips > 1, first.asked("eth_sendRawTransaction").count)
                let isLater = before.value.withLock { before in
                    if isAsked, before == nil { before = sent }
                    return before.map { sent > $0 + 2 } ?? false
                }
                return isLater || ContinuousClock.now > end
            })
        isOver.value.withLock { $0 = true }
        // The second query has no result, because the service has cancelled it.
        #expect(failed.value.withLock { $0 } == [silent.node.name])
        #expect(ContinuousClock.now < end)
    }

    @Test("does not send a postponed payment again because the same payment arrives again")
    func arrivesAgain() async throws {
        let signedPayment = try SamplePayment.signedPayment()
        let node = try ScriptedChain(answerToSend: .refused("insufficient funds for gas * price + value")).node()
        let folder = try Scratch()
        let journal = try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
        let payment = try await journal.record(signedPayment)
        let (arrived, postponed) = (Shared(0), Shared(0))
        let end = ContinuousClock.now + .seconds(600)
        // When the same payment is postponed a second time, it is reported only if the service has forgotten the first.
        await PaymentService(broadcaster([node], journal, Shared<[String]>([]))) { event in
            if case .postponed = event { postponed.value.withLock { $0 += 1 } }
        }.run(
            arrivals: {
                if postponed.value.withLock({ $0 }) > 0 { arrived.value.withLock { $0 += 1 } }
                return [(payment: payment, signedPayment: signedPayment)]
            },
            isEnding: { arrived.value.withLock { $0 } > 20 || ContinuousClock.now > end })
        #expect(arrived.value.withLock { $0 } == 21)
        #expect(postponed.value.withLock { $0 } == 1)
    }

    @Test("of several chains names the nodes that do not answer")
    func severalChains() async throws {
        let own = try SamplePayment.signedPayment()
        let foreign = try SignedPayment(raw: [SamplePayment.signed(to: SampleCharge.recipient, chainID: 1).raw])
        let chains = [
            ScriptedChain(answerToSend: "\"\(own.steps[0].hash)\""),
            ScriptedChain(chainID: 1, answerToSend: "\"\(foreign.steps[0].hash)\""),
            ScriptedChain(others: ["eth_chainId": .refused("rate limit")]),
        ]
        let nodes = try chains.map { try $0.node().node }
        let folder = try Scratch()
        let journal = try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
        var waitPolicy = Broadcaster.WaitPolicy()
        waitPolicy.isWaiting = false
        let failed = Shared<[String]>([])
        let broadcaster = Broadcaster(Nodes(nodes[0], Array(nodes.dropFirst())), journal, waitPolicy) { progress in
            if case .unusable(let failure) = progress { failed.value.withLock { $0.append(failure.node) } }
        }
        #expect(try await broadcaster.send([own, foreign]).allSatisfy { $0.state == .sent })
        #expect(failed.value.withLock { $0 } == [nodes[2].name])
        let notes = try await Broadcaster.preflight([own, foreign], by: broadcaster.nodes).notes
        #expect(notes.contains { $0.hasSuffix(" (\(nodes[2].name))") }, "\(notes)")
    }
}
