import StrictJSON

/// What was measured, as a table for people and as JSON for tools.
struct Report {
    let measurements: [Measurement]

    var table: String {
        let rows = measurements.map { measurement in
            [
                measurement.name, time(measurement.nanoseconds), measurement.peer.map { time($0.nanoseconds) } ?? "",
                measurement.ratio.map { fixed($0, places: 3) } ?? "", measurement.peer?.name ?? "",
            ]
        }
        let lines = [["", "median", "peer", "ratio", ""]] + rows
        let widths = (0..<5).map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            line.enumerated().map { column, text in
                let padding = String(repeating: " ", count: widths[column] - text.count)
                return (1...3).contains(column) ? padding + text : text + padding
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.array { writer in
            for measurement in measurements {
                writer.object { writer in
                    writer.key("name")
                    writer.string(measurement.name)
                    writer.key("ns")
                    writer.number(fixed(measurement.nanoseconds, places: 1))
                    guard let peer = measurement.peer, let ratio = measurement.ratio else { return }
                    writer.key("peer")
                    writer.string(peer.name)
                    writer.key("peerNs")
                    writer.number(fixed(peer.nanoseconds, places: 1))
                    writer.key("ratio")
                    writer.number(fixed(ratio, places: 3))
                }
            }
        }
        return writer.bytes
    }

    private func time(_ nanoseconds: Double) -> String {
        nanoseconds < 10_000 ? "\(fixed(nanoseconds, places: 1)) ns" : "\(fixed(nanoseconds / 1000, places: 1)) µs"
    }

    private func fixed(_ value: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
