import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC

/// Payments that the relay follows together. One poll of the chain serves all of them.
struct PendingPayments {
    /// The number of senders whose payments are handled concurrently.
    private static let width = 16

    private let broadcaster: Broadcaster
    private(set) var nodes: [Chain: Nodes]
    private var queues: [(chain: Chain, queue: SenderQueue)]
    private var endings: [Broadcaster.Ending] = []

    init(_ pendingPayments: [PendingPayment], by nodes: [Chain: Nodes], _ broadcaster: Broadcaster) {
        self.nodes = nodes
        self.broadcaster = broadcaster
        queues = []
        add(pendingPayments)
    }

    /// Adds payments that arrived later. Each payment must have a different index.
    mutating func add(_ pendingPayments: [PendingPayment]) {
        let bySender = Dictionary(grouping: pendingPayments) {
            [$0.signedPayment.chain.id.description, "\($0.signedPayment.sender)"]
        }
        for all in bySender.values.sorted(by: { ($0.first?.index ?? 0) < ($1.first?.index ?? 0) }) {
            guard let first = all.first?.signedPayment else { continue }
            let known = queues.firstIndex { chain, queue in
                chain == first.chain && queue.pendingPayments.first?.signedPayment.sender == first.sender
            }
            if let known { queues[known].queue.add(all) } else { queues.append((first.chain, SenderQueue(all))) }
        }
    }

    /// Replaces the nodes of each chain. The payments that the relay already follows use them from the next poll on.
    mutating func use(_ nodes: [Chain: Nodes]) {
        self.nodes = nodes
        for index in queues.indices {
            if let own = nodes[queues[index].chain] { queues[index].queue.use(own) }
        }
    }

    /// Applies `body` to the payment with this number in the journal, if the relay still follows the payment.
    mutating func change(_ payment: Int64, _ body: (inout PendingPayment) -> Void) {
        for index in queues.indices { queues[index].queue.change(payment, body) }
    }

    private var waitPolicy: Broadcaster.WaitPolicy { broadcaster.waitPolicy }
    /// The payments that the relay still follows.
    var open: [PendingPayment] { queues.flatMap(\.queue.pendingPayments) }

    /// Follows all payments until each of them has succeeded or failed, or until the relay must stop waiting according
    /// to its wait policy. Returns one result for each payment, ordered by index. The result contains the outcome of
    /// the payment, or the reason why there is no outcome. The time limit of the wait starts again whenever a payment
    /// succeeds or fails.
    mutating func run() async -> [Broadcaster.Ending] {
        let begin = ContinuousClock.now
        var (since, pause) = (begin, waitPolicy.shortestPause)
        while true {
            let ended = await poll()
            endings += ended
            let left = open
            guard let first = left.min(by: { $0.index < $1.index }) else { break }
            if !waitPolicy.isWaiting, left.allSatisfy(\.isGiven) {
                for pendingPayment in left { endings.append(await pendingPayment.ending(nil, [])) }
                break
            }
            if !ended.isEmpty { (since, pause) = (.now, waitPolicy.shortestPause) }
            let time = since + waitPolicy.timeout - .now
            guard time > .zero, !Task.isCancelled else {
                for pendingPayment in left {
                    let problems: [Problem]
                    let (sender, chain) = (pendingPayment.signedPayment.sender, pendingPayment.signedPayment.chain)
                    if !pendingPayment.isGiven, broadcaster.leases.isRefused(sender, on: chain) {
                        problems = [Problem(JournalRule.leaseHeld, at: "\(sender)")]
                    } else {
                        do throws(ProblemList) { problems = try await pendingPayment.pending().problems } catch {
                            problems = error.problems
                        }
                    }
                    endings.append(await pendingPayment.ending(nil, problems))
                }
                break
            }
            broadcaster.report(.waiting(first.signedPayment, first.wait(since: begin, counts(left))))
            // If a payment has just succeeded or failed, the next poll follows without a pause. A later payment of the
            // same sender may have waited for this payment.
            guard ended.isEmpty else { continue }
            try? await Task.sleep(for: min(pause, time))
            pause = min(pause * 3 / 2, waitPolicy.longestPause)
        }
        return endings.sorted { $0.index < $1.index }
    }

    private func counts(_ left: [PendingPayment]) -> Broadcaster.Counts {
        let mined = endings.count { $0.problems.isEmpty } + left.count(where: \.isMined)
        return Broadcaster.Counts(
            all: endings.count + left.count, mined: mined, failed: endings.count { !$0.problems.isEmpty },
            waiting: left.count { !$0.isMined && $0.isGiven })
    }

