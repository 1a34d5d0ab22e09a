import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics

/// Gives one transaction to all nodes, and understands what they say.
struct Sender {
    let shipment: Shipment
    let payment: Int64
    let nodes: Nodes
    let broadcaster: Broadcaster

    /// Why one node does not take a transaction.
    struct Refusal {
        let answer: NodeAnswer
        let problems: [Problem]
    }

    /// Why no node takes a transaction, or several.
    struct Refusals {
        /// Of nodes that judged the transaction.
        var final: [Refusal] = []
        /// Of nodes that did not: the question or its answer was lost, or came to nothing.
        var silent: [Refusal] = []

        var isEmpty: Bool { final.isEmpty && silent.isEmpty }

        /// A node that refused comes before one that did not answer.
        var problems: [Problem] { (final + silent).flatMap(\.problems) }

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
        let numbers = try await broadcaster.kept { () async throws(JournalError) in
            try await journal.asking(step.hash, of: payment, names)
        }
        // Stopped since then for longer than the lease, another relay may send by now.
        guard broadcaster.leases.isHeld(shipment.sender, on: shipment.chain) else {
            throw ProblemList(JournalError(rule: .leaseLost, path: "\(shipment.sender)", said: nil))
        }
        let answers = await nodes.ask { node throws(NodeError) in try await node.sendRawTransaction(step.raw) }
        var replies = answers.map { reply($0.result, to: step, $0.node) }
        for (answer, reply) in zip(answers, replies) { report(answer, reply, of: step) }
        if !replies.contains(where: \.isGood) {
            // In doubt the hash decides: clients have many words for a transaction that they already have.
            let known = await nodes.knowing([step.hash])
            replies = zip(replies, known).map { $1 ? Reply(answer: .taken, words: $0.words) : $0 }
        }
        var isSent = replies.contains { $0.answer == .taken }
        if !replies.contains(where: \.isGood) { isSent = await isOutbid(step, replies) }
        let kept = zip(numbers, replies).map {
            JournalReply(number: $0, answer: $1.answer, code: $1.problems.first?.code, words: $1.words)
        }
        let isTaken = isSent
        try await broadcaster.kept { () async throws(JournalError) in
            try await journal.answered(kept, by: payment, isTaken: isTaken)
        }
        return isSent ? Refusals() : refusals(replies)
    }

    private func refusals(_ replies: [Reply]) -> Refusals {
        var refusals = Refusals()
        if replies.contains(where: \.isGood) { return refusals }
        for reply in replies {
            let refusal = Refusal(answer: reply.answer, problems: reply.problems)
            if reply.answer.isRefusal { refusals.final.append(refusal) } else { refusals.silent.append(refusal) }
        }
        return refusals
    }

    /// One node's answer: what it means, what is wrong where it does not take the transaction, and its own words.
    private struct Reply {
        let answer: NodeAnswer
        var problems: [Problem] = []
        var words: String?

        var isGood: Bool { answer == .taken || answer == .nonceUsed }
    }

    private func reply(_ result: Result<Hash, NodeError>, to step: Shipment.Step, _ node: EthereumNode) -> Reply {
        switch result {
        case .success(step.hash): return Reply(answer: .taken)
        case .success(let other):
            let problem = Problem(SendRule.otherHash, at: node.name, saw: "\(other)", expected: "\(step.hash)")
            return Reply(answer: .unknown, problems: [problem], words: "\(other)")
        case .failure(let failure):
            guard let refusal = failure.refusal else { return Reply(answer: .unknown, problems: failure.problems) }
            let answer = NodeAnswer(refusal.rule)
            let problems = answer == .taken ? [] : failure.problems
            return Reply(answer: answer, problems: problems, words: answer == .taken ? nil : refusal.message)
        }
    }

    private func report(_ answer: Nodes.Answer<Hash>, _ reply: Reply, of step: Shipment.Step) {
        if reply.answer == .taken {
            broadcaster.report(.taken(step, node: answer.node.name))
        } else if case .failure(let failure) = answer.result {
            broadcaster.report(.refused(step, failure))
        }
    }

    /// Whether the transaction that a node has with this nonce is another one of the payment's.
    private func isOutbid(_ step: Shipment.Step, _ replies: [Reply]) async -> Bool {
        guard replies.contains(where: { $0.answer == .underpriced }) else { return false }
        return await nodes.knowing(shipment.steps(with: step.nonce).map(\.hash)).contains(true)
    }
}
