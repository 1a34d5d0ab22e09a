public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockJSONRPC
import Synchronization

/// Follows all open payments of a journal, including payments that are added later, until the service is asked to stop.
///
/// The journal contains the whole state of the service. After a crash, the next run continues from the journal.
public struct PaymentService: Sendable {
    /// The events that the service reports, in addition to the progress that a ``Broadcaster`` reports.
    public enum Event: Sendable {
        /// The service has begun to follow this number of payments.
        case began(Int)
        /// Other processes have added this number of payments to the journal.
        case found(Int)
        /// Payments on this chain have to wait, because no node of the chain can be reached.
        case noNode(Chain)
        /// A payment has reached a final state. The associated value contains this state.
        case ended(Broadcaster.Ending)
        /// A payment was refused or cannot continue. The service tries again after the given delay.
        case postponed(Broadcaster.Ending, Duration)
        /// The journal could not be read or written. The service tries again.
        case failed(ProblemList)
        /// The service was asked to stop. This number of payments is still open.
        case ending(Int)
    }

    /// The interval at which the service searches the journal for payments that other processes have added.
    private static let search: Duration = .seconds(10)
    /// The delay before the first retry of a refused payment, and the longest delay before a retry. The delay doubles
    /// with each further retry.
    private static let (firstDelay, lastDelay): (Duration, Duration) = (.seconds(10), .seconds(600))

    private let nodes: Nodes
    private let broadcaster: Broadcaster
    private let tell: @Sendable (Event) -> Void

    public init(_ broadcaster: Broadcaster, tell: @escaping @Sendable (Event) -> Void) {
        nodes = broadcaster.nodes
        self.broadcaster = broadcaster
        self.tell = tell
    }

    private var journal: any PaymentJournal { broadcaster.journal }
    private var waitPolicy: Broadcaster.WaitPolicy { broadcaster.waitPolicy }

    /// A payment that waits to be retried.
    private struct Postponed {
        let signedPayment: SignedPayment
        let time: ContinuousClock.Instant
        let delay: Duration
        let codes: [String]
    }

    /// Runs the service until it is asked to stop.
    ///
    /// - Parameters:
    ///   - arrivals: a function that finds new payments, for example in a folder. This function records the payments in
    ///     the journal, and returns each payment with its number in the journal.
    ///   - requests: the requests that other parts of the program, such as the web page, send to the running service.
    ///   - isEnding: a function that returns whether the service was asked to stop. The service calls it several times
    ///     a second.
    public func run(
        arrivals: @Sendable () async -> [(payment: Int64, signedPayment: SignedPayment)],
        requests: ServiceRequests = ServiceRequests(), isEnding: @Sendable () -> Bool
    ) async {
        await withDiscardingTaskGroup { group in
            await follow(arrivals, requests, isEnding, &group)
            group.cancelAll()
        }
    }

    /// Follows the payments until the service is asked to stop. Tasks that outlast one round of the loop are added to
    /// `group`.
    private func follow(
        _ arrivals: @Sendable () async -> [(payment: Int64, signedPayment: SignedPayment)],
        _ requests: ServiceRequests, _ isEnding: @Sendable () -> Bool, _ group: inout DiscardingTaskGroup
    ) async {
        var pendingPayments = PendingPayments([], by: [:], broadcaster)
        var (waiting, postponed): ([Int64: SignedPayment], [Int64: Postponed]) = ([:], [:])
        var (searched, nextReach): (ContinuousClock.Instant?, ContinuousClock.Instant?) = (nil, nil)
        var missing: Set<Chain> = []
        let reach = Reach()
        var (reachedNodes, isReaching) = (ReachedNodes(of: nodes), false)
        var pause = waitPolicy.shortestPause
        while !isEnding() {
            let now = ContinuousClock.now
            if searched.map({ now - $0 > Self.search }) ?? true {
                let known = Set(pendingPayments.open.map(\.payment)).union(waiting.keys).union(postponed.keys)
                if let found = await search(besides: known) {
                    waiting.merge(found) { first, _ in first }
                    tell(searched == nil ? .began(found.count) : .found(found.count))
                    searched = now
                }
            }
            let arrived = await arrivals()
            // If a payment is already open, a second file with it has no effect.
            let opened: Set<Int64> = arrived.isEmpty ? [] : Set(pendingPayments.open.map(\.payment))
            for (payment, signedPayment) in arrived
            where waiting[payment] == nil && postponed[payment] == nil && !opened.contains(payment) {
                waiting[payment] = signedPayment
                pause = waitPolicy.shortestPause
            }
            for request in requests.next() {
                pause = waitPolicy.shortestPause
                let payment: Int64
                switch request {
                case .follow(let number, let signedPayment): (payment, waiting[number]) = (number, signedPayment)
                case .resume(let number):
                    payment = number
                    pendingPayments.change(number) { $0.giveAgain() }
                case .cancel(let number): payment = number
                }
                if let one = postponed.removeValue(forKey: payment) { waiting[payment] = one.signedPayment }
            }
            for (payment, one) in postponed where one.time <= now { waiting[payment] = one.signedPayment }
            if !isReaching, !reachedNodes.isComplete, !waiting.isEmpty || !pendingPayments.open.isEmpty,
                nextReach.map({ now >= $0 }) ?? true
            {
                isReaching = true
                let asked = reachedNodes
                // The first time, the service waits for the nodes' answers, because it can do nothing without a node.
                // Later, the payments do not wait for nodes that do not answer.
                if nextReach == nil { await reach.ask(asked) } else { group.addTask { await reach.ask(asked) } }
            }
            if let answered = reach.take() {
                (reachedNodes, isReaching) = (answered.nodes, false)
                nextReach = ContinuousClock.now + waitPolicy.reach
                for failure in answered.failures { broadcaster.report(.unusable(failure)) }
                pendingPayments.use(reachedNodes.byChain)
            }
            let lacking = Set(waiting.values.map(\.chain)).subtracting(pendingPayments.nodes.keys)
            for chain in lacking.subtracting(missing) { tell(.noNode(chain)) }
            missing = lacking
            let following = Set(pendingPayments.open.map(\.payment))
            var fresh: [PendingPayment] = []
            for (payment, signedPayment) in waiting {
                guard let nodes = pendingPayments.nodes[signedPayment.chain] else { continue }
                waiting[payment] = nil
                guard !following.contains(payment) else { continue }
                fresh.append(
                    PendingPayment(
                        ReplacementPlan(signedPayment, cancelling: false), index: Int(payment), payment: payment,
                        nodes: nodes, broadcaster: broadcaster))
            }
            pendingPayments.add(fresh)
            let endings = await pendingPayments.poll()
            for ending in endings {
                let payment = Int64(ending.index)
                pause = waitPolicy.shortestPause
                guard !ending.problems.isEmpty, ending.state.isOpen else {
                    postponed[payment] = nil
                    tell(.ended(ending))
                    continue
                }
                let before = postponed[payment]
                let delay = before.map { min($0.delay * 2, Self.lastDelay) } ?? Self.firstDelay
                let codes = ending.problems.map(\.code)
                if before?.codes != codes { tell(.postponed(ending, delay)) }
                postponed[payment] = Postponed(
                    signedPayment: ending.signedPayment, time: .now + delay, delay: delay, codes: codes)
            }
            // If the outcome of a payment has just become final, or if a payment was postponed, the service polls again
            // without a pause. A later payment of the same sender may have waited for this payment.
            guard endings.isEmpty else { continue }
            await rest(for: pause) { isEnding() || !requests.isEmpty }
            pause = min(pause * 3 / 2, waitPolicy.longestPause)
        }
        tell(.ending(Set(pendingPayments.open.map(\.payment)).union(waiting.keys).union(postponed.keys).count))
    }