    /// Polls the nodes once, and handles each payment according to the state of the chain. Returns the results of the
    /// payments that have succeeded or failed.
    mutating func poll() async -> [Broadcaster.Ending] {
        var views: [Int: ChainView] = [:]
        for chain in Set(queues.map(\.chain)) { views.merge(await look(at: chain)) { first, _ in first } }
        let (seen, queues, broadcaster) = (views, queues, broadcaster)
        let results = await withTaskGroup(of: (Int, SenderQueue, [Broadcaster.Ending]).self) { group in
            var next = 0
            func start() {
                guard next < queues.count else { return }
                let (position, queue) = (next, queues[next].queue)
                next += 1
                group.addTask {
                    let own = Dictionary(
                        queue.pendingPayments.compactMap { one in seen[one.index].map { (one.index, $0) } }
                    ) { first, _ in first }
                    let (acted, ended) = await broadcaster.act(queue, on: own)
                    return (position, acted, ended)
                }
            }
            for _ in 0..<Self.width { start() }
            var results: [(Int, SenderQueue, [Broadcaster.Ending])] = []
            for await result in group {
                results.append(result)
                start()
            }
            return results
        }
        for (position, queue, _) in results { self.queues[position].queue = queue }
        self.queues.removeAll { $0.queue.isEmpty }
        return results.flatMap { $0.2 }
    }

    /// The views of the active payments on one chain, keyed by the index of the payment. The result is empty if no node
    /// answers. The next poll then queries the nodes again.
    private mutating func look(at chain: Chain) async -> [Int: ChainView] {
        guard let nodes = nodes[chain] else { return [:] }
        let active = queues.filter { $0.chain == chain }.flatMap(\.queue.active)
        let signedPayments = active.map(\.signedPayment)
        // With several nodes, every receipt is queried a second time, no matter how many confirmations it has, because
        // the nodes may return different receipts.
        let wanted = nodes.all.count > 1 ? 0 : waitPolicy.confirmations
        let answers = await nodes.ask { node throws(NodeError) in
            try await ChainView.look(at: signedPayments, confirming: wanted, node)
        }
        let failures = answers.compactMap { if case .failure(let failure) = $0.result { failure } else { nil } }
        for failure in failures { broadcaster.report(.unusable(failure)) }
        for index in queues.indices where queues[index].chain == chain { queues[index].queue.failed(failures) }
        let found = answers.compactMap { try? $0.result.get() }
        var views: [Int: ChainView] = [:]
        for (position, pendingPayment) in active.enumerated() {
            views[pendingPayment.index] = await ChainView.best(
                found.map { $0[position] }, for: pendingPayment.signedPayment)
        }
        return views
    }
}

extension Broadcaster {
    /// Updates the payments of one sender with the new views of the chain, while this relay holds the sender's lease.
    /// Returns the payments that are still open, and the results of the other payments.
    fileprivate func act(_ queue: SenderQueue, on views: [Int: ChainView]) async -> (SenderQueue, [Ending]) {
        guard !views.isEmpty, let first = queue.pendingPayments.first?.signedPayment else { return (queue, []) }
        do throws(JournalError) {
            let acted = try await leases.holding(first.sender, on: first.chain) {
                var queue = queue
                let ended = await queue.act(on: views)
                return (queue, ended)
            }
            if let acted { return acted }
        } catch {
            var endings: [Ending] = []
            for pendingPayment in queue.pendingPayments {
                endings.append(await pendingPayment.ending(nil, error.problems))
            }
            return (SenderQueue([]), endings)
        }
        if leases.isNoticeDue(first.sender, on: first.chain) { report(.leased(first.sender, first.chain)) }
        return (queue, [])
    }
}

/// The open payments of one sender on one chain, ordered by nonce.
///
/// Nodes accept the transactions of a sender only in the order of the nonces. A payment is therefore sent to the nodes
/// only after the earlier payments of the same sender.
struct SenderQueue: Sendable {
    /// The number of transactions of one sender that are sent to the nodes before the first of them is mined.
    /// go-ethereum and Reth guarantee 16 slots for each sender (account slots) and may drop further transactions.
    static let window = 16
    /// The maximum number of payments with a used nonce that one poll handles for one sender.
    private static let passedLimit = 256

    /// The state of one pass over a sender's queue. The pass handles the payments in order. Most properties describe
    /// the payments before the current payment.
    struct Turn {
        /// The nonce that follows the highest nonce of the earlier payments in the queue.
        var next: UInt64 = 0
        /// The first missing nonce. A nonce is missing if neither an earlier payment in the queue nor a node has a
        /// transaction with this nonce. `nil` if no such nonce is known.
        var missing: UInt64?
        /// The sender's next nonce, counted after all pending transactions; `nil` if the nodes have not been queried
        /// for this nonce yet.
        var pending: UInt64?
        /// The number of payments from the current payment to the last payment in the sender's queue.
        var waiting = 1
        /// Whether the relay is allowed to send the current payment to the nodes. This is true only if all earlier
        /// payments in the queue have been sent.
        var mayGive = true
        /// Whether no open payment in the queue has a lower nonce than the current payment.
        var isFirst = true
    }

