import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPolicies
import Testing

@Suite("A policy's calls, as they are read")
struct CallRulesTests {
    private static let refused: [(String, String, [String])] = [
        ("no object", "[]", ["json.wrong-type /chains/8453/calls"]),
        (
            "no address", "{\"Vault\":{\"name\":\"\",\"functions\":{}}}",
            ["value.not-an-address /chains/8453/calls/Vault"]
        ),
        (
            "no name, no functions", "{\"\(alice)\":{}}",
            ["json.missing-field /chains/8453/calls/\(alice)/name", "json.missing-field "]
        ),
        (
            "a contract twice",
            "{\"\(alice)\":{\"name\":\"\",\"functions\":{}},\"\(alice.lowercased())\":{\"name\":\"\",\"functions\":{}}}",
            ["policy.repeated-function /chains/8453/calls/\(alice.lowercased())"]
        ),
        ("no signature", function("f", "{}"), ["abi.syntax /f"]),
        ("names in a signature", function("f(uint256 a)", "{}"), ["call.signature-not-canonical /f(uint256 a)"]),
        (
            "two with a selector",
            "{\"\(alice)\":{\"name\":\"\",\"functions\":{\"burn(uint256)\":{},\"collate_propagate_storage(bytes16)\":{}}}}",
            ["policy.same-selector "]
        ),
        ("an unknown member", function("f(uint256)", "{\"max\":\"1\"}"), ["json.unknown-field /f(uint256)/max"]),
        (
            "no such argument", function("f(uint256)", "{\"arguments\":{\"1\":[]}}"),
            ["policy.no-such-argument /f(uint256)/arguments/1"]
        ),
        (
            "a position written otherwise", function("f(uint256)", "{\"arguments\":{\"00\":[]}}"),
            ["policy.no-such-argument /f(uint256)/arguments/00"]
        ),
        (
            "a value of another type", function("f(uint8)", "{\"arguments\":{\"0\":[\"256\"]}}"),
            ["abi.out-of-range /f(uint8)/arguments/0/0"]
        ),
        (
            "no list", function("f(uint8)", "{\"arguments\":{\"0\":\"1\"}}"), ["json.wrong-type /f(uint8)/arguments/0"]
        ),
        (
            "an amount that is none",
            function("f(address)", "{\"spends\":{\"token\":\"\(token)\",\"argument\":\"0\"}}"),
            ["policy.argument-is-no-amount /f(address)/spends/argument"]
        ),
        (
            "spends of null", function("f(uint256)", "{\"spends\":null}"), ["json.wrong-type /f(uint256)/spends"]
        ),
        (
            "arguments of null", function("f(uint256)", "{\"arguments\":null}"),
            ["json.wrong-type /f(uint256)/arguments"]
        ),
        (
            "a spend of native currency",
            function("f(uint256)", "{\"spends\":{\"token\":\"\(Address.zero)\",\"argument\":\"0\"}}"),
            ["call.null-contract /f(uint256)/spends/token"]
        ),
        (
            "the same by its short name",
            function("f(uint256)", "{\"spends\":{\"token\":\"0x0\",\"argument\":\"0\"}}"),
            ["call.null-contract /f(uint256)/spends/token"]
        ),
        ("a value of null", function("f(uint256)", "{\"maxValue\":null}"), ["json.wrong-type /f(uint256)/maxValue"]),
        ("no spends", function("f(uint256)", "{\"spends\":[]}"), ["json.wrong-type /f(uint256)/spends"]),
        (
            "the zero address", "{\"\(Address.zero)\":{\"name\":\"\",\"functions\":{}}}",
            ["call.null-contract /chains/8453/calls/\(Address.zero)"]
        ),
        (
            "a spend of nothing", function("f(uint256)", "{\"spends\":{}}"),
            ["json.missing-field /f(uint256)/spends/token", "json.missing-field /f(uint256)/spends/argument"]
        ),
        (
            "a fraction", function("f(uint256)", "{\"maxValue\":\"1.5\"}"),
            ["value.not-a-decimal-integer /f(uint256)/maxValue"]
        ),
    ]

    private static func function(_ signature: String, _ rules: String) -> String {
        "{\"\(alice)\":{\"name\":\"\",\"functions\":{\"\(signature)\":\(rules)}}}"
    }

    @Test("are refused as malformed, with all that is wrong with them", arguments: refused)
    func malformed(name: String, calls: String, expected: [String]) {
        let found = problems { _ = try CallPolicyTests.policy(calls) }
        let prefix = "/chains/8453/calls/\(alice)/functions"
        let said = found.map { problem -> String in
            let rule = (problem.cause as? Problem)?.code ?? problem.code
            let field = problem.field ?? ""
            guard field.hasPrefix(prefix) else { return "\(rule) \(field)" }
            return "\(rule) \(field.dropFirst(prefix.count))"
        }
        #expect(said == expected, "\(name)")
        #expect(found.allSatisfy { $0.code == "policy.malformed" })
    }

    @Test("are said in sentences")
    func sentences() throws {
        let said = try CallPolicyTests.policy().sentences.filter { $0.contains("may be called") }
        #expect(said.count == 9)
        #expect(
            said.contains(
                "On base (8453) setOwner(address) of Vault (\(UnverifiedCallTests.contract)) may be called, without native "
                    + "currency, with argument 0 only \"\(alice)\" or \"\(token)\"."))
        #expect(
            said.contains { $0.contains("never(bool)") && $0.contains("with no value of argument 0, so not at all") })
        #expect(said.contains { $0.contains("where argument 0 is an amount of USDC \(token) that it takes") })
        #expect(try CallPolicyTests.policy("{}").sentences.contains("On base (8453) no contract may be called."))
    }
}
