import EthereumTypes
import JSONRPC
import Problems

/// Gives one transaction to all nodes, and understands what they say.
struct Sender {
    let shipment: Shipment
    let payment: Int64
    let nodes: Nodes
    let broadcaster: Broadcaster

    /// What stands against a transaction, or against several.
    struct Refusals {
        /// Nodes have said no.
        var final: [Problem] = []
        /// Nobody has said anything: the question or its answer was lost, or came to nothing.
        var silent: [Problem] = []

        /// A node that said no comes before one that said nothing.
        var all: [Problem] { final + silent }

        static func += (left: inout Refusals, right: Refusals) {
            left.final += right.final
            left.silent += right.silent
        }
    }

    /// What stands against the transaction: nothing when at least one node has it, or when one says that its nonce is
    /// used; then the chain says by what.
    func send(_ step: Shipment.Step) async throws(ProblemList) -> Refusals {
        let journal = broadcaster.journal
        let names = nodes.all.map(\.name)
        let numbers = try broadcaster.kept { () throws(JournalError) in try journal.asking(step.hash, names) }
        let answers = await nodes.ask { node throws(NodeError) in try await node.sendRawTransaction(step.raw) }
        var verdicts = answers.map { verdict(on: $0.result, of: step, $0.node) }
        for (answer, verdict) in zip(answers, verdicts) { report(answer, verdict, of: step) }
        if !verdicts.contains(where: \.isGood) {
            // In doubt the hash decides: clients have many words for a transaction that they already have.
            let known = await nodes.knowing([step.hash])
            verdicts = zip(verdicts, known).map { $1 ? .taken(words: $0.words) : $0 }
        }
        var isSent = verdicts.contains(where: \.isTaken)
        if !verdicts.contains(where: \.isGood) { isSent = await isOutbid(step, verdicts) }
        let kept = zip(numbers, verdicts).map { (number: $0, answer: $1.answer, words: $1.words) }
        let sent = isSent ? payment : nil
        try broadcaster.kept { () throws(JournalError) in try journal.answered(kept, by: sent) }
        return isSent ? Refusals() : refusals(verdicts)
    }

    private func refusals(_ verdicts: [Verdict]) -> Refusals {
        var refusals = Refusals()
        if verdicts.contains(where: \.isGood) { return refusals }
        for problems in verdicts.map(\.problems) {
            if problems.first?.exit == .unreachable { refusals.silent += problems } else { refusals.final += problems }
        }
        return refusals
    }

    private enum Verdict {
        case taken(words: String?)
        case passed
        case refused([Problem], words: String?)

        var isTaken: Bool { if case .taken = self { true } else { false } }
        var isGood: Bool { if case .refused = self { false } else { true } }

        var problems: [Problem] { if case .refused(let problems, _) = self { problems } else { [] } }

        /// A word of ours, or the code of a rule.
        var answer: String {
            switch self {
            case .taken: Journal.taken
            case .passed: NodeRule.nonceTooLow.rawValue
            case .refused(let problems, _): problems[0].code
            }
        }

        /// The node's own.
        var words: String? {
            switch self {
            case .taken(let words), .refused(_, let words): words
            case .passed: nil
            }
        }
    }

    private func verdict(
        on result: Result<Hash, NodeError>, of step: Shipment.Step, _ node: EthereumNode
    ) -> Verdict {
        switch result {
        case .success(step.hash): return .taken(words: nil)
        case .success(let other):
            let problem = Problem(SendRule.otherHash, at: node.name, saw: "\(other)", expected: "\(step.hash)")
            return .refused([problem], words: "\(other)")
        case .failure(let failure):
            switch failure.refusal?.rule {
            case .alreadyKnown?: return .taken(words: nil)
            case .nonceTooLow?: return .passed
            default: return .refused(failure.problems, words: failure.refusal?.message)
            }
        }
    }

    private func report(_ answer: Nodes.Answer<Hash>, _ verdict: Verdict, of step: Shipment.Step) {
        if verdict.isTaken { broadcaster.report(.taken(step, node: answer.node.name)) }
        if case .failure(let failure) = answer.result, !verdict.isTaken {
            broadcaster.report(.refused(step, failure))
        }
    }

    /// Whether what a node has in the transaction's place is another one of the payment's.
    private func isOutbid(_ step: Shipment.Step, _ verdicts: [Verdict]) async -> Bool {
        let code = NodeRule.replacementUnderpriced.rawValue
        guard verdicts.contains(where: { $0.problems.contains { $0.code == code } }) else { return false }
        return await nodes.knowing(shipment.steps(with: step.nonce).map(\.hash)).contains(true)
    }
}
