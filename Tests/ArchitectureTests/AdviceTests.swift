import AirlockStrictJSON
import AirlockToolSupport
import Testing

/// A rule needs an exit code and a hint. Without them, the tool reports the rule as a bug of Airlock. The compiler does
/// not notice that they are missing, but this test does.
@Suite("Every rule that a tool can meet")
struct AdviceTests {
    /// For each tool, the enums of rules that the tool can never report, although it is linked with their modules.
    static let unmet: [String: Set<String>] = [
        "airlock": [], "airlock-relay": ["SecretKeyRule", "TypedDataRule"],
    ]

    @Test("has an exit code, a hint and a place in the catalogue", arguments: ["airlock", "airlock-relay"])
    func advised(tool: String) throws {
        let rules = try LinkedRules(of: tool)
        let explained = try BuiltTool(tool).run(["explain", "--json"], in: "/").out
        let codes = try Set(
            #require(JSONDocument(Array(explained.utf8)).root["codes"]?.elements).map { $0["code"]?.string })
        #expect(rules.types.count > 25)
        for type in rules.types {
            let name = String(describing: type)
            #expect(rules.advised.contains(name), "\(name)")
            if try #require(Self.unmet[tool]).contains(name) { continue }
            for rule in LinkedRules.rules(of: type) { #expect(codes.contains(rule.rawValue), "\(name)") }
        }
    }

    @Test("is asked for by itself where anything is decided: neither by its code's text nor by an exit code")
    func decisions() throws {
        // Catalogue.swift is not checked. It must compare codes as text, because a user gives `explain` a code as text.
        for (name, text) in try SourceTree.files(under: "Sources") where !name.hasSuffix("/Catalogue.swift") {
            for pattern in [#/\.code\.hasPrefix/#, #/rawValue: \w*\.code\b/#, #/\.exit [!=]= \./#, #/\.code [!=]= /#] {
                let decides = text.contains(pattern)
                #expect(!decides, "\(name)")
            }
        }
    }
}
