import AirlockStrictJSON

/// The results of the measurements. They are shown as a table, and written as JSON for programs.
struct Report {
    let machine: Machine
    let measurements: [Measurement]
    let growth: [Growth]
    /// The measurements that were left out, and the reasons.
    let leftOut: [String]

    /// The report as text. Its table has a row for each benchmark, and below it a row for each peer. Below the table
    /// are the growth ratios and the measurements that were left out.
    var table: String {
        var rows = [["", "median", "ratio", "goal", ""]]
        for measurement in measurements {
            let own = measurement.goals.filter { $0.of == nil }
            rows.append(
                [measurement.name, Text.time(measurement.nanoseconds), ""]
                    + Self.words(own.first.map { (Text.time($0.limit), $0.actual <= $0.limit) }))
            for peer in measurement.peers {
                let goal = measurement.goals.first { $0.of == peer.name }
                rows.append(
                    [
                        "  beside \(peer.name)", Text.time(peer.nanoseconds),
                        Text.ratio(measurement.nanoseconds / peer.nanoseconds),
                    ] + Self.words(goal.map { (Text.ratio($0.limit), $0.actual <= $0.limit) }))
            }
        }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { column, text in
                let padding = String(repeating: " ", count: widths[column] - text.count)
                return (1...3).contains(column) ? padding + text : text + padding
            }.joined(separator: "  ")
        }
        let steepness = growth.flatMap { growth in
            growth.steepness.map { series in
                "\(growth.name), \(series.name): \(Text.ratio(series.ratio)) of the cost for each of the \(growth.unit)"
                    + " when there are 16 times as many"
            }
        }
        return (["\(machine.description)", ""] + lines + [""] + steepness + leftOut.map { "left out: \($0)" })
            .joined(separator: "\n")
    }

    private static func words(_ goal: (limit: String, isMet: Bool)?) -> [String] {
        goal.map { ["≤ \($0.limit)", $0.isMet ? "met" : "MISSED"] } ?? ["", ""]
    }

    var json: JSONOutput {
        [
            "processor": .string(machine.processor), "cores": .number("\(Processors.count)"),
            "date": .string(machine.date),
            "load": .number(Text.fixed(machine.load, places: 1)),
            "rows": .array(measurements.map(Self.json)), "growth": .array(growth.map(Self.json)),
            "leftOut": .array(leftOut.map { .string($0) }),
        ]
    }

    private static func json(_ measurement: Measurement) -> JSONOutput {
        let peers = measurement.peers.map { peer -> JSONOutput in
            [
                "name": .string(peer.name), "ns": .number(Text.fixed(peer.nanoseconds, places: 1)),
                "ratio": .number(Text.fixed(measurement.nanoseconds / peer.nanoseconds, places: 5)),
            ]
        }
        let goals = measurement.goals.map { goal -> JSONOutput in
            [
                "of": goal.of.map { .string($0) } ?? .null, "most": .number(Text.fixed(goal.limit, places: 5)),
                "is": .number(Text.fixed(goal.actual, places: 5)), "met": .boolean(goal.actual <= goal.limit),
            ]
        }
        return [
            "name": .string(measurement.name), "ns": .number(Text.fixed(measurement.nanoseconds, places: 1)),
            "peers": .array(peers), "goals": .array(goals),
        ]
    }

    private static func json(_ growth: Growth) -> JSONOutput {
        let series = growth.series.map { series -> JSONOutput in
            let points = series.points.map { point -> JSONOutput in
                [.number("\(point.size)"), .number(Text.fixed(point.nanoseconds, places: 1))]
            }
            return ["name": .string(series.name), "points": .array(points)]
        }
        return ["name": .string(growth.name), "unit": .string(growth.unit), "series": .array(series)]
    }
}

/// Functions that format numbers for display.
enum Text {
    static func time(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<10_000: "\(fixed(nanoseconds, places: 1)) ns"
        case ..<10_000_000: "\(fixed(nanoseconds / 1e3, places: 1)) µs"
        default: "\(fixed(nanoseconds / 1e6, places: 1)) ms"
        }
    }

    static func ratio(_ ratio: Double) -> String { fixed(ratio, places: ratio < 0.1 ? 5 : 3) }

    static func fixed(_ value: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
