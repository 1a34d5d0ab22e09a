import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockSamples
import Testing

@testable import AirlockBroadcast

@Suite("A payment that is looked at before it is sent")
struct PreflightTests {
    private let signedPayment: SignedPayment

    init() throws { signedPayment = try SamplePayment.signedPayment() }

    /// Each case has the chain, the codes of the expected problems, and a part of the expected note. The last value is
    /// `nil` if no note is expected.
    static let chains: [(ScriptedChain, [String], String?)] = [
        (ScriptedChain(), [], nil),
        (ScriptedChain(knowsTransaction: true), [], "has it already"),
        (ScriptedChain(latestNonce: 5, pendingNonce: 6), ["send.held-back"], nil),
        (ScriptedChain(latestNonce: 8, pendingNonce: 8), ["send.nonce-taken"], nil),
        (ScriptedChain(timestamp: SampleCharge.deadline + 1), ["send.expired"], nil),
        (ScriptedChain(balance: "0x1"), ["node.insufficient-funds"], nil),
        (ScriptedChain(others: ["eth_chainId": "\"0x1\""]), ["nodes.wrong-chain"], nil),
        (ScriptedChain(others: ["eth_chainId": .refused("rate limit")]), ["node.rate-limited"], nil),
    ]

    @Test("is not sent; what is against it is said as send would say it", arguments: chains.indices)
    func examined(number: Int) async throws {
        let (chain, codes, note) = Self.chains[number]
        let node = try chain.node()
        do throws(ProblemList) {
            let preflight = try await Broadcaster.preflight(signedPayment, by: Nodes(node.node))
            #expect(preflight.problems.map(\.code) == codes)
            #expect(preflight.notes.count == (note == nil ? 0 : 1))
            if let note { #expect(preflight.notes.first?.contains(note) == true, "\(preflight.notes)") }
            #expect(preflight.reports.map(\.nonce) == [chain.latestNonce])
        } catch { #expect(error.problems.map(\.code) == codes) }
        #expect(node.asked("eth_sendRawTransaction").isEmpty)
    }

    @Test("of a transfer is late after the time that its file names, and is then not sent; in time it is settled")
    func transfer() async throws {
        let now: UInt64 = 1_773_200_000
        let late = try SamplePayment.transfer(expires: Timestamp(seconds: now - 1))
        let node = try ScriptedChain(timestamp: now).node()
        #expect(try await Broadcaster.preflight(late, by: Nodes(node.node)).problems.map(\.code) == ["send.expired"])
        var sending = try Sending([node])
        sending.waitPolicy.timeout = .seconds(60)
        #expect(try await sending.run(late).code == "send.expired")
        #expect(node.asked("eth_sendRawTransaction").isEmpty)
        // According to the time of one of the two nodes, it is too late.
        let onTime = try ScriptedChain(timestamp: now - 1).node()
        let doubtful = try await Broadcaster.preflight(late, by: Nodes(node.node, [onTime.node]))
        #expect(doubtful.problems.isEmpty)
        #expect(doubtful.notes == ["it is not certain that \(late.code) can still be paid"])

        // If a node has the transaction, the transaction may still be mined after its deadline. The relay therefore
        // follows the payment. A later run resumes the payment with the values from the payment file.
        let known = try ScriptedChain(timestamp: now, knowsTransaction: true).node()
        var following = try Sending([known])
        following.waitPolicy.timeout = .seconds(1)
        #expect(try await following.run(late).code == "send.pending")
        let again = try #require(try await following.journal.unfinished().first)
        #expect(again.request == late.request && again.steps == late.steps)
        #expect(again.summary?.amount == 5 && again.text.contains("until "))

        let signedPayment = try SamplePayment.transfer(expires: Timestamp(seconds: now))
        let hash = try #require(signedPayment.steps.first).hash
        var mined = ScriptedChain(latestNonce: 8, timestamp: now)
        mined.receipts["\(hash)"] = receipt(of: hash)
        let run = try await Sending([mined.node()]).run(signedPayment)
        #expect(run.problems.isEmpty && run.state == .settled)
    }

    @Test("is said with its cost and its code")
    func text() {
        let text = signedPayment.text
        #expect(text.hasPrefix("pays "))
        #expect(text.contains("network fee at most 0.000006 ETH\n"))
        #expect(text.hasSuffix("code \(signedPayment.code)\n"))
    }
}
