import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockTransactions

/// Sends a transaction to all nodes and evaluates the answers of the nodes.
struct Submitter {
    let signedPayment: SignedPayment
    let payment: Int64
    let nodes: Nodes
    let broadcaster: Broadcaster

    /// The reason why one node did not accept a transaction.
    struct Refusal {
        let answer: NodeAnswer
        let problems: [Problem]
    }

    /// The reasons why no node accepted a transaction. `+=` collects the reasons for several transactions in one value.
    struct Refusals {
        /// The refusals of nodes that checked the transaction.
        var final: [Refusal] = []
        /// The errors of the nodes that did not check the transaction: the request or the response was lost, or the
        /// node did not process the transaction.
        var silent: [Refusal] = []

        var isEmpty: Bool { final.isEmpty && silent.isEmpty }

        /// The problems of all refusals and errors. The problems from nodes that checked the transaction come first.
        var problems: [Problem] { (final + silent).flatMap(\.problems) }

        static func += (left: inout Refusals, right: Refusals) {
            left.final += right.final
            left.silent += right.silent
        }
    }

    /// Sends the transaction to all nodes and returns the refusals of the nodes. The result is empty in two cases:
    /// - At least one node has this transaction, or another transaction of the payment with the same nonce.
    /// - A node answers that the nonce is already used. The chain then shows which transaction used the nonce.
    func send(_ step: SignedPayment.Step) async throws(ProblemList) -> Refusals {
        let journal = broadcaster.journal
        let names = nodes.all.map(\.name)
        let numbers = try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.beginAttempts(step.hash, of: payment, names)
        }
        // If this process was suspended for longer than its lease, another relay may now be sending transactions of the
        // same account. In this case, send nothing.
        guard broadcaster.leases.isHeld(signedPayment.sender, on: signedPayment.chain) else {
            throw ProblemList(JournalError(rule: .leaseLost, path: "\(signedPayment.sender)", said: nil))
        }
        let answers = await nodes.ask { node throws(NodeError) in try await node.sendRawTransaction(step.raw) }
        var replies = answers.map { reply($0.result, to: step, $0.node) }
        for (answer, reply) in zip(answers, replies) { report(answer, reply, of: step) }
        if !replies.contains(where: \.isGood) {
            // No node reports that it has the transaction or that the nonce is used. So query the nodes for the
            // transaction. A node that already has the transaction may have answered with an error that Airlock does
            // not recognise, because the error messages differ between node software.
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

    /// The answer of one node: its meaning, its problems, and the node's message. If the node has the transaction,
    /// there are no problems.
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

    /// Whether a node has another transaction of this payment with the same nonce.
    private func isOutbid(_ step: SignedPayment.Step, _ replies: [Reply]) async -> Bool {
        guard replies.contains(where: { $0.answer == .underpriced }) else { return false }
        return await nodes.knowing(signedPayment.steps(with: step.nonce).map(\.hash)).contains(true)
    }
}

/// Chooses which transaction to broadcast if a payment contains several transactions with the same nonce. The payment
/// can contain several versions of a transaction, which differ in their fees and are called rungs. It can also contain
/// a cancel transaction, which pays higher fees than every rung.
struct ReplacementPlan {
    let signedPayment: SignedPayment
    /// The number of the rung that is broadcast now. A higher rung pays higher fees.
    private(set) var rung: UInt64 = 0
    private(set) var isCancelling: Bool
    /// The highest rung that was sent to any node, even if the node refused the transaction.
    private var offered: UInt64 = 0

    init(_ signedPayment: SignedPayment, cancelling: Bool) {
        self.signedPayment = signedPayment
        isCancelling = cancelling
    }

    /// From now on, chooses the cancel transactions.
    mutating func cancel() { isCancelling = true }

    /// Takes into account the transactions that any run of a relay has already sent to nodes. If one of them is a
    /// cancel transaction, only cancel transactions are sent from now on.
    mutating func takeUp(_ given: SubmissionRecord) {
        for step in signedPayment.steps {
            guard given.asked.contains(step.hash) else { continue }
            if step.role == .cancel { isCancelling = true }
            offered = max(offered, step.rung ?? 0)
            if given.left.contains(step.hash) { rung = max(rung, step.rung ?? 0) }
        }
    }

    /// Returns the transactions to broadcast, in the order of their nonces: at most one for each nonce of the payment.
    /// Nonces below `nonce` are left out.
    func due(from nonce: UInt64) -> [SignedPayment.Step] {
        let open = signedPayment.nonces.filter { $0 >= nonce }
        return open.compactMap { nonce in
            let steps = signedPayment.steps(with: nonce)
            if isCancelling { return steps.first { $0.role == .cancel } }
            return steps.filter { $0.role != .cancel && $0.height <= rung }.max { $0.height < $1.height }
        }
    }

    /// Moves to the next rung that was not sent yet. Skips rungs whose maximum fee is below the base fee if a higher
    /// rung can pay the base fee. Returns false if every higher rung was sent already, or if the payment is being
    /// cancelled.
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

    /// Goes back to a lower rung that the nodes already have. The relay calls this method after the nodes have refused
    /// a higher rung.
    mutating func stay(on rung: UInt64) { self.rung = rung }
}

extension SignedPayment.Step {
    /// The rung of the transaction. It is 0 if the transaction has no other version with different fees.
    fileprivate var height: UInt64 { rung ?? 0 }
}

/// The meaning of a node's answer to a transaction. The journal stores the raw value of this type.
public enum NodeAnswer: String, CaseIterable, Sendable {
    /// The node has the transaction.
    case taken
    /// A transaction with this nonce is already mined. The chain shows which transaction was mined.
    case nonceUsed = "nonce-used"
    /// The node does not accept the transaction until the transactions with lower nonces are mined.
    case nonceTooHigh = "nonce-too-high"
    /// The fees are below the node's minimum.
    case feeTooLow = "fee-too-low"
    /// The node has another transaction with this nonce, and the fees of the new transaction are too low to replace it.
    case underpriced
    /// The node checked the transaction, and refused it for a reason that no other case names.
    case refused
    /// The node did not process the transaction, for a reason unrelated to the transaction, such as a rate limit.
    case unavailable
    /// The answer was lost or damaged, so the node may have the transaction.
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

    /// Whether the node checked the transaction and refused it.
    var isRefusal: Bool {
        switch self {
        case .taken, .nonceUsed, .unavailable, .unknown: false
        case .nonceTooHigh, .feeTooLow, .underpriced, .refused: true
        }
    }

    /// Whether the node refused the transaction only because its fees are too low.
    var isTooCheap: Bool { self == .feeTooLow || self == .underpriced }
}
