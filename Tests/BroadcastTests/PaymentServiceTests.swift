import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockSamples
import AirlockTestSupport
import AirlockTransactions
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

    @Test("asks a node that did not answer again, and gives it the payments that it follows already")
    func laterNode() async throws {
        let signedPayment = try SamplePayment.signedPayment()
        let chain = ScriptedChain(answerToSend: "\"\(signedPayment.steps[0].hash)\"")
        let (first, second, other) = (try chain.node(), try late(chain), try ScriptedChain(chainID: 1).node())
        let folder = try Scratch()
        let journal = try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
        _ = try await journal.record([signedPayment])
        var waitPolicy = Broadcaster.WaitPolicy()
        (waitPolicy.shortestPause, waitPolicy.longestPause) = (.milliseconds(1), .milliseconds(1))
        (waitPolicy.resend, waitPolicy.reach) = (.milliseconds(1), .milliseconds(1))
        let failed = Shared<[String]>([])
        let broadcaster = Broadcaster(Nodes(first.node, [second.node, other.node]), journal, waitPolicy) { progress in
            if case .unusable(let failure) = progress { failed.value.withLock { $0.append(failure.node) } }
        }
        let end = ContinuousClock.now + .seconds(60)
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
