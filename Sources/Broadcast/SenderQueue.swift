import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC

/// The payments of one sender on one chain that have not ended, in the order of their nonces.
///
/// A node takes them in that order, so one is given to the nodes only after those before it were.
struct SenderQueue: Sendable {
    /// How many transactions of one sender the nodes are given before the first of them is mined. Nodes keep 16 of each
    /// sender for certain (go-ethereum's and Reth's account slots); more may be dropped.
    static let window = 16
    /// How many mined payments are looked at in one go.
    private static let passedLimit = 256

    /// What is known of the payments before the one whose turn it is.
    struct Turn {
        /// The first nonce above theirs.
        var next: UInt64 = 0
        /// The first nonce that neither they have nor, as far as was asked, a node.
        var missing: UInt64?
        /// The sender's next nonce with what waits, once a node was asked.
        var pending: UInt64?
        /// How many payments there are from this one on.
        var waiting = 1
        /// Whether those before it were given to the nodes.
        var mayGive = true
        /// Whether none is open before it.
        var isFirst = true
    }

    private(set) var deliveries: [Delivery]
    /// How many of the sender's transactions are mined, as the last look found.
    private var mined: UInt64 = 0

    init(_ deliveries: [Delivery], mined: UInt64 = 0) {
        self.mined = mined
        self.deliveries = deliveries.sorted { ($0.shipment.target, $0.index) < ($1.shipment.target, $1.index) }
    }

    var isEmpty: Bool { deliveries.isEmpty }

    /// Takes in payments that came later, each at its nonce.
    mutating func add(_ later: [Delivery]) {
        self = SenderQueue(deliveries + later, mined: mined)
    }

    /// Changes the one of this payment, if it is here.
    mutating func change(_ payment: Int64, _ body: (inout Delivery) -> Void) {
        for index in deliveries.indices where deliveries[index].payment == payment { body(&deliveries[index]) }
    }

    /// Those to look at: what may be mined, and what nodes have or are to be given next.
    var active: [Delivery] {
        let passed = deliveries.prefix { $0.shipment.target < mined }.prefix(Self.passedLimit)
        var (open, count): ([Delivery], Int) = ([], 0)
        for delivery in deliveries where delivery.shipment.target >= mined {
            count += delivery.shipment.nonces.count { $0 >= mined }
            // However many transactions the first has, they belong together.
            guard count <= Self.window || open.isEmpty else { break }
            open.append(delivery)
        }
        return passed + open
    }

    /// Nodes did not answer the look at the chain.
    mutating func failed(_ failures: [NodeError]) {
        for index in deliveries.indices { deliveries[index].failed(failures) }
    }

    /// Does what there is to do for each, by its number; returns those that ended.
    mutating func act(on views: [Int: ChainView]) async -> [Broadcaster.Ending] {
        // Of those that were looked at, the nodes' counts may differ.
        mined = views.values.map(\.nonce).max() ?? mined
        var turn = Turn()
        var (endings, open): ([Broadcaster.Ending], [Delivery]) = ([], [])
        var stopped: Shipment?
        for (position, one) in deliveries.enumerated() {
            var delivery = one
            turn.waiting = deliveries.count - position
            turn.isFirst = open.first.map { $0.shipment.target >= delivery.shipment.target } ?? true
            if let stopped, !delivery.isGiven {
                endings.append(await delivery.ending(nil, [delivery.heldBack(by: stopped)]))
                continue
            }
            do throws(ProblemList) {
                if let view = views[delivery.index] {
                    if let outcome = try await delivery.act(on: view, &turn) {
                        endings.append(await delivery.ending(outcome, []))
                        turn.next = max(turn.next, delivery.shipment.target &+ 1)
                        continue
                    }
                    if !delivery.isGiven { turn.mayGive = false }
                } else {
                    await delivery.lookForMissing(from: mined, &turn)
                    turn.mayGive = false
                }
                turn.next = max(turn.next, delivery.shipment.target &+ 1)
                open.append(delivery)
            } catch {
                if error.problems.contains(where: { $0.rule as? JournalRule == .leaseLost }) {
                    // What the other relay does is seen at a later look; nothing is done until then.
                    open += deliveries[position...]
                    break
                }
                endings.append(await delivery.ending(nil, error.problems))
                let nonce = delivery.shipment.target
                let nextIsSame = deliveries.contains { $0.index != delivery.index && $0.shipment.target == nonce }
                if let view = views[delivery.index], nonce >= view.nonce, !nextIsSame { stopped = delivery.shipment }
            }
        }
        deliveries = open
        return endings
    }
}

extension Delivery {
    /// The payment's end in this run, with the state that the journal has.
    func ending(_ outcome: Broadcaster.Outcome?, _ problems: [Problem]) async -> Broadcaster.Ending {
        var (state, all) = (PaymentState.recorded, problems)
        do throws(JournalError) { state = try await broadcaster.journal.state(of: payment) } catch {
            all += error.problems
        }
        return Broadcaster.Ending(index: index, shipment: shipment, outcome: outcome, problems: all, state: state)
    }
}
