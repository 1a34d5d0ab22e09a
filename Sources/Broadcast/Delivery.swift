import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockCharges

/// One payment on its way: looks at the chain, sends what has to be sent, and looks again.
struct Delivery {
    let shipment: Shipment
    let payment: Int64
    let nodes: Nodes
    let broadcaster: Broadcaster

    private var ladder: Ladder
    /// When the nodes were given the transactions last.
    private var sent: ContinuousClock.Instant?
    /// When they were given those of this rung first.
    private var climbed: ContinuousClock.Instant?
    /// The nonce of a transaction that the nodes do not take before those with lower nonces are mined.
    private var held: UInt64?
    /// The receipt that the last look found.
    private var receipt: Receipt?
    private var confirmations: UInt64 = 0
    /// The first nonce below the payment's that no node knows a transaction for.
    private var missing: UInt64?
    /// How often in a row it looked as if the payment could not be made any more.
    private var doubts = 0
    private var isFirstLook = true
    /// Why nodes did not answer the last look, or what came in place of their answers when they were given something.
    private var silence: [Problem] = []

    init(_ ladder: Ladder, payment: Int64, nodes: Nodes, broadcaster: Broadcaster) {
        self.ladder = ladder
        self.shipment = ladder.shipment
        self.payment = payment
        self.nodes = nodes
        self.broadcaster = broadcaster
    }

    private var journal: Journal { broadcaster.journal }
    private var patience: Broadcaster.Patience { broadcaster.patience }

    mutating func run() async throws(ProblemList) -> Broadcaster.Outcome? {
        let begin = ContinuousClock.now
        let end = begin + patience.timeout
        var pause = patience.shortestPause
        while true {
            if let view = await look(), let outcome = try await act(on: view) { return outcome }
            if !patience.isWaiting, held == nil, sent != nil || receipt != nil { return nil }
            let left = end - ContinuousClock.now
            guard left > .zero, !Task.isCancelled else { throw try pending() }
            let wait = Broadcaster.Wait(
                elapsed: .now - begin, confirmations: confirmations, wanted: patience.confirmations)
            broadcaster.report(.waiting(shipment, wait))
            try? await Task.sleep(for: min(pause, left))
            pause = min(pause * 3 / 2, patience.longestPause)
        }
    }

    /// Nothing when no node answers: the next look may find one.
    private mutating func look() async -> ChainView? {
        let shipment = shipment
        let answers = await nodes.ask { node throws(NodeError) in try await ChainView.look(at: shipment, node) }
        let failures = answers.compactMap { if case .failure(let failure) = $0.result { failure } else { nil } }
        for failure in failures { broadcaster.report(.unusable(failure)) }
        silence = failures.flatMap(\.problems)
        return await ChainView.best(answers.compactMap { try? $0.result.get() }, for: shipment)
    }

    /// What there is to do, by what the chain says; the outcome when there is nothing left to do.
    private mutating func act(on view: ChainView) async throws(ProblemList) -> Broadcaster.Outcome? {
        if let (step, found) = view.mined(shipment.target, of: shipment) {
            return try await follow(step, found, view)
        }
        // What an earlier run saw mined may be gone too.
        if isFirstLook || receipt != nil { try forget() }
        isFirstLook = false
        let given = try takeUp()
        if try await isObstructed(view, given) { return nil }
        guard !ladder.isCancelling || shipment.steps(with: shipment.target).contains(where: { $0.role == .cancel })
        else {
            throw ProblemList(Problem(SendRule.noCancel, at: shipment.code))
        }
        await lookForMissing(view)
        if let time = patience.climb, let since = climbed, ContinuousClock.now - since > time { try await climb(view) }
        if sent == nil || held.map({ $0 <= view.nonce }) == true {
            try await give(view, isNews: true)
        } else if let sent, ContinuousClock.now - sent > patience.resend {
            try await give(view, isNews: false)
        }
        return nil
    }

