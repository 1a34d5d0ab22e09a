import Foundation
import Testing
import AirlockTestSupport
import AirlockToolSupport

/// docs/payment.svg shows the types that a payment passes through. The picture is drawn from the symbol graphs of the
/// modules. `AIRLOCK_RECORD=1` draws it again.
@Suite("The picture of a payment")
struct PaymentWalkTests {
    /// The types, in order. For each type, a public declaration must make a value of the next type.
    static let types = [
        "Request", "PaymentRequest", "Review", "ReviewedPayment", "ConsentedPayment", "Payment", "SignedPayment",
        "Broadcaster.Outcome",
    ]

    /// The modules that declare these types.
    static let modules = ["Requests", "Signing", "PaymentFiles", "Broadcast"]

    private static let picture = PackageRoot.url("docs/payment.svg")

    @Test("shows what the code declares")
    func current() throws {
        let drawn = try Self.draw(Self.modules.map { try SymbolGraph(of: $0) })
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            try Data(drawn.utf8).write(to: Self.picture)
        }
        #expect(try String(contentsOf: Self.picture, encoding: .utf8) == drawn, "record docs/payment.svg again")
    }

    // MARK: Drawing

    private static func draw(_ graphs: [SymbolGraph]) throws -> String {
        let tools = try ["airlock", "airlock-relay"].map { ($0, try ImportTests.reach(of: $0)) }
        var rows = ""
        for (index, type) in types.enumerated() {
            let top = 20 + index * 84
            let module = try #require(graphs.first { $0.declares(type) }, "no module declares \(type)").module
            let users = tools.filter { $0.1.contains(module) }.map(\.0).joined(separator: ", ")
            if index > 0 {
                let way = try #require(
                    graphs.flatMap { $0.ways(from: types[index - 1], to: type) }
                        .min { ($0.count, $0) < ($1.count, $1) },
                    "nothing public leads from \(types[index - 1]) to \(type)")
                rows += """
                      <path class="way" d="M150 \(top - 40)V\(top - 4)" marker-end="url(#head)"/>
                      <text class="mono" x="166" y="\(top - 16)">\(way)</text>

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
}

/// The public declarations of a module, as the compiler lists them.
private struct SymbolGraph {
    let module: String
    private let symbols: [Symbol]

    init(of module: String) throws {
        let scratch = try Scratch()
        let built = URL(filePath: BuiltTool.testFolder)
        // The module maps of the C modules are in Sources or in the build folder.
        let maps = try [PackageRoot.url("Sources"), built].flatMap { folder in
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .map { $0.appending(path: "module.modulemap").path }.filter(FileManager.default.fileExists)
                .flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
        }
        let words = [
            "swift", "symbolgraph-extract", "-module-name", "Airlock\(module)",
            "-target", "\(Self.machine)-unknown-linux-gnu", "-I", built.appending(path: "Modules").path,
            "-minimum-access-level", "public", "-skip-synthesized-members",
            "-output-dir", scratch.path,
        ]
        let outcome = try BuiltTool.runSwift(words + maps, in: scratch.path, environment: [:])
        try #require(outcome.exit == 0, "\(outcome.err)")
        self.module = module
        // One file contains the module's own symbols. The other files contain the symbols that the module adds to types
        // of other modules.
        symbols = try FileManager.default.contentsOfDirectory(
            at: URL(filePath: scratch.path), includingPropertiesForKeys: nil
        ).flatMap { try JSONDecoder().decode(Graph.self, from: Data(contentsOf: $0)).symbols }
    }

    private static var machine: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }

    func declares(_ type: String) -> Bool {
        let kinds = ["struct", "enum", "class", "protocol"].map { "swift.\($0)" }
        return symbols.contains {
            kinds.contains($0.kind.identifier) && $0.pathComponents.joined(separator: ".") == type
        }
    }

    /// Returns the initialisers, functions and properties that make a value of the type `second` from the type `first`.
    /// Their names are written as in DocC.
    func ways(from first: String, to second: String) -> [String] {
        let last = { (path: String) in path.split(separator: ".").last.map(String.init) ?? path }
        return symbols.filter { $0.leads(from: last(first), to: last(second)) }.map { symbol in
            let isInit = symbol.kind.identifier == "swift.init"
            let names = symbol.pathComponents.suffix(2)
            return isInit ? names.joined().replacing("init(", with: "(") : names.joined(separator: ".")
        }
    }

    private struct Graph: Decodable { let symbols: [Symbol] }

    private struct Symbol: Decodable {
        struct Kind: Decodable { let identifier: String }
        struct Fragment: Decodable {
            let kind: String
            let spelling: String
        }
        struct Signature: Decodable {
            struct Parameter: Decodable { let declarationFragments: [Fragment] }
            let parameters: [Parameter]?
            let returns: [Fragment]?
        }

        let kind: Kind
        let pathComponents: [String]
        let declarationFragments: [Fragment]
        let functionSignature: Signature?

        func leads(from first: String, to second: String) -> Bool {
            guard let owner = pathComponents.dropLast().last else { return false }
            let inputs = (functionSignature?.parameters ?? []).map(\.declarationFragments)
            let isTakenByOne = inputs.contains { Self.names($0, first) }
            switch kind.identifier {
            case "swift.init": return owner == second && isTakenByOne
            case "swift.method":
                return Self.names(functionSignature?.returns ?? [], second) && (isTakenByOne || owner == first)
            case "swift.type.method": return Self.names(functionSignature?.returns ?? [], second) && isTakenByOne
            case "swift.property": return Self.names(declarationFragments, second) && owner == first
            default: return false
            }
        }

        /// Whether the declaration contains the type, but no array of the type.
        private static func names(_ fragments: [Fragment], _ type: String) -> Bool {
            fragments.contains { $0.kind == "typeIdentifier" && $0.spelling == type }
                && !fragments.map(\.spelling).joined().contains("[\(type)]")
        }
    }
}
