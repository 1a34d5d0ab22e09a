import EthereumTypes
import JSONRPC
import PaymentFiles
import Problems
import TransferProtocol

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
    /// The receipt that the last look found.
    private var receipt: Receipt?
    /// How often in a row a nonce looked taken: once can be a node whose parts are not of one mind.
    private var suspicions = 0
    private var isFirstLook = true
    /// Why nodes did not answer the last look.
    private var failures: [NodeError] = []

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
        let end = ContinuousClock.now + patience.timeout
        var pause = patience.shortestPause
        while true {
            if let view = await look(), let outcome = try await act(on: view) { return outcome }
            if !patience.isWaiting, sent != nil || receipt != nil { return nil }
            let left = end - ContinuousClock.now
            guard left > .zero, !Task.isCancelled else { throw try pending() }
            try? await Task.sleep(for: min(pause, left))
            pause = min(pause * 3 / 2, patience.longestPause)
        }
    }

    /// Nothing when no node answers: the next look may find one.
    private mutating func look() async -> ChainView? {
        let shipment = shipment
        let answers = await nodes.ask { node throws(NodeError) in try await ChainView.look(at: shipment, node) }
        failures = answers.compactMap { if case .failure(let failure) = $0.result { failure } else { nil } }
        for failure in failures { broadcaster.report(.unusable(failure)) }
        return ChainView.best(answers.compactMap { try? $0.result.get() }, for: shipment)
    }

    /// What there is to do, by what the chain says; the outcome when there is nothing left to do.
    private mutating func act(on view: ChainView) async throws(ProblemList) -> Broadcaster.Outcome? {
        if let (step, found) = view.mined(shipment.target, of: shipment) {
            return try await follow(step, found, view)
        }
        // What an earlier run saw mined may be gone too.
        if isFirstLook || receipt != nil { try forget() }
        isFirstLook = false
        try takeUp()
        if try await isOvertaken(view) { return nil }
        // That it is too late is no reason to leave its nonce open.
        if !ladder.isCancelling, let expectation = shipment.expectation,
            expectation.intent.deadline < UInt256(view.head.timestamp)
        {
            throw try end(.expired, Problem(SendRule.expired, at: shipment.code, saw: expectation.deadlineText))
        }
        if let time = patience.climb, let since = climbed, ContinuousClock.now - since > time,
            ladder.climb(baseFee: view.head.baseFeePerGas)
        {
            climbed = .now
            try await send(view, isNews: false)
        }
        guard let last = sent else {
            try await send(view, isNews: true)
            return nil
        }
        if ContinuousClock.now - last > patience.resend { try await send(view, isNews: false) }
        return nil
    }

    /// Goes on from what this or any other run has given the nodes.
    private mutating func takeUp() throws(ProblemList) {
        let (journal, hashes) = (journal, shipment.steps.map(\.hash))
        let wasCancelling = ladder.isCancelling
        ladder.takeUp(asked: try broadcaster.kept { () throws(JournalError) in try journal.asked(hashes) })
        if ladder.isCancelling, !wasCancelling { broadcaster.report(.cancelling) }
    }

    /// Waits for the confirmations, and then says how it ended.
    private mutating func follow(
        _ step: Shipment.Step, _ found: Receipt, _ view: ChainView
    ) async throws(ProblemList) -> Broadcaster.Outcome? {
        let confirmations = view.confirmations(of: found)
        if receipt?.blockHash != found.blockHash {
            let (journal, payment) = (journal, payment)
            try broadcaster.kept { () throws(JournalError) in try journal.mined(payment, found) }
        }
        receipt = found
        broadcaster.report(.mined(found, confirmations: confirmations))
        guard confirmations >= patience.confirmations else { return nil }
        let verdict = Verdict(shipment: shipment, payment: payment, broadcaster: broadcaster)
        return try await verdict.outcome(of: step, found, view, confirmations)
    }

    /// No block holds the transaction, or none any more; then perhaps the nodes do not have it either.
    private mutating func forget() throws(ProblemList) {
        receipt = nil
        let (journal, payment, hashes) = (journal, payment, shipment.steps(with: shipment.target).map(\.hash))
        let gone = try broadcaster.kept { () throws(JournalError) in try journal.vanished(payment, hashes) }
        guard gone else { return }
        sent = nil
        broadcaster.report(.vanished)
    }

    /// Looks whether a nonce that the payment needs was used by something else. Throws when that is certain.
    private mutating func isOvertaken(_ view: ChainView) async throws(ProblemList) -> Bool {
        var passed = shipment.nonces.filter { $0 < view.nonce }
        // Once the payment itself has left, or is to be cancelled, only its own nonce decides.
        let hasLeft = try hasLeft()
        if hasLeft || ladder.isCancelling { passed = passed.filter { $0 == shipment.target } }
        guard let taken = passed.first(where: { view.mined($0, of: shipment) == nil }) else {
            suspicions = 0
            let verdict = Verdict(shipment: shipment, payment: payment, broadcaster: broadcaster)
            for nonce in passed {
                guard let (step, receipt) = view.mined(nonce, of: shipment) else { continue }
                try await verdict.refuseUnlessDone(step, receipt, view)
            }
            return false
        }
        let taker = await NonceTaker.find(taken, of: shipment.sender, upTo: view.head.number, view.node)
        // One of ours, and the node lags with its receipt.
        if let taker, shipment.steps.contains(where: { $0.hash == taker.hash }) { return true }
        suspicions += 1
        guard suspicions > 1 else { return true }
        let words = taker.map { "by \($0.hash)" } ?? "by which one the node does not know"
        let problem = Problem(SendRule.nonceTaken, at: shipment.code, detail: "nonce \(taken), \(words)")
        throw try end(.replaced, problem)
    }

    /// Whether a node has taken the payment itself, in this run or an earlier one.
    private func hasLeft() throws(ProblemList) -> Bool {
        let (journal, hashes) = (journal, shipment.steps(with: shipment.target).map(\.hash))
        return try broadcaster.kept { () throws(JournalError) in try journal.wasTaken(hashes) }
    }

    /// Gives every node one transaction of each nonce that is still open, in the order of the nonces.
    ///
    /// - Parameter isNews: whether a no matters: later the nodes had it once, and may still mine it.
    private mutating func send(_ view: ChainView, isNews: Bool) async throws(ProblemList) {
        let sender = Sender(payment: payment, nodes: nodes, broadcaster: broadcaster)
        var refusals: [Problem] = []
        for step in ladder.due(from: view.nonce) {
            do throws(ProblemList) { try await sender.send(step) } catch {
                refusals += error.problems
                // Without an approval the payment must not leave; but whatever can be cancelled is.
                if !ladder.isCancelling { break }
            }
        }
        if isNews, let all = ProblemList(refusals) { throw all }
        sent = .now
        climbed = climbed ?? .now
    }

    private func pending() throws(ProblemList) -> ProblemList {
        let hasLeft = try hasLeft()
        // For want of a node nothing has left.
        if !hasLeft, let silent = ProblemList(failures.flatMap { $0.problems }) { return silent }
        let hashes = ladder.due(from: shipment.target).map { "\($0.hash)" }
        return ProblemList(Problem(SendRule.pending, at: shipment.code, detail: hashes.joined(separator: ", ")))
    }

    private func end(_ state: PaymentState, _ problem: Problem) throws(ProblemList) -> ProblemList {
        let (journal, payment) = (journal, payment)
        try broadcaster.kept { () throws(JournalError) in try journal.move(payment, to: state, problem.message) }
        return ProblemList(problem)
    }
}

extension Shipment.Expectation {
    /// The intent's deadline as a person reads it.
    var deadlineText: String {
        UInt64(exactly: intent.deadline).map { Timestamp(seconds: $0).description } ?? intent.deadline.description
    }
}
