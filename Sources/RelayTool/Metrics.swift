import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import Synchronization

/// The metrics of `/metrics`, in Prometheus' text format (version 0.0.4).
struct Metrics {
    private(set) var text = ""

    init(
        _ figures: JournalFigures, _ traffic: JournalTraffic, _ durations: [String: NodeMonitor.Durations],
        owner: String, now: Timestamp
    ) {
        add("airlock_build_info", "gauge", "What runs.", [([("version", Release.version)], "1")])
        add(
            "airlock_payments", "gauge", "Payments in the journal, by their state.",
            PaymentState.allCases.map { ([("state", $0.rawValue)], "\(figures.counts[$0] ?? 0)") })
        add("airlock_payments_open", "gauge", "Payments that have not ended.", [([], "\(figures.open)")])
        add(
            "airlock_oldest_open_seconds", "gauge", "Age of the first payment that has not ended, by chain.",
            figures.oldestOpen.sorted { $0.key.id < $1.key.id }.map { chain, since in
                ([("chain", "\(chain.id)")], "\(now.seconds > since.seconds ? now.seconds - since.seconds : 0)")
            })
        add(
            "airlock_node_attempts_total", "counter",
            "How often a node was asked to take a transaction, in the journal.",
            traffic.attempts.sorted { $0.key < $1.key }.map { ([("node", $0.key)], "\($0.value)") })
        let answers = traffic.answers.sorted { $0.key < $1.key }.flatMap { node, counts in
            counts.map { ($0.key?.rawValue ?? "none", $0.value) }.sorted { $0.0 < $1.0 }.map { answer, count in
                ([("node", node), ("answer", answer)], "\(count)")
            }
        }
        add(
            "airlock_node_answers_total", "counter",
            "What nodes answered to that, in the journal; none while one is awaited.",
            answers)
        addDurations(durations)
        add(
            "airlock_rungs_climbed_total", "counter", "Rungs above the first that nodes were given, in the journal.",
            [([], "\(traffic.bumped)")])
        add(
            "airlock_leases_held", "gauge", "Senders for whom this relay sends at this moment.",
            [([], "\(figures.leases.count { $0.until != nil && $0.owner == owner })")])
    }

    private typealias Sample = (labels: [(name: String, value: String)], value: String)

    private mutating func add(_ name: String, _ type: String, _ help: String, _ samples: [Sample]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        for sample in samples { add(name, sample) }
    }

    private mutating func add(_ name: String, _ sample: Sample) {
        let labels = sample.labels.map { "\($0.name)=\"\(Self.escape($0.value))\"" }.joined(separator: ",")
        text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)\n"
    }

    private mutating func addDurations(_ durations: [String: NodeMonitor.Durations]) {
        let name = "airlock_node_call_seconds"
        text += "# HELP \(name) How long calls of a node took since this relay began.\n# TYPE \(name) histogram\n"
        for (node, all) in durations.sorted(by: { $0.key < $1.key }) {
            let bounds = NodeMonitor.Durations.bounds.map { "\($0)" } + ["+Inf"]
            for (bound, count) in zip(bounds, all.counts) {
                add("\(name)_bucket", ([("node", node), ("le", bound)], "\(count)"))
            }
            add("\(name)_sum", ([("node", node)], "\(all.sum)"))
            add("\(name)_count", ([("node", node)], "\(all.counts.last ?? 0)"))
        }
    }

    private static func escape(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

/// The health of the nodes, and the durations of all calls to them since this process started.
final class NodeMonitor: Sendable {
    /// The health of one node.
    struct Health: Hashable {
        var chain: Chain?
        /// The message of the last error; `nil` if the last call succeeded.
        var complaint: String?
        var seconds: Double?
        var at: Timestamp
    }

    /// A histogram of the durations of calls to nodes, in the form that Prometheus needs.
    struct Durations {
        static let bounds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
        /// The cumulative counts of the histogram. The element at index i is the number of calls that took at most
        /// `bounds[i]` seconds. The last element is the number of all calls.
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
        /// For each followed transaction, the number of confirmations, and the time when this number last changed.
        var confirmations: [Hash: (count: UInt64, at: Timestamp)] = [:]
        /// The transactions that changed since the last call of `takeTouched()`. A transaction changed if a node
        /// accepted or refused it, or if its number of confirmations changed.
        var touched: Set<Hash> = []
    }

    private let state = Mutex(State())

    var nodes: [String: Health] { state.withLock { $0.nodes } }
    var durations: [String: Durations] { state.withLock { $0.durations } }

    /// Records the duration and the error of a finished call.
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

    /// Queries every node for its chain and its latest block, and records whether the query succeeded.
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
                // The service may run for years. When the table of confirmations becomes too large, it is emptied, so
                // that it does not grow forever.
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
