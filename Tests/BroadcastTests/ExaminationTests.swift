import EthereumTypes
import JSONRPC
import Problems
import Samples
import Testing

@testable import Broadcast

@Suite("A payment that is looked at before it is sent")
struct ExaminationTests {
    private let shipment: Shipment

    init() throws { shipment = try SamplePayment.shipment() }

    /// What the chain is like, the codes of what is against sending, and a part of what is noted.
    static let chains: [(ScriptedChain, [String], String?)] = [
        (ScriptedChain(), [], nil),
        (ScriptedChain(knowsTransaction: true), [], "has it already"),
        (ScriptedChain(latestNonce: 5, pendingNonce: 6), [], "nonce 6 of the sender is missing"),
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
            let examination = try await Broadcaster.examine(shipment, by: Nodes(node.node))
            #expect(examination.problems.map(\.code) == codes)
            #expect(examination.notes.count == (note == nil ? 0 : 1))
            if let note { #expect(examination.notes.first?.contains(note) == true, "\(examination.notes)") }
            #expect(examination.reports.map(\.nonce) == [chain.latestNonce])
        } catch { #expect(error.problems.map(\.code) == codes) }
        #expect(node.asked("eth_sendRawTransaction").isEmpty)
    }

    @Test("is said with its cost and its code")
    func text() {
        let text = shipment.text
        #expect(text.hasPrefix("pays "))
        #expect(text.contains("network fee at most 0.000006 ETH\n"))
        #expect(text.hasSuffix("code \(shipment.code)\n"))
    }
}