    /// Goes on from what this or any other run has given the nodes.
    private mutating func takeUp() throws(ProblemList) -> Journal.Given {
        let (journal, hashes) = (journal, shipment.steps.map(\.hash))
        let given = try broadcaster.kept { () throws(JournalError) in try journal.given(hashes) }
        let wasCancelling = ladder.isCancelling
        ladder.takeUp(given)
        if ladder.isCancelling, !wasCancelling { broadcaster.report(.cancelling) }
        return given
    }

    /// A transaction is mined only after those with lower nonces: looks whether the nodes have those, mined or waiting.
    private mutating func lookForMissing(_ view: ChainView) async {
        let before = missing
        missing = nil
        guard let own = shipment.nonces.first(where: { $0 >= view.nonce }), own > view.nonce else { return }
        let sender = shipment.sender
        let answers = await nodes.ask { node throws(NodeError) in
            try await node.transactionCount(of: sender, at: .pending)
        }
        guard let next = answers.compactMap({ try? $0.result.get() }).max(), next < own else { return }
        missing = next
        if missing != before { broadcaster.report(.missingNonce(next, shipment)) }
    }

    /// Waits for the confirmations, and then says how it ended.
    private mutating func follow(
        _ step: Shipment.Step, _ found: Receipt, _ view: ChainView
    ) async throws(ProblemList) -> Broadcaster.Outcome? {
        confirmations = view.confirmations(of: found)
        if receipt?.blockHash != found.blockHash {
            let (journal, payment) = (journal, payment)
            let others = view.receipts.values.filter { $0.transactionHash != found.transactionHash }
            try broadcaster.kept { () throws(JournalError) in try journal.mined(payment, found, after: others) }
        }
        receipt = found
        broadcaster.report(.mined(found, confirmations: confirmations))
        guard confirmations >= patience.confirmations, await view.stands(found) else { return nil }
        let verdict = Verdict(shipment: shipment, payment: payment, broadcaster: broadcaster)
        return try await verdict.outcome(of: step, found, view, confirmations)
    }

    /// No block holds the transaction, or none any more; then perhaps the nodes do not have it either.
    private mutating func forget() throws(ProblemList) {
        (receipt, confirmations) = (nil, 0)
        let (journal, payment, hashes) = (journal, payment, shipment.steps(with: shipment.target).map(\.hash))
        let gone = try broadcaster.kept { () throws(JournalError) in try journal.vanished(payment, hashes) }
        guard gone else { return }
        sent = nil
        broadcaster.report(.vanished)
    }

    /// Looks whether the payment cannot be made any more. Throws when that is certain.
    private mutating func isObstructed(_ view: ChainView, _ given: Journal.Given) async throws(ProblemList) -> Bool {
        let obstacle = await Obstacle.find(
            in: view, of: shipment, hasLeft: await hasLeft(given, view), isCancelling: ladder.isCancelling, nodes)
        if obstacle?.isClear != true { doubts = 0 }
        guard let obstacle else { return false }
        doubts += 1
        guard doubts >= obstacle.looks else { return true }
        switch obstacle {
        case .unclear: return true
        case .late: throw try end(.expired, obstacle)
        case .taken: throw try end(.replaced, obstacle)
        case .failed(let step, let receipt):
            let verdict = Verdict(shipment: shipment, payment: payment, broadcaster: broadcaster)
            try await verdict.refuseUnlessDone(step, receipt, view)
            return true
        }
    }

    /// Whether a node has taken the payment itself, in this run or an earlier one; where an answer never came, the nodes
    /// are asked whether they have it. Of interest once something that comes before it is mined.
    private func hasLeft(_ given: Journal.Given, _ view: ChainView) async -> Bool {
        if let expires = shipment.request?.expires {
            // Whoever has it can have it mined, however late: it is followed to its end.
            guard UInt256(expires.seconds) < UInt256(view.head.timestamp) else { return false }
            let own = shipment.steps(with: shipment.target).map(\.hash)
            if !given.left.union(given.taken).isDisjoint(with: own) { return true }
            return await nodes.knowing(own).contains(true)
        }
        guard shipment.nonces.contains(where: { $0 < view.nonce && $0 != shipment.target }) else { return false }
        let own = Set(shipment.steps(with: shipment.target).map(\.hash))
        if !given.taken.isDisjoint(with: own) { return true }
        let doubtful = given.left.intersection(own)
        return doubtful.isEmpty ? false : await nodes.knowing(Array(doubtful)).contains(true)
    }

