import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics

/// A payment that the relay follows because its outcome is not final yet. After each poll of the nodes, the payment is
/// updated with the new state of the chain.
struct PendingPayment: Sendable {
    /// The index by which the caller identifies the payment: its position in the caller's list, or its number in the
    /// journal.
    let index: Int
    let signedPayment: SignedPayment
    let payment: Int64
    var nodes: Nodes
    let broadcaster: Broadcaster

    private var plan: ReplacementPlan
    /// The time at which the transactions were last sent to the nodes. If it is `nil`, the next poll must send the
    /// transactions.
    private var sent: ContinuousClock.Instant?
    /// The time at which the transactions with the current fees were first sent to the nodes.
    private var bumped: ContinuousClock.Instant?
    /// The nonce of a transaction that the nodes refused while the sender's transactions with lower nonces were not
    /// mined yet. The relay sends the transaction again when all lower nonces are used.
    private var held: UInt64?
    /// The receipt that the last poll returned; `nil` if the payment was not mined at that time.
    private var receipt: Receipt?
    private var confirmations: UInt64 = 0
    /// A nonce that blocks the payment. It is lower than the nonces of the payment, and no node has a transaction with
    /// this nonce. `nil` if no such nonce is known.
    private var missing: UInt64?
    /// The number of consecutive polls, up to the latest poll, in which the payment seemed to have failed.
    private var doubts = 0
    private var isFirstLook = true
    /// The errors since the last poll: errors of nodes that did not answer, and temporary refusals of transactions.
    private var silence: [Problem] = []

    init(_ plan: ReplacementPlan, index: Int, payment: Int64, nodes: Nodes, broadcaster: Broadcaster) {
        self.plan = plan
        self.signedPayment = plan.signedPayment
        self.index = index
        self.payment = payment
        self.nodes = nodes
        self.broadcaster = broadcaster
    }

    private var journal: any PaymentJournal { broadcaster.journal }
    private var waitPolicy: Broadcaster.WaitPolicy { broadcaster.waitPolicy }

    /// Whether the nodes have all transactions of the payment, as far as this run knows.
    var isGiven: Bool { held == nil && (sent != nil || receipt != nil) }
    /// Whether the payment was in a block at the last poll.
    var isMined: Bool { receipt != nil }

    /// The progress that the user sees while the relay waits for this payment.
    func wait(since begin: ContinuousClock.Instant, _ counts: Broadcaster.Counts) -> Broadcaster.Wait {
        Broadcaster.Wait(
            elapsed: .now - begin, confirmations: confirmations, wanted: waitPolicy.confirmations, counts: counts)
    }

    /// From now on, sends the cancel transactions. They are sent to the nodes as soon as possible.
    private mutating func cancel() {
        plan.cancel()
        (sent, bumped) = (nil, nil)
    }

    /// Requests that the relay sends the transactions to the nodes again at the next poll.
    mutating func giveAgain() { sent = nil }

    /// Records that nodes did not answer the poll.
    mutating func failed(_ failures: [NodeError]) { silence = failures.flatMap(\.problems) }

    /// Handles the payment according to a view of the chain. Records the receipt of the payment, sends the transactions
    /// of the payment, or detects that the payment has failed. Returns the outcome if the payment has succeeded, and
    /// `nil` if the outcome is not final yet.
    ///
    /// - Parameters:
    ///   - view: the state of the chain as one node sees it.
    ///   - turn: data about the earlier payments in the sender's queue. The method updates the data for the later
    ///     payments.
    mutating func act(
        on view: ChainView, _ turn: inout SenderQueue.Turn
    ) async throws(ProblemList) -> Broadcaster.Outcome? {
        if let (step, found) = view.mined(signedPayment.target, of: signedPayment) {
            return try await follow(step, found, view)
        }
        // If an earlier run has recorded a receipt, a reorganisation may have removed the block of this receipt since
        // then. The first poll therefore also checks the receipts in the journal.
        if isFirstLook || receipt != nil, try await !forget(view) { return nil }
        isFirstLook = false
        let given = try await takeUp()
        if try await hasFailed(view, given) { return nil }
        guard !plan.isCancelling || signedPayment.hasCancel else {
            throw ProblemList(Problem(SendRule.noCancel, at: signedPayment.code))
        }
        await lookForMissing(from: view.nonce, &turn)
        if let time = waitPolicy.bumpAfter, let since = bumped, ContinuousClock.now - since > time {
            try await bump(view)
        }
        if sent == nil || held.map({ $0 <= view.nonce }) == true {
            if turn.mayGive { try await give(view, isNews: true, isFirst: turn.isFirst) }
        } else if let sent, ContinuousClock.now - sent > waitPolicy.resend {
            try await give(view, isNews: false, isFirst: turn.isFirst)
        }
        return nil
    }

