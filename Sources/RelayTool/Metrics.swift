import AirlockBroadcast
import AirlockCommandLineTool
import AirlockEthereumTypes

/// What a monitor is told, in Prometheus' text form (version 0.0.4).
struct Metrics {
    private(set) var text = ""

    init(
        _ figures: JournalFigures, _ traffic: JournalTraffic, _ durations: [String: NodeWatch.Durations],
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
            [([], "\(traffic.climbed)")])
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

    private mutating func addDurations(_ durations: [String: NodeWatch.Durations]) {
        let name = "airlock_node_call_seconds"
        text += "# HELP \(name) How long calls of a node took since this relay began.\n# TYPE \(name) histogram\n"
        for (node, all) in durations.sorted(by: { $0.key < $1.key }) {
            let bounds = NodeWatch.Durations.bounds.map { "\($0)" } + ["+Inf"]
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
