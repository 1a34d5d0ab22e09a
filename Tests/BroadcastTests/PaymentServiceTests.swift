import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockSamples
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

    /// Creates a broadcaster that repeats everything after one millisecond. It adds to `failed` the name of each node
    /// that cannot be used.
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
        let end = ContinuousClock.now + .seconds(60)
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
