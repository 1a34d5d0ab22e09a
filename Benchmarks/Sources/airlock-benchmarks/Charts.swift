import Glibc

/// The report as drawings.
enum Charts {
    /// Every chart with the name of its file.
    static func all(_ report: Report) -> [(name: String, bytes: [UInt8])] {
        // The kernels that are not the best here have rows in the table; drawn are those that everybody gets.
        let drawn = report.measurements.filter { row in
            !(row.name.hasPrefix("keccak/") && row.name.split(separator: "/").count > 2)
        }
        let peers = drawn.flatMap { measurement in
            measurement.peers.map { peer in
                Bar(
                    label: "\(measurement.name) / \(peer.name)", ratio: measurement.nanoseconds / peer.nanoseconds,
                    goal: measurement.goals.first { $0.of == peer.name }?.limit)
            }
        }
        let goals = report.measurements.flatMap { measurement in
            measurement.goals.map { goal in
                Bar(
                    label: measurement.name + (goal.of.map { " / \($0)" } ?? ""), ratio: goal.actual / goal.limit,
                    goal: nil)
            }
        }
        return [
            ("peers", bars("Time of ours as a share of the peer's, and the goal (|)", peers, report.machine)),
            ("goals", bars("Time as a share of the goal's: left of 1 is better than it", goals, report.machine)),
        ] + report.growth.map { growth in (growth.slug, curve(growth, report.machine)) }
    }

    private struct Bar {
        let label: String
        let ratio: Double
        let goal: Double?
    }

    /// Bars from 1, to the left where ours is the faster; every step of the axis is ten times.
    private static func bars(_ title: String, _ bars: [Bar], _ machine: Machine) -> [UInt8] {
        let (left, right, top, step) = (430.0, 60.0, 64.0, 20.0)
        let width = 900.0
        let height = top + step * Double(bars.count) + 34
        let ratios: [Double] = bars.map(\.ratio) + bars.compactMap(\.goal) + [0.5, 2]
        let low = (log10(ratios.min() ?? 1) * 2).rounded(.down) / 2
        let high = (log10(ratios.max() ?? 1) * 2).rounded(.up) / 2
        let scale = (width - left - right) / (high - low)
        func x(_ ratio: Double) -> Double { left + (log10(ratio) - low) * scale }
        var svg = SVG(width: width, height: height, title: title)
        svg.text(title, at: (12, 24), kind: "title")
        svg.text(machine.description, at: (12, 42), kind: "faint")
        for power in Int(low.rounded(.up))...Int(high.rounded(.down)) {
            let place = x(pow(10, Double(power)))
            svg.line((place, top - 6), (place, height - 28), power == 0 ? "one" : "grid")
            svg.text(Axis.label(power), at: (place, height - 12), .middle, kind: "faint")
        }
        for (index, bar) in bars.enumerated() {
            let y = top + step * Double(index)
            let (start, end) = (min(x(1), x(bar.ratio)), max(x(1), x(bar.ratio)))
            svg.text(bar.label, at: (left - 10, y + 11), .end)
            svg.bar((start, y + 2), width: max(1, end - start), height: step - 8, bar.ratio > 1 ? "s1" : "s0")
            if let goal = bar.goal { svg.line((x(goal), y), (x(goal), y + step - 4), "goal") }
            svg.text(Text.ratio(bar.ratio), at: (max(end, x(bar.goal ?? 1)) + 5, y + 11), kind: "faint")
        }
        return svg.bytes
    }

    /// Size against time, both axes in powers: what costs in proportion is a straight line of slope one, as is drawn
    /// faintly.
    private static func curve(_ growth: Growth, _ machine: Machine) -> [UInt8] {
        let (left, right, top, bottom) = (80.0, 190.0, 64.0, 48.0)
        let (width, height) = (760.0, 420.0)
        let points = growth.series.flatMap(\.points)
        let xAxis = Axis(points.map { Double($0.size) }, from: left, to: width - right)
        let yAxis = Axis(points.map(\.nanoseconds), from: height - bottom, to: top)
        var svg = SVG(width: width, height: height, title: growth.name)
        svg.text(growth.name, at: (12, 24), kind: "title")
        svg.text(machine.description, at: (12, 42), kind: "faint")
        for power in xAxis.powers {
            let place = xAxis.place(pow(10, Double(power)))
            svg.line((place, top), (place, height - bottom), "grid")
            svg.text(Axis.label(power), at: (place, height - bottom + 16), .middle, kind: "faint")
        }
        svg.text(growth.unit, at: ((left + width - right) / 2, height - 12), .middle, kind: "faint")
        for power in yAxis.powers {
            let place = yAxis.place(pow(10, Double(power)))
            svg.line((left, place), (width - right, place), "grid")
            svg.text(Axis.time(power), at: (left - 8, place + 4), .end, kind: "faint")
        }
        for (index, series) in growth.series.enumerated() {
            let places = series.points.map { (x: xAxis.place(Double($0.size)), y: yAxis.place($0.nanoseconds)) }
            svg.path(places, "s\(index)")
            for place in places { svg.dot(place, "s\(index)") }
            let y = top + 16 + 20 * Double(index)
            svg.line((width - right + 16, y - 4), (width - right + 36, y - 4), "s\(index)")
            svg.text(series.name, at: (width - right + 42, y))
        }
        return svg.bytes
    }
}

/// An axis on which every step is ten times.
private struct Axis {
    private let low, high, from, to: Double

    init(_ values: [Double], from: Double, to: Double) {
        low = log10(values.min() ?? 1).rounded(.down)
        high = max(low + 1, log10(values.max() ?? 1).rounded(.up))
        self.from = from
        self.to = to
    }

    var powers: ClosedRange<Int> { Int(low)...Int(high) }

    func place(_ value: Double) -> Double { from + (log10(value) - low) / (high - low) * (to - from) }

    static func label(_ power: Int) -> String {
        if power < 0 { return "0." + String(repeating: "0", count: -power - 1) + "1" }
        let thousands = min(power / 3, 2)
        return "1" + String(repeating: "0", count: power - 3 * thousands) + ["", "k", "M"][thousands]
    }

    /// A power of ten of nanoseconds.
    static func time(_ power: Int) -> String {
        let units = ["ns", "µs", "ms", "s"]
        let unit = min(max(power, 0) / 3, units.count - 1)
        return "\(label(power - 3 * unit)) \(units[unit])"
    }
}

extension Growth {
    /// The name of its file.
    fileprivate var slug: String {
        name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    }
}
