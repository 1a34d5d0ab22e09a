import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockTransactions

/// Gives one transaction to all nodes, and understands what they say.
struct Submitter {
    let signedPayment: SignedPayment
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
    func send(_ step: SignedPayment.Step) async throws(ProblemList) -> Refusals {
        let journal = broadcaster.journal
        let names = nodes.all.map(\.name)
        let numbers = try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.beginAttempts(step.hash, of: payment, names)
        }
        // Stopped since then for longer than the lease, another relay may send by now.
        guard broadcaster.leases.isHeld(signedPayment.sender, on: signedPayment.chain) else {
            throw ProblemList(JournalError(rule: .leaseLost, path: "\(signedPayment.sender)", said: nil))
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
        try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.endAttempts(kept, by: payment, isTaken: isTaken)
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

    private func reply(_ result: Result<Hash, NodeError>, to step: SignedPayment.Step, _ node: EthereumNode) -> Reply {
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

    private func report(_ answer: Nodes.Answer<Hash>, _ reply: Reply, of step: SignedPayment.Step) {
        if reply.answer == .taken {
            broadcaster.report(.taken(step, node: answer.node.name))
        } else if case .failure(let failure) = answer.result {
            broadcaster.report(.refused(step, failure))
        }
    }

    /// Whether the transaction that a node has with this nonce is another one of the payment's.
    private func isOutbid(_ step: SignedPayment.Step, _ replies: [Reply]) async -> Bool {
        guard replies.contains(where: { $0.answer == .underpriced }) else { return false }
        return await nodes.knowing(signedPayment.steps(with: step.nonce).map(\.hash)).contains(true)
    }
}

/// Which of the transactions of one nonce the nodes are given: a rung of the payment, or the cancel that outbids all.
struct ReplacementPlan {
    let signedPayment: SignedPayment
    /// The one that the nodes have, or are to have first.
    private(set) var rung: UInt64 = 0
    private(set) var isCancelling: Bool
    /// The highest that was ever offered to a node; it may have been refused.
    private var offered: UInt64 = 0

    init(_ signedPayment: SignedPayment, cancelling: Bool) {
        self.signedPayment = signedPayment
        isCancelling = cancelling
    }

    /// From here on the cancels are due.
    mutating func cancel() { isCancelling = true }

    /// Goes on from what any run, this or another one, has given the nodes. Once a node was asked to take a cancel, none
    /// goes back to paying.
    mutating func takeUp(_ given: SubmissionRecord) {
        for step in signedPayment.steps {
            guard given.asked.contains(step.hash) else { continue }
            if step.role == .cancel { isCancelling = true }
            offered = max(offered, step.rung ?? 0)
            if given.left.contains(step.hash) { rung = max(rung, step.rung ?? 0) }
        }
    }

    /// One transaction for each nonce that is still open, in their order.
    func due(from nonce: UInt64) -> [SignedPayment.Step] {
        let open = signedPayment.nonces.filter { $0 >= nonce }
        return open.compactMap { nonce in
            let steps = signedPayment.steps(with: nonce)
            if isCancelling { return steps.first { $0.role == .cancel } }
            return steps.filter { $0.role != .cancel && $0.height <= rung }.max { $0.height < $1.height }
        }
    }

    /// Goes to the next rung that was not offered yet; says whether there is one. A rung that offers less than the chain
    /// asks for now would not be mined either, so it is left out, as long as there is one that offers enough.
    mutating func bump(baseFee: UInt256?) -> Bool {
        let last = max(rung, offered)
        let above = signedPayment.steps.filter {
            $0.nonce == signedPayment.target && $0.role != .cancel && $0.height > last
        }
        .sorted { $0.height < $1.height }
        let enough = above.first { $0.signed.transaction.maxFeePerGas >= baseFee ?? .zero }
        guard !isCancelling, let next = enough ?? above.first else { return false }
        rung = next.height
        offered = next.height
        return true
    }

    /// Stays with the rung that the nodes have, since they refused the one above.
    mutating func stay(on rung: UInt64) { self.rung = rung }
}

extension SignedPayment.Step {
    /// The only variant stands on the ground.
    fileprivate var height: UInt64 { rung ?? 0 }
}

/// What a node's answer to a transaction means for the payment. The journal stores the raw value.
public enum NodeAnswer: String, CaseIterable, Sendable {
    /// The node has the transaction.
    case taken
    /// A transaction with this nonce is mined; the chain says which one.
    case nonceUsed = "nonce-used"
    /// The node takes no transaction before those with lower nonces are mined.
    case nonceTooHigh = "nonce-too-high"
    /// The fees are below what the node asks for.
    case feeTooLow = "fee-too-low"
    /// The node has another transaction with this nonce, whose fees are about as high or higher.
    case underpriced
    /// The node refused the transaction for another reason.
    case refused
    /// The node did not process the transaction, for a reason that is not the transaction's: a rate limit, for example.
    case unavailable
    /// The answer was lost or damaged: the node may have the transaction.
    case unknown

    init(_ rule: NodeRule) {
        self =
            switch rule {
            case .alreadyKnown: .taken
            case .nonceTooLow: .nonceUsed
            case .nonceTooHigh: .nonceTooHigh
            case .feeTooLow: .feeTooLow
            case .replacementUnderpriced: .underpriced
            case .rateLimited, .methodMissing: .unavailable
            case .insufficientFunds, .intrinsicGas, .gasLimit, .wrongChain, .feeAboveCap, .reverted, .other: .refused
            }
    }

    /// Whether the node may have the transaction.
    var mayBeTaken: Bool { self == .taken || self == .unknown }

    /// Whether the node has judged the transaction, and does not take it.
    var isRefusal: Bool {
        switch self {
        case .taken, .nonceUsed, .unavailable, .unknown: false
        case .nonceTooHigh, .feeTooLow, .underpriced, .refused: true
        }
    }

    /// Whether a higher fee would change the answer.
    var isTooCheap: Bool { self == .feeTooLow || self == .underpriced }
}
