import AirlockBroadcast
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import Synchronization

/// How the nodes are, and how long their answers took, since this process began.
final class NodeWatch: Sendable {
    /// Of one node.
    struct Health: Hashable {
        var chain: Chain?
        /// What is wrong with it, the last time it was asked; `nil` where it answered.
        var complaint: String?
        var seconds: Double?
        var at: Timestamp
    }

    /// How long calls took, as Prometheus counts it.
    struct Durations {
        static let bounds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
        /// Those up to each bound, and all.
        private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
        private(set) var sum = 0.0

        mutating func add(_ seconds: Double) {
            sum += seconds
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { counts[index] += 1 }
            counts[Self.bounds.count] += 1
        }
    }

    private struct State {
        var nodes: [String: Health] = [:]
        var durations: [String: Durations] = [:]
        /// How many confirmations a transaction has, and since when, of those that are followed.
        var confirmations: [Hash: (count: UInt64, at: Timestamp)] = [:]
        /// Transactions to which something happened.
        var touched: Set<Hash> = []
    }

    private let state = Mutex(State())

    var nodes: [String: Health] { state.withLock { $0.nodes } }
    var durations: [String: Durations] { state.withLock { $0.durations } }

    /// A call has ended.
    func note(_ call: NodeCallReport) {
        let seconds = call.duration.inSeconds
        state.withLock { state in
            state.durations[call.node, default: Durations()].add(seconds)
            var health = state.nodes[call.node] ?? Health(at: RelayOptions.now)
            (health.seconds, health.at) = (seconds, RelayOptions.now)
            health.complaint = call.failure?.problems.first?.message
            state.nodes[call.node] = health
        }
    }

    /// Asks all nodes which chain is theirs, and whether they answer.
    func look(at nodes: Nodes) async {
        for report in await nodes.reports() {
            state.withLock { state in
                var health = state.nodes[report.node] ?? Health(at: RelayOptions.now)
                switch report.result {
                case .success(let found): (health.chain, health.complaint) = (found.chain, nil)
                case .failure(let error): health.complaint = error.problems.first?.message
                }
                state.nodes[report.node] = health
            }
        }
    }

    func note(_ progress: Broadcaster.Progress) {
        state.withLock { state in
            switch progress {
            case .taken(let step, _), .refused(let step, _): state.touched.insert(step.hash)
            case .mined(let receipt, let count):
                guard state.confirmations[receipt.transactionHash]?.count != count else { return }
                // A service runs for long: what was said of payments that ended long ago is not kept.
                if state.confirmations.count > 10_000 { state.confirmations = [:] }
                state.confirmations[receipt.transactionHash] = (count, RelayOptions.now)
                state.touched.insert(receipt.transactionHash)
            default: break
            }
            if state.touched.count > 10_000 { state.touched = [] }
        }
    }

    func confirmations(of hash: String) -> (count: UInt64, at: Timestamp)? {
        guard let hash = try? Hash(hex: hash) else { return nil }
        return state.withLock { $0.confirmations[hash] }
    }

    func takeTouched() -> [Hash] {
        state.withLock { state in
            defer { state.touched = [] }
            return Array(state.touched)
        }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
