import AirlockEthereumTypes
import Foundation
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockSamples
import Synchronization
import AirlockTestSupport

@testable import AirlockBroadcast

/// A test setup that sends or cancels a payment through scripted nodes. It has its own journal.
struct Sending {
    /// The result of sending or cancelling: the outcome, the problems, and the payment's state in the journal.
    struct Run {
        let outcome: Broadcaster.Outcome?
        let problems: [Problem]
        let state: PaymentState?

        var code: String? { problems.first?.code }
    }

    let nodes: [ScriptedNode]
    let journal: any PaymentJournal
    var waitPolicy = Broadcaster.WaitPolicy()
    var report: @Sendable (Broadcaster.Progress) -> Void = { _ in }
    private let folder: Scratch

    init(_ chains: ScriptedChain...) throws { try self.init(chains.map { try $0.node() }) }

    init(_ nodes: [ScriptedNode]) throws {
        folder = try Scratch()
        self.nodes = nodes
        journal = try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
        waitPolicy.timeout = .milliseconds(1)
        waitPolicy.shortestPause = .milliseconds(1)
    }

    /// Opens the same journal a second time, as another relay would open it.
    func another() throws -> any PaymentJournal {
        try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
    }

    func run(_ signedPayment: SignedPayment, cancelling: Bool = false) async throws -> Run {
        let all = Nodes(nodes[0].node, nodes.dropFirst().map(\.node))
        let state = { try await journal.payments().first?.state }
        do throws(ProblemList) {
            let broadcaster = Broadcaster(all, journal, waitPolicy, report: report)
            let outcome =
                cancelling ? try await broadcaster.cancel(signedPayment) : try await broadcaster.send(signedPayment)
            return Run(outcome: outcome, problems: [], state: try? await state())
        } catch { return Run(outcome: nil, problems: error.problems, state: try? await state()) }
    }
}

/// Returns a receipt as JSON text, as a node returns it. The transaction is in block 100, which has the hash 0xaa….
func receipt(
    of hash: Hash, from: Address = SampleKey.payer.address, succeeded: Bool = true, gasUsed: UInt64 = 100_000,
    logs: [String] = []
) -> String {
    """
    {"transactionHash":"\(hash)","blockHash":"\(Hash { _ in 0xAA })","blockNumber":"0x64","from":"\(from)",\
    "status":"\(succeeded ? "0x1" : "0x0")","gasUsed":"\(UInt256(gasUsed).quantity)","effectiveGasPrice":"0x1",\
    "logs":[\(logs.joined(separator: ","))]}
    """
}
