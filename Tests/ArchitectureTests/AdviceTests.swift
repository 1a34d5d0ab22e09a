import AirlockStrictJSON
import AirlockToolSupport
import Testing

/// Every rule needs an exit code and a hint. If they are missing, the tool uses the exit code and the hint of an
/// internal error. The compiler does not find such a rule, but this test does.
@Suite("Every rule that a tool can meet")
struct AdviceTests {
    /// Enums of rules that a tool can never report, keyed by the tool's name. The tool is linked with the modules of
    /// these enums, but does not use the rules.
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