    /// Gives every node one transaction of each nonce that is still open, in the order of the nonces.
    ///
    /// - Parameter isNews: whether a no matters: later the nodes had it once, and may still mine it.
    private mutating func give(_ view: ChainView, isNews: Bool) async throws(ProblemList) {
        while true {
            let refusals = try await offer(view)
            if isNews, !refusals.final.isEmpty {
                if patience.climb != nil, refusals.final.allSatisfy(\.answer.isTooCheap),
                    ladder.climb(baseFee: view.head.baseFeePerGas)
                {
                    continue
                }
                if let all = ProblemList(refusals.problems) { throw all }
            }
            silence += refusals.silent.flatMap(\.problems)
            // Whoever has not heard of it is asked again after the next look.
            if !isNews || refusals.silent.isEmpty { sent = .now }
            climbed = climbed ?? .now
            return
        }
    }

    /// Offers the next rung. One that the nodes refuse changes nothing: they keep what they have.
    private mutating func climb(_ view: ChainView) async throws(ProblemList) {
        let before = ladder.rung
        guard ladder.climb(baseFee: view.head.baseFeePerGas) else { return }
        climbed = .now
        sent = .now
        if try await !offer(view).isEmpty { ladder.stay(on: before) }
    }

    /// What stands against what is due, where no node has taken it.
    private mutating func offer(_ view: ChainView) async throws(ProblemList) -> Sender.Refusals {
        let sender = Sender(shipment: shipment, payment: payment, nodes: nodes, broadcaster: broadcaster)
        held = nil
        var refusals = Sender.Refusals()
        for step in ladder.due(from: view.nonce) {
            let refused = try await sender.send(step)
            if step.nonce > view.nonce, refused.final.contains(where: { $0.answer == .nonceTooHigh }) {
                held = step.nonce
                break
            }
            refusals += refused
            // Without an approval the payment must not leave; but whatever can be cancelled is.
            if !refused.isEmpty, !ladder.isCancelling { break }
        }
        return refusals
    }

    private func pending() throws(ProblemList) -> ProblemList {
        if let receipt {
            let wanted = patience.confirmations
            let words =
                confirmations < wanted
                ? "confirmations \(confirmations) of \(wanted)" : "which the node did not confirm"
            let detail = "block \(receipt.blockNumber), \(words)"
            return ProblemList(Problem(SendRule.unconfirmed, at: shipment.code, detail: detail))
        }
        let (journal, own) = (journal, shipment.steps(with: shipment.target).map(\.hash))
        let given = try broadcaster.kept { () throws(JournalError) in try journal.given(own) }
        // For want of a node nothing has left for certain.
        if given.taken.isEmpty, let silent = ProblemList(silence) { return silent }
        let hashes = ladder.due(from: shipment.target).map { "\($0.hash)" }
        if let missing {
            let problem = Problem(
                SendRule.pending, at: shipment.code,
                detail: "nonce \(missing) of the sender is missing; \(hashes.joined(separator: ", "))",
                because: BroadcastCause.nonceMissing(missing))
            return ProblemList(problem)
        }
        return ProblemList(Problem(SendRule.pending, at: shipment.code, detail: hashes.joined(separator: ", ")))
    }

    private func end(_ state: PaymentState, _ obstacle: Obstacle) throws(ProblemList) -> ProblemList {
        let (journal, payment, problems) = (journal, payment, obstacle.problems(of: shipment))
        try broadcaster.kept { () throws(JournalError) in
            try journal.move(payment, to: state, problems.first?.message)
        }
        return ProblemList(problems) ?? ProblemList(Problem(SendRule.pending, at: shipment.code))
    }
}

extension TransferIntent {
    /// The deadline as a person reads it.
    var deadlineText: String {
        UInt64(exactly: deadline).map { Timestamp(seconds: $0).description } ?? deadline.description
    }
}
