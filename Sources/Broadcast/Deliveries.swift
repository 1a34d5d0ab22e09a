import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics

/// Payments on their way together: one look at the chain serves all of them, again and again until all have ended.
struct Deliveries {
    /// How many senders are served at the same time.
    private static let width = 16

    private let broadcaster: Broadcaster
    var nodes: [Chain: Nodes]
    private var queues: [(chain: Chain, queue: SenderQueue)]
    private var endings: [Broadcaster.Ending] = []

    init(_ deliveries: [Delivery], by nodes: [Chain: Nodes], _ broadcaster: Broadcaster) {
        self.nodes = nodes
        self.broadcaster = broadcaster
        queues = []
        add(deliveries)
    }

    /// Takes in payments that came later. No two have one number.
    mutating func add(_ deliveries: [Delivery]) {
        let bySender = Dictionary(grouping: deliveries) { [$0.shipment.chain.id.description, "\($0.shipment.sender)"] }
        for all in bySender.values.sorted(by: { ($0.first?.index ?? 0) < ($1.first?.index ?? 0) }) {
            guard let first = all.first?.shipment else { continue }
            let known = queues.firstIndex { chain, queue in
                chain == first.chain && queue.deliveries.first?.shipment.sender == first.sender
            }
            if let known { queues[known].queue.add(all) } else { queues.append((first.chain, SenderQueue(all))) }
        }
    }

    /// Changes the one of this payment, if it is open.
    mutating func change(_ payment: Int64, _ body: (inout Delivery) -> Void) {
        for index in queues.indices { queues[index].queue.change(payment, body) }
    }

    private var patience: Broadcaster.Patience { broadcaster.patience }
    /// Those that have not ended.
    var open: [Delivery] { queues.flatMap(\.queue.deliveries) }

    /// How each ended, or why it has not when the wait is over, in the order of their numbers. The wait begins again
    /// whenever one has ended.
    mutating func run() async -> [Broadcaster.Ending] {
        let begin = ContinuousClock.now
        var (since, pause) = (begin, patience.shortestPause)
        while true {
            let ended = await poll()
            endings += ended
            let left = open
            guard let first = left.min(by: { $0.index < $1.index }) else { break }
            if !patience.isWaiting, left.allSatisfy(\.isGiven) {
                for delivery in left { endings.append(await delivery.ending(nil, [])) }
                break
            }
            if !ended.isEmpty { (since, pause) = (.now, patience.shortestPause) }
            let time = since + patience.timeout - .now
            guard time > .zero, !Task.isCancelled else {
                for delivery in left {
                    let problems: [Problem]
                    let (sender, chain) = (delivery.shipment.sender, delivery.shipment.chain)
                    if !delivery.isGiven, broadcaster.leases.isRefused(sender, on: chain) {
                        problems = [Problem(JournalRule.leaseHeld, at: "\(sender)")]
                    } else {
                        do throws(ProblemList) { problems = try await delivery.pending().problems } catch {
                            problems = error.problems
                        }
                    }
                    endings.append(await delivery.ending(nil, problems))
                }
                break
            }
            broadcaster.report(.waiting(first.shipment, first.wait(since: begin, counts(left))))
            // The next payments of a sender wait for those that have ended.
            guard ended.isEmpty else { continue }
            try? await Task.sleep(for: min(pause, time))
            pause = min(pause * 3 / 2, patience.longestPause)
        }
        return endings.sorted { $0.index < $1.index }
    }

    private func counts(_ left: [Delivery]) -> Broadcaster.Counts {
        let mined = endings.count { $0.problems.isEmpty } + left.count(where: \.isMined)
        return Broadcaster.Counts(
            all: endings.count + left.count, mined: mined, failed: endings.count { !$0.problems.isEmpty },
            waiting: left.count { !$0.isMined && $0.isGiven })
    }

    /// Looks at the chain once, and does what there is to do. Returns those that ended.
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
                        queue.deliveries.compactMap { one in seen[one.index].map { (one.index, $0) } }
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

    /// What the nodes of a chain say of the payments whose turn it is, by their numbers. It is empty when no node answers:
    /// the next look may find one.
    private mutating func look(at chain: Chain) async -> [Int: ChainView] {
        guard let nodes = nodes[chain] else { return [:] }
        let active = queues.filter { $0.chain == chain }.flatMap(\.queue.active)
        let shipments = active.map(\.shipment)
        // Nodes that differ are asked again sooner.
        let wanted = nodes.all.count > 1 ? 0 : patience.confirmations
        let answers = await nodes.ask { node throws(NodeError) in
            try await ChainView.look(at: shipments, confirming: wanted, node)
        }
        let failures = answers.compactMap { if case .failure(let failure) = $0.result { failure } else { nil } }
        for failure in failures { broadcaster.report(.unusable(failure)) }
        for index in queues.indices where queues[index].chain == chain { queues[index].queue.failed(failures) }
        let found = answers.compactMap { try? $0.result.get() }
        var views: [Int: ChainView] = [:]
        for (position, delivery) in active.enumerated() {
            views[delivery.index] = await ChainView.best(found.map { $0[position] }, for: delivery.shipment)
        }
        return views
    }
}

extension Broadcaster {
    /// Does what there is to do for a sender's payments, while this relay has the sender's lease. Returns those that are
    /// left, and how the others ended.
    fileprivate func act(_ queue: SenderQueue, on views: [Int: ChainView]) async -> (SenderQueue, [Ending]) {
        guard !views.isEmpty, let first = queue.deliveries.first?.shipment else { return (queue, []) }
        do throws(JournalError) {
            let acted = try await leases.holding(first.sender, on: first.chain) {
                var queue = queue
                let ended = await queue.act(on: views)
                return (queue, ended)
            }
            if let acted { return acted }
        } catch {
            var endings: [Ending] = []
            for delivery in queue.deliveries { endings.append(await delivery.ending(nil, error.problems)) }
            return (SenderQueue([]), endings)
        }
        if leases.isToBeSaid(first.sender, on: first.chain) { report(.leased(first.sender, first.chain)) }
        return (queue, [])
    }
}