    /// The open payments of the journal that the service does not follow yet; `nil` if the journal cannot be read.
    private func search(besides known: Set<Int64>) async -> [Int64: SignedPayment]? {
        let journal = journal
        do throws(ProblemList) {
            let numbers = try await broadcaster.journaled { () async throws(JournalError) in
                try await journal.unfinishedNumbers()
            }
            var found: [Int64: SignedPayment] = [:]
            // The rows of the journal are read page by page, because a row needs more memory than the payment that is
            // decoded from it.
            for page in numbers.filter({ !known.contains($0) }).pages {
                let kept = try await broadcaster.journaled { () async throws(JournalError) in
                    try await journal.stored(page)
                }
                for one in kept { found[one.number] = try SignedPayment(one) }
            }
            return found
        } catch {
            tell(.failed(error))
            return nil
        }
    }

    private func rest(for pause: Duration, unless isCalled: () -> Bool) async {
        let end = ContinuousClock.now + pause
        while !isCalled(), case let left = end - .now, left > .zero {
            try? await Task.sleep(for: min(left, .milliseconds(200)))
        }
    }
}

/// The result of asking the nodes whose chain is not known. A child task writes it, and the service takes it when it is
/// ready.
private final class Reach: Sendable {
    private let result = Mutex<(nodes: ReachedNodes, failures: [NodeError])?>(nil)

    func ask(_ nodes: ReachedNodes) async {
        var asked = nodes
        let failures = await asked.ask()
        let answered = asked
        result.withLock { $0 = (nodes: answered, failures: failures) }
    }

    /// Returns the result once. Returns `nil` as long as there is no result.
    func take() -> (nodes: ReachedNodes, failures: [NodeError])? {
        result.withLock { result in
            defer { result = nil }
            return result
        }
    }
}

/// Requests to a running service, for example from the web page. The service carries out these requests at the next
/// poll of the chain.
public final class ServiceRequests: Sendable {
    enum Request {
        case follow(Int64, SignedPayment)
        case resume(Int64)
        /// The journal has recorded that the payment is to be cancelled. The next poll reads this from the journal.
        case cancel(Int64)
    }

    private let waiting = Mutex<[Request]>([])

    public init() {}

    var isEmpty: Bool { waiting.withLock(\.isEmpty) }

    /// Asks the service to follow a payment that was recorded in the journal.
    public func follow(_ payment: Int64, _ signedPayment: SignedPayment) {
        waiting.withLock { $0.append(.follow(payment, signedPayment)) }
    }

    /// Asks the service to send a payment to the nodes again at once, even if the payment was postponed.
    public func resume(_ payment: Int64) { waiting.withLock { $0.append(.resume(payment)) } }

    /// Asks the service to send the cancel transactions of a payment to the nodes. The method returns when the request
    /// is in the journal. From then on, every relay continues with the cancel transactions, even if this service stops
    /// before it has sent them.
    ///
    /// - Parameters:
    ///   - payment: the payment's number.
    ///   - journal: the journal of the service.
    public func cancel(_ payment: Int64, in journal: any PaymentJournal) async throws(JournalError) {
        try await journal.askCancel(of: payment)
        waiting.withLock { $0.append(.cancel(payment)) }
    }

    func next() -> [Request] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
