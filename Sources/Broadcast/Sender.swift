import EthereumTypes
import JSONRPC
import Problems

/// Gives one transaction to all nodes, and understands what they say.
struct Sender {
    let payment: Int64
    let nodes: Nodes
    let broadcaster: Broadcaster

    /// Returns when at least one node has the transaction, or when one says that its nonce is used: then the chain says
    /// by what.
    func send(_ step: Shipment.Step) async throws(ProblemList) {
        let journal = broadcaster.journal
        let names = nodes.all.map(\.name)
        let numbers = try broadcaster.kept { () throws(JournalError) in try journal.asking(step.hash, names) }
        let answers = await nodes.ask { node throws(NodeError) in try await node.sendRawTransaction(step.raw) }
        var (isTaken, isPassed) = (false, false)
        var (refused, kept): ([Problem], [(number: Int64, answer: String, words: String?)]) = ([], [])
        for ((node, result), number) in zip(answers, numbers) {
            switch verdict(on: result, of: step, node) {
            case .taken:
                isTaken = true
                kept.append((number, Journal.taken, nil))
                broadcaster.report(.taken(step, node: node.name))
            case .passed:
                isPassed = true
                kept.append((number, NodeRule.nonceTooLow.rawValue, nil))
            case .refused(let problems, let words):
                refused += problems
                kept.append((number, problems[0].code, words))
            }
            if case .failure(let failure) = result, failure.refusal?.rule != .alreadyKnown {
                broadcaster.report(.refused(step, failure))
            }
        }
        let noted = kept
        try broadcaster.kept { () throws(JournalError) in try journal.answered(noted) }
        // In doubt the hash decides: clients have many words for a transaction that they already have.
        if !isTaken, !isPassed { isTaken = await isKnown(step.hash) }
        if isTaken {
            let payment = payment
            return try broadcaster.kept { () throws(JournalError) in try journal.move(payment, to: .sent) }
        }
        if isPassed { return }
        // A node that said no comes before one that said nothing.
        let decisive = refused.filter { $0.exit == .rejectedByNode }
        if let all = ProblemList(decisive + refused.filter { $0.exit != .rejectedByNode }) { throw all }
    }

    private enum Verdict {
        case taken
        case passed
        case refused([Problem], words: String?)
    }

    private func verdict(
        on result: Result<Hash, NodeError>, of step: Shipment.Step, _ node: EthereumNode
    ) -> Verdict {
        switch result {
        case .success(step.hash): return .taken
        case .success(let other):
            let problem = Problem(SendRule.otherHash, at: node.name, saw: "\(other)", expected: "\(step.hash)")
            return .refused([problem], words: "\(other)")
        case .failure(let failure):
            switch failure.refusal?.rule {
            case .alreadyKnown?: return .taken
            case .nonceTooLow?: return .passed
            default: return .refused(failure.problems, words: failure.refusal?.message)
            }
        }
    }

    private func isKnown(_ hash: Hash) async -> Bool {
        let answers = await nodes.ask { node throws(NodeError) in try await node.transaction(hash) }
        return answers.contains { if case .success(.some) = $0.result { true } else { false } }
    }
}
