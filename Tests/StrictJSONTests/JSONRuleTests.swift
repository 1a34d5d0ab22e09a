import AirlockDiagnostics
import AirlockStrictJSON
import Testing

@Suite("The rules of JSON")
struct JSONRuleTests {
    @Test("are all broken by some text")
    func reachable() {
        let tables =
            RefusalTests.structure + RefusalTests.duplicates + RefusalTests.numbers + RefusalTests.strings
            + RefusalTests.encodings
        // The rules of size and depth are tested in HostileTests and AcceptanceTests. The rules of members are tested
        // in ObjectReaderTests.
        let elsewhere: Set<JSONRule> = [.tooLarge, .tooDeep, .missingField, .wrongType, .unknownField]
        #expect(Set(tables.map(\.rule)).union(elsewhere) == Set(JSONRule.allCases))
    }

    @Test("have one form of code, and say what is wrong", arguments: JSONRule.allCases)
    func catalogue(rule: JSONRule) {
        #expect(rule.rawValue.wholeMatch(of: /json(\.[a-z0-9]+)(-[a-z0-9]+)*/) != nil)
        #expect(!rule.meaning.hasSuffix("."))
    }

    @Test("are said with the place, and with nothing of the text but names")
    func problem() throws {
        let error = #expect(throws: JSONError.self) { try JSONDocument(text: "{\"key\u{1b}\":\n \"secret\n\"}") }
        #expect(error?.problems.map(\.message) == ["a string has a control character: line 1, column 6"])
        let second = #expect(throws: JSONError.self) { try JSONDocument(text: "{\"k\u{7f}\":\n \"secret\n\"}") }
        #expect(second?.problems.map(\.message) == ["a string has a control character: line 2, column 9"])
        #expect(second?.problems.map(\.field) == ["/k\\u{7f}"])
    }
}
