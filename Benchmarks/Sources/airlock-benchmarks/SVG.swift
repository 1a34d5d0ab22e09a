/// A drawing, written line by line; its colours follow the reader's light or dark page.
struct SVG {
    private let size: (width: Double, height: Double)
    private let title: String
    private var body: [String] = []

    enum Anchor: String { case start, middle, end }

    init(width: Double, height: Double, title: String) {
        size = (width, height)
        self.title = title
    }

    /// - Parameter kind: a class of the style below.
    mutating func line(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ kind: String) {
        body.append(
            #"<line class="\#(kind)" x1="\#(n(from.x))" y1="\#(n(from.y))" x2="\#(n(to.x))" y2="\#(n(to.y))"/>"#)
    }

    mutating func path(_ points: [(x: Double, y: Double)], _ kind: String) {
        let corners = points.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
        body.append(#"<polyline class="\#(kind)" points="\#(corners)"/>"#)
    }

    mutating func dot(_ place: (x: Double, y: Double), _ kind: String) {
        body.append(#"<circle class="\#(kind)" cx="\#(n(place.x))" cy="\#(n(place.y))" r="3"/>"#)
    }

    mutating func bar(_ corner: (x: Double, y: Double), width: Double, height: Double, _ kind: String) {
        body.append(
            #"<rect class="\#(kind)" x="\#(n(corner.x))" y="\#(n(corner.y))" width="\#(n(width))" "#
                + #"height="\#(n(height))" rx="2"/>"#)
    }

    mutating func text(
        _ text: String, at place: (x: Double, y: Double), _ anchor: Anchor = .start, kind: String = "text"
    ) {
        body.append(
            #"<text class="\#(kind)" x="\#(n(place.x))" y="\#(n(place.y))" text-anchor="\#(anchor.rawValue)">"#
                + "\(Self.escape(text))</text>")
    }

    var bytes: [UInt8] {
        let head = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(n(size.width)) \#(n(size.height))" "#
                + #"width="\#(n(size.width))" height="\#(n(size.height))" role="img">"#,
            "<title>\(Self.escape(title))</title>", Self.style,
        ]
        return Array((head + body + ["</svg>", ""]).joined(separator: "\n").utf8)
    }

    /// The colours keep their difference for eyes that see red and green alike.
    private static let style = """
        <style>
        text { font: 12px system-ui, sans-serif; fill: #1f2328 }
        .title { font-size: 15px; font-weight: 600 }
        .faint { fill: #656d76; font-size: 11px }
        line { stroke: #d0d7de }
        .one { stroke: #1f2328 }
        .goal { stroke: #1f2328; stroke-width: 2 }
        polyline { fill: none }
        .s0, .s1, .s2 { stroke-width: 2 }
        .s0 { stroke: #0969da } .s1 { stroke: #bc4c00 } .s2 { stroke: #8250df }
        circle, rect { stroke: none }
        circle.s0, rect.s0 { fill: #0969da; stroke: none } circle.s1, rect.s1 { fill: #bc4c00; stroke: none }
        circle.s2 { fill: #8250df; stroke: none }
        @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3 }
        .faint { fill: #8d96a0 }
        line { stroke: #30363d }
        .one, .goal { stroke: #e6edf3 }
        .s0 { stroke: #4493f8 } .s1 { stroke: #f0883e } .s2 { stroke: #ab7df8 }
        circle.s0, rect.s0 { fill: #4493f8 } circle.s1, rect.s1 { fill: #f0883e }
        circle.s2 { fill: #ab7df8 }
        }
        </style>
        """

    private func n(_ value: Double) -> String {
        let text = Text.fixed(abs(value), places: 1)
        return value < 0 ? "-\(text)" : text
    }

    private static func escape(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            default: String(character)
            }
        }.joined()
    }
}
