import Testing

/// A rule without an exit code and a hint would end as a bug: the compiler cannot tell that one is missing, this can.
@Suite("Every rule that a tool can meet")
struct AdviceTests {
    /// Rules of modules that the relay links, and nothing that it does can break.
    static let unmet: [String: Set<String>] = [
        "OfflineTool": [], "RelayTool": ["SecretKeyRule", "TypedDataRule"],
    ]

    @Test("has an exit code, a hint and a place in the catalogue", arguments: ["OfflineTool", "RelayTool"])
    func advised(tool: String) throws {
        let reached = try ImportTests.reach(of: tool)
        let knowing = ["CommandLineTool", "Presentation", tool]
        let known = try knowing.flatMap { try SourceTree.files(under: "Sources/\($0)") }.map(\.text).joined()
        // Each kind of request lists its own, and the table of kinds gives them all to the catalogue.
        let folders = ["Calls", "Charges", "Safes", "Transfers"]
        let kinds = try folders.flatMap { try SourceTree.files(under: "Sources/\($0)") }.map(
            \.text
        )
        .joined().matches(of: /let rules: \[any Rule\.Type\] = \[([^\]]*)\]/).map { String($0.1) }.joined()
        var count = 0
        for module in reached {
            for (file, text) in try SourceTree.files(under: "Sources/\(module)") {
                for match in text.matches(of: /enum (\w+): String, (Rule|Advised)\b/) {
                    let (name, kind) = (String(match.1), match.2)
                    count += 1
                    #expect(kind == "Advised" || known.contains("extension \(name): Advised {"), "\(name) in \(file)")
                    if try #require(Self.unmet[tool]).contains(name) { continue }
                    let isListed = known.contains("add(\(name).self)") || kinds.contains("\(name).self")
                    #expect(isListed, "\(name) in \(file)")
                }
            }
        }
        #expect(count > 25)
    }

    @Test("is asked for by itself where anything is decided: neither by its code's text nor by an exit code")
    func decisions() throws {
        // What a person asks the catalogue for is a text.
        for (name, text) in try SourceTree.files(under: "Sources") where !name.hasSuffix("/Catalogue.swift") {
            for pattern in [#/\.code\.hasPrefix/#, #/rawValue: \w*\.code\b/#, #/\.exit [!=]= \./#, #/\.code [!=]= /#] {
                let decides = text.contains(pattern)
                #expect(!decides, "\(name)")
            }
        }
    }
}