    /// Reads from the journal which transactions any relay has already sent to the nodes, and whether any relay was
    /// asked to cancel the payment. The relay then continues with the same transactions, or with the cancel
    /// transactions.
    private mutating func takeUp() async throws(ProblemList) -> SubmissionRecord {
        let (journal, payment, hashes) = (journal, payment, signedPayment.steps.map(\.hash))
        let given = try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.submissions(of: hashes)
        }
        let wasCancelling = plan.isCancelling
        plan.takeUp(given)
        if !plan.isCancelling, signedPayment.steps.contains(where: { $0.role == .cancel }) {
            let isAsked = try await broadcaster.journaled { () async throws(JournalError) in
                try await journal.isCancelAsked(of: payment)
            }
            if isAsked { cancel() }
        }
        if plan.isCancelling, !wasCancelling { broadcaster.report(.cancelling) }
        return given
    }

    /// Looks for a lower nonce that blocks the payment. Before a transaction can be mined, all transactions of the
    /// sender with lower nonces must be mined. A lower nonce does not block the payment if a node has a transaction
    /// with this nonce, mined or pending, or if an earlier payment in the queue uses it.
    mutating func lookForMissing(from mined: UInt64, _ turn: inout SenderQueue.Turn) async {
        let before = missing
        missing = turn.missing
        guard missing == nil, let own = signedPayment.nonces.first(where: { $0 >= mined }), own > max(mined, turn.next)
        else { return }
        if turn.pending == nil {
            let sender = signedPayment.sender
            let answers = await nodes.ask { node throws(NodeError) in
                try await node.transactionCount(of: sender, at: .pending)
            }
            turn.pending = answers.compactMap { try? $0.result.get() }.max()
        }
        guard let pending = turn.pending, max(pending, turn.next) < own else { return }
        let next = max(pending, turn.next)
        (missing, turn.missing) = (next, next)
        if missing != before { broadcaster.report(.missingNonce(next, signedPayment, waiting: turn.waiting)) }
    }

    /// Records the receipt in the journal. As soon as the receipt has enough confirmations, also records the outcome.
    private mutating func follow(
        _ step: SignedPayment.Step, _ found: Receipt, _ view: ChainView
    ) async throws(ProblemList) -> Broadcaster.Outcome? {
        confirmations = view.confirmations(of: found)
        if receipt?.blockHash != found.blockHash {
            let (journal, payment) = (journal, payment)
            let others = view.receipts.values.filter { $0.transactionHash != found.transactionHash }
            try await broadcaster.journaled { () async throws(JournalError) in
                try await journal.mined(payment, found, after: others)
            }
        }
        receipt = found
        broadcaster.report(.mined(found, confirmations: confirmations))
        guard confirmations >= waitPolicy.confirmations, await view.reverify(found) else { return nil }
        let recorder = OutcomeRecorder(signedPayment: signedPayment, payment: payment, broadcaster: broadcaster)
        return try await recorder.outcome(of: step, found, view, confirmations)
    }

    /// Handles the case that no block contains the transaction. If the cause is a reorganisation, the nodes may have
    /// dropped the transaction, so the transaction is sent to them again.
    ///
    /// - Returns: `false` if the journal has a receipt that the view lacks, and one of these is true: another node
    ///   may still have the receipt; or a second query does not confirm that this node has none. Another relay may have
    ///   recorded the receipt after the node was polled. The next poll then checks the payment again.
    private mutating func forget(_ view: ChainView) async throws(ProblemList) -> Bool {
        let (journal, payment, hashes) = (journal, payment, signedPayment.steps(with: signedPayment.target).map(\.hash))
        let isKnown = try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.isMined(hashes)
        }
        if isKnown {
            guard !isHeld(in: view), await view.lacks(hashes, of: signedPayment.sender) else { return false }
        }
        (receipt, confirmations) = (nil, 0)
        guard isKnown else { return true }
        let gone = try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.vanished(payment, hashes)
        }
        guard gone else { return true }
        sent = nil
        broadcaster.report(.vanished)
        return true
    }

    /// Whether a node still returns the recorded receipt, and at most half of the nodes deny it. A node denies the
    /// receipt only if it has reached the receipt's block, because a node that lags does not show that the block is
    /// gone. After a restart, any receipt that a node returns counts as the recorded one.
    private func isHeld(in view: ChainView) -> Bool {
        let target = signedPayment.target
        let held = view.all.compactMap { $0.mined(target, of: signedPayment)?.receipt }
        guard let one = held.first(where: { receipt == nil || $0.blockHash == receipt?.blockHash }) else {
            return false
        }
        let denying = view.all.count { other in
            other.mined(target, of: signedPayment) == nil && other.head.number >= one.blockNumber
        }
        return denying <= view.all.count - denying
    }

    /// Checks whether the payment can no longer succeed. Throws if it is certain that the payment cannot succeed.
    /// Returns true if the payment seems to have failed, but this is not certain. The next polls then check the payment
    /// again.
    private mutating func hasFailed(_ view: ChainView, _ given: SubmissionRecord) async throws(ProblemList) -> Bool {
        let suspicion = await SuspectedFailure.find(
            in: view, of: signedPayment, hasLeft: await hasLeft(given, view), isCancelling: plan.isCancelling, nodes)
        if suspicion?.isClear != true { doubts = 0 }
        guard let suspicion else { return false }
        doubts += 1
        guard doubts >= suspicion.requiredSightings else { return true }
        switch suspicion {
        case .unclear: return true
        case .late: throw try await end(.expired, suspicion)
        case .taken: throw try await end(.replaced, suspicion)
        case .failed(let step, let receipt):
            let recorder = OutcomeRecorder(signedPayment: signedPayment, payment: payment, broadcaster: broadcaster)
            try await recorder.refuseUnlessDone(step, receipt, view)
            return true
        }
    }

    /// Whether the transaction that makes the payment can still be mined, because a node may already have it. A node
    /// may have the transaction if the node accepted it in this run or an earlier run, or if the node's answer was
    /// lost. If the journal does not show whether a node has the transaction, the nodes are queried.
    ///
    /// The method returns false without a check, except in these two situations:
    /// - The payment has a deadline that no contract enforces, and the deadline has passed.
    /// - The payment has no deadline of this kind, and the nonce of one of its earlier transactions, such as the
    ///   approval, is used.
    private func hasLeft(_ given: SubmissionRecord, _ view: ChainView) async -> Bool {
        if let expires = signedPayment.request?.expires {
            // After the deadline, the relay still follows a payment whose transaction a node may have. Anyone who has
            // the transaction can send it again at any later time.
            guard UInt256(expires.seconds) < UInt256(view.upperTimestamp) else { return false }
            let own = signedPayment.steps(with: signedPayment.target).map(\.hash)
            if !given.left.union(given.taken).isDisjoint(with: own) { return true }
            return await nodes.knowing(own).contains(true)
        }
        guard signedPayment.nonces.contains(where: { $0 < view.nonce && $0 != signedPayment.target }) else {
            return false
        }
        let own = Set(signedPayment.steps(with: signedPayment.target).map(\.hash))
        if !given.taken.isDisjoint(with: own) { return true }
        let doubtful = given.left.intersection(own)
        return doubtful.isEmpty ? false : await nodes.knowing(Array(doubtful)).contains(true)
    }

    /// Sends every node one transaction for each unused nonce of the payment, in the order of the nonces.
    ///
    /// - Parameters:
    ///   - isNews: whether a refusal by the nodes is an error. It is false if the transactions are only sent again. The
    ///     nodes had these transactions before and may still mine them, so a refusal is then ignored.
    ///   - isFirst: whether the sender has no earlier open payment. If there is one, a refusal is not final. For
    ///     example, the node may refuse the transaction because the sender has too many pending transactions, or
    ///     because the balance does not cover all of them.
    private mutating func give(_ view: ChainView, isNews: Bool, isFirst: Bool) async throws(ProblemList) {
        while true {
            let refusals = try await offer(view, isFirst: isFirst)
            if isNews, !refusals.final.isEmpty {
                if waitPolicy.bumpAfter != nil, refusals.final.allSatisfy(\.answer.isTooCheap),
                    plan.bump(baseFee: view.head.baseFeePerGas)
                {
                    continue
                }
                if let all = ProblemList(refusals.problems) { throw all }
            }
            silence += refusals.silent.flatMap(\.problems)
            // If a node did not answer the first attempt to send the transactions, `sent` stays `nil`. The next poll
            // then sends the transactions again.
            if !isNews || refusals.silent.isEmpty { sent = .now }
            bumped = bumped ?? .now
            return
        }
    }

    /// Sends the nodes the same transaction with the next higher fees (the next rung). If the nodes refuse this
    /// transaction, the relay continues with the transaction that was sent before.
    private mutating func bump(_ view: ChainView) async throws(ProblemList) {
        let before = plan.rung
        guard plan.bump(baseFee: view.head.baseFeePerGas) else { return }
        bumped = .now
        sent = .now
        if try await !offer(view, isFirst: true).isEmpty { plan.stay(on: before) }
    }

    /// Sends the nodes one transaction for each unused nonce of the payment. Returns the refusals of the transactions
    /// that no node accepted.
    private mutating func offer(_ view: ChainView, isFirst: Bool) async throws(ProblemList) -> Submitter.Refusals {
        let sender = Submitter(signedPayment: signedPayment, payment: payment, nodes: nodes, broadcaster: broadcaster)
        held = nil
        var refusals = Submitter.Refusals()
        for step in plan.due(from: view.nonce) {
            let refused = try await sender.send(step)
            let isTooHigh = refused.final.contains { $0.answer == .nonceTooHigh }
            if step.nonce > view.nonce, isTooHigh || !isFirst && !refused.final.isEmpty {
                held = step.nonce
                if !isTooHigh { silence += refused.problems }
                break
            }
            refusals += refused
            // The loop stops after a refused approval, because the payment must then not be sent. When a payment is
            // cancelled, all cancel transactions are sent, even if one of them was refused.
            if !refused.isEmpty, !plan.isCancelling { break }
        }
        return refusals
    }

    /// The reason why the payment's outcome is not final yet. It is reported when the relay stops waiting.
    func pending() async throws(ProblemList) -> ProblemList {
        if let receipt {
            let wanted = waitPolicy.confirmations
            let words =
                confirmations < wanted
                ? "confirmations \(confirmations) of \(wanted)" : "which the node did not confirm"
            let detail = "block \(receipt.blockNumber), \(words)"
            return ProblemList(Problem(SendRule.unconfirmed, at: signedPayment.code, detail: detail))
        }
        let (journal, own) = (journal, signedPayment.steps(with: signedPayment.target).map(\.hash))
        let given = try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.submissions(of: own)
        }
        // If no node has accepted the transaction, the method returns the errors of the nodes that did not answer.
        if given.taken.isEmpty, let silent = ProblemList(silence) { return silent }
        let hashes = plan.due(from: signedPayment.target).map { "\($0.hash)" }
        if let missing {
            let problem = Problem(
                SendRule.pending, at: signedPayment.code,
                detail: "nonce \(missing) of the sender is missing; \(hashes.joined(separator: ", "))",
                because: BroadcastCause.nonceMissing(missing))
            return ProblemList(problem)
        }
        return ProblemList(Problem(SendRule.pending, at: signedPayment.code, detail: hashes.joined(separator: ", ")))
    }

    /// The problem that explains why this payment was not sent: the earlier payment `other` was not sent.
    func heldBack(by other: SignedPayment) -> Problem {
        Problem(
            SendRule.heldBack, at: signedPayment.code,
            detail: "nonce \(other.target) of the sender stays open (\(other.code))")
    }

    private func end(_ state: PaymentState, _ suspicion: SuspectedFailure) async throws(ProblemList) -> ProblemList {
        let (journal, payment, problems) = (journal, payment, suspicion.problems(of: signedPayment))
        try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.move(payment, to: state, problems.first?.message)
        }
        return ProblemList(problems) ?? ProblemList(Problem(SendRule.pending, at: signedPayment.code))
    }
}