    private(set) var pendingPayments: [PendingPayment]
    /// The number of the sender's mined transactions at the last poll.
    private var mined: UInt64 = 0

    init(_ pendingPayments: [PendingPayment], mined: UInt64 = 0) {
        self.mined = mined
        self.pendingPayments = pendingPayments.sorted {
            ($0.signedPayment.target, $0.index) < ($1.signedPayment.target, $1.index)
        }
    }

    var isEmpty: Bool { pendingPayments.isEmpty }

    /// Adds payments that arrived later. The queue stays sorted by nonce.
    mutating func add(_ later: [PendingPayment]) {
        self = SenderQueue(pendingPayments + later, mined: mined)
    }

    /// Replaces the nodes of all payments in the queue.
    mutating func use(_ nodes: Nodes) {
        for index in pendingPayments.indices { pendingPayments[index].nodes = nodes }
    }

    /// Applies `body` to the payment with this number in the journal, if the payment is in the queue.
    mutating func change(_ payment: Int64, _ body: (inout PendingPayment) -> Void) {
        for index in pendingPayments.indices where pendingPayments[index].payment == payment {
            body(&pendingPayments[index])
        }
    }

    /// The payments that the next poll checks. These are the payments whose nonce is already used, the payments that
    /// the nodes have, and the payments to send next.
    var active: [PendingPayment] {
        let passed = pendingPayments.prefix { $0.signedPayment.target < mined }.prefix(Self.passedLimit)
        var (open, count): ([PendingPayment], Int) = ([], 0)
        for pendingPayment in pendingPayments where pendingPayment.signedPayment.target >= mined {
            count += pendingPayment.signedPayment.nonces.count { $0 >= mined }
            // The first payment is always included, even if it has more transactions than `window` allows.
            guard count <= Self.window || open.isEmpty else { break }
            open.append(pendingPayment)
        }
        return passed + open
    }

    /// Records that nodes did not answer the poll.
    mutating func failed(_ failures: [NodeError]) {
        for index in pendingPayments.indices { pendingPayments[index].failed(failures) }
    }

    /// Updates each payment with its view of the chain. The views are keyed by the index of the payment. Returns the
    /// results of the payments that have succeeded or failed.
    mutating func act(on views: [Int: ChainView]) async -> [Broadcaster.Ending] {
        // The views can come from different nodes, so they can contain different nonces of the sender. The highest of
        // these nonces is used.
        mined = views.values.map(\.nonce).max() ?? mined
        var turn = Turn()
        var (endings, open): ([Broadcaster.Ending], [PendingPayment]) = ([], [])
        var stopped: SignedPayment?
        for (position, one) in pendingPayments.enumerated() {
            var pendingPayment = one
            turn.waiting = pendingPayments.count - position
            turn.isFirst = open.first.map { $0.signedPayment.target >= pendingPayment.signedPayment.target } ?? true
            if let stopped, !pendingPayment.isGiven {
                endings.append(await pendingPayment.ending(nil, [pendingPayment.heldBack(by: stopped)]))
                continue
            }
            do throws(ProblemList) {
                if let view = views[pendingPayment.index] {
                    if let outcome = try await pendingPayment.act(on: view, &turn) {
                        endings.append(await pendingPayment.ending(outcome, []))
                        turn.next = max(turn.next, pendingPayment.signedPayment.target &+ 1)
                        continue
                    }
                    if !pendingPayment.isGiven { turn.mayGive = false }
                } else {
                    await pendingPayment.lookForMissing(from: mined, &turn)
                    turn.mayGive = false
                }
                turn.next = max(turn.next, pendingPayment.signedPayment.target &+ 1)
                open.append(pendingPayment)
            } catch {
                if error.problems.contains(where: { $0.rule as? JournalRule == .leaseLost }) {
                    // Another relay has taken over the lease and now sends the payments. This relay keeps following the
                    // payments, and learns their outcome in a later poll.
                    open += pendingPayments[position...]
                    break
                }
                endings.append(await pendingPayment.ending(nil, error.problems))
                let nonce = pendingPayment.signedPayment.target
                let nextIsSame = pendingPayments.contains {
                    $0.index != pendingPayment.index && $0.signedPayment.target == nonce
                }
                if let view = views[pendingPayment.index], nonce >= view.nonce, !nextIsSame {
                    stopped = pendingPayment.signedPayment
                }
            }
        }
        pendingPayments = open
        return endings
    }
}

extension PendingPayment {
    /// Builds the result of a payment. The state in this result is read from the journal.
    func ending(_ outcome: Broadcaster.Outcome?, _ problems: [Problem]) async -> Broadcaster.Ending {
        var (state, all) = (PaymentState.recorded, problems)
        do throws(JournalError) { state = try await broadcaster.journal.state(of: payment) } catch {
            all += error.problems
        }
        return Broadcaster.Ending(
            index: index, signedPayment: signedPayment, outcome: outcome, problems: all, state: state)
    }
}
