import Foundation
import Testing
import AirlockTestSupport

/// docs/payment.svg shows the types that a payment passes through. The picture is made of the declarations in Sources, and
/// `AIRLOCK_RECORD=1` draws it again.
@Suite("The picture of a payment")
struct PaymentWalkTests {
    /// The types, in order. Each must be made of the one before by a public declaration.
    static let types = [
        "Request", "PaymentRequest", "Review", "ReviewedPayment", "ConsentedPayment", "Payment", "SignedPayment",
        "Outcome",
    ]

    private static let picture = PackageRoot.url("docs/payment.svg")

    @Test("shows what the code declares")
    func current() throws {
        let drawn = try Self.draw(Declaration.all())
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            try Data(drawn.utf8).write(to: Self.picture)
        }
        #expect(try String(contentsOf: Self.picture, encoding: .utf8) == drawn, "record docs/payment.svg again")
    }

    @Test(
        "follows initialisers, functions and properties that lead from one type to the next",
        arguments: [
            ("public struct B {\n    public init(_ a: A, c: Int) {", "B(_:c:)"),
            ("public struct B {\n    public init?(\n        c: Int, a: any A\n    ) throws(E) {", "B(c:a:)"),
            ("extension A {\n    public func make(from c: Int) throws -> B? {", "A.make(from:)"),
            ("extension A {\n    public let made: B?", "A.made"),
            ("enum C {\n    public static func of(_ a: A) -> B {", "C.of(_:)"),
            ("public struct B {\n    init(_ a: A) {", nil), ("public struct B {\n    public init(_ a: AA) {", nil),
            ("public struct C {\n    public init(_ a: A) {", nil),
            ("public struct A {\n    struct C {\n        public let made: B\n", nil),
        ])
    func declarations(text: String, name: String?) {
        #expect(Declaration.all(in: text).first { $0.leads(from: "A", to: "B") }?.name == name)
    }

    // MARK: Drawing

    private static func draw(_ declarations: [Declaration]) throws -> String {
        let homes = try Dictionary(uniqueKeysWithValues: types.map { ($0, try home(of: $0)) })
        let tools = try ["airlock", "airlock-relay"].map { ($0, try ImportTests.reach(of: $0)) }
        var rows = ""
        for (index, type) in types.enumerated() {
            let top = 20 + index * 84
            let module = try #require(homes[type])
            let users = tools.filter { $0.1.contains(module) }.map(\.0).joined(separator: ", ")
            if index > 0 {
                let way = try #require(
                    declarations.filter { $0.leads(from: types[index - 1], to: type) }.min { $0.order < $1.order },
                    "nothing public leads from \(types[index - 1]) to \(type)")
                rows += """
                      <path class="way" d="M150 \(top - 40)V\(top - 4)" marker-end="url(#head)"/>
                      <text class="mono" x="166" y="\(top - 16)">\(way.name)</text>

                    """
            }
            rows += """
                  <rect class="\(users)" x="20" y="\(top)" width="260" height="44"/>
                  <text class="mono" x="36" y="\(top + 27)">\(type)</text>
                  <text class="quiet" x="300" y="\(top + 27)">\(module), in \(users)</text>

                """
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 \(types.count * 84)" role="img" aria-labelledby="title text">
              <title id="title">The types that a payment passes through</title>
              <desc id="text">\(types.joined(separator: ", then ")).</desc>
              <style>
                text { font: 14px ui-sans-serif, system-ui, sans-serif; fill: #1f2328; }
                .quiet { font-size: 12px; fill: #59636e; }
                .mono { font-family: ui-monospace, monospace; font-size: 13px; }
                rect { fill: #f6f8fa; stroke: #8c959f; rx: 6px; }
                rect.airlock { fill: #dafbe1; }
                .way { stroke: #8c959f; fill: none; stroke-width: 1.5; }
                .head { fill: #8c959f; }
                @media (prefers-color-scheme: dark) {
                  text { fill: #e6edf3; }
                  .quiet { fill: #9198a1; }
                  rect { fill: #21262d; stroke: #6e7681; }
                  rect.airlock { fill: #12361f; }
                }
              </style>
              <defs>
                <marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
                  <path class="head" d="M0 0L10 5L0 10z"/>
                </marker>
              </defs>

            \(rows)</svg>

            """
    }

    /// The module that declares a type; a nested one where none of this name stands by itself.
    private static func home(of type: String) throws -> String {
        let files = try SourceTree.files(under: "Sources").sorted { $0.name < $1.name }
        for indent in ["", "    "] {
            let declared = try Regex("(?m)^\(indent)public (?:struct|enum|protocol|final class) \(type)\\b")
            if let file = files.first(where: { $0.text.contains(declared) }) {
                return String(file.name.prefix { $0 != "/" })
            }
        }
        throw NoSuchType(name: type)
    }

    private struct NoSuchType: Error { let name: String }
}

/// A public initialiser, function or property of a type.
private struct Declaration {
    /// As DocC names it: `ConsentedPayment.typed(_:for:)`.
    let name: String
    let owner: String
    /// The types that it takes.
    let inputs: String
    /// The type that it gives.
    let output: String
    let isStatic: Bool

    /// The shortest name first, so that the choice does not depend on the order of files.
    var order: (Int, String) { (name.count, name) }

    func leads(from first: String, to second: String) -> Bool {
        func names(_ text: String, _ type: String) -> Bool {
            text.matches(of: /\w+/).contains { $0.output == type } && !text.contains("[\(type)]")
        }
        guard names(output, second) else { return false }
        return names(inputs, first) || owner == first && !isStatic
    }

    static func all() throws -> [Declaration] {
        try SourceTree.files(under: "Sources").sorted { $0.name < $1.name }.flatMap {
            all(in: $0.text)
        }
    }

    /// Those that stand directly in a type or an extension of the file, by their indentation.
    static func all(in text: String) -> [Declaration] {
        let heads = text.matches(
            of: /(?m)^(?:public |package )?(?:final )?(?:extension|struct|enum|class|protocol) (?:\w+\.)*(\w+)/)
        let member = /(?m)^ {4}public (static )?(?:(init)\??|func (\w+)|(?:let|var) (\w+)(?=:))/
        return text.matches(of: member).compactMap { match in
            guard let owner = heads.last(where: { $0.range.lowerBound < match.range.lowerBound })?.1 else { return nil }
            let rest = text[match.range.upperBound...]
            let isStatic = match.1 != nil
            if let property = match.4 {
                let type = rest.dropFirst().prefix { !"={\n".contains($0) }
                return Declaration(
                    name: "\(owner).\(property)", owner: String(owner), inputs: "", output: String(type),
                    isStatic: isStatic)
            }
            // Whatever follows the parameters up to the body says what is given.
            var (depth, end) = (0, rest.startIndex)
            for index in rest.indices {
                if rest[index] == "(" { depth += 1 }
                if rest[index] == ")" { depth -= 1 }
                end = index
                if depth == 0, rest[index] == ")" { break }
            }
            let parameters = String(rest[..<end])
            let tail = rest[end...].prefix { $0 != "{" && $0 != "\n" }
            let labels = parameters.matches(of: /(?:[(,]\s*)(\w+)(?: \w+)?:/).map { "\($0.1):" }.joined()
            let function = match.3.map { "\(owner).\($0)" } ?? String(owner)
            return Declaration(
                name: "\(function)(\(labels))", owner: String(owner), inputs: parameters,
                output: match.2 == nil ? String(tail) : String(owner), isStatic: isStatic || match.2 != nil)
        }
    }
}
