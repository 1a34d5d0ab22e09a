import AirlockDiagnostics
import AirlockStrictJSON
import Testing
import AirlockTypedData

@Suite("What is no typed data")
struct TypedDataRefusalTests {
    /// Returns the code and the field of each problem of a text.
    static func problems(_ text: String) throws -> [String] {
        let list = try #require(throws: ProblemList.self) { try TypedData(Array(text.utf8)) }
        return list.problems.map { "\($0.code) \($0.field ?? "-")" }
    }

    static let domainType = #""EIP712Domain":[{"name":"name","type":"string"}]"#

    @Test(
        "a document without its parts is refused",
        arguments: [
            ("", ["json.empty "]), ("[]", ["json.wrong-type "]),
            (#"{"types":{},"types":{}}"#, ["json.duplicate-key /types"]),
            (
                "{}",
                [
                    "json.missing-field /types", "json.missing-field /primaryType", "json.missing-field /domain",
                    "json.missing-field /message",
                ]
            ),
            (
                #"{"types":{\#(domainType)},"primaryType":"A","domain":{},"message":{},"extra":1}"#,
                ["json.unknown-field /extra"]
            ),
            (#"{"types":[],"primaryType":"A","domain":{},"message":{}}"#, ["json.wrong-type /types"]),
            (
                #"{"types":{\#(domainType)},"primaryType":"B","domain":{},"message":{}}"#,
                ["typed-data.unknown-type /primaryType"]
            ),
            (
                #"{"types":{\#(domainType)},"primaryType":"EIP712Domain[]","domain":{},"message":{}}"#,
                ["typed-data.unknown-type /primaryType"]
            ),
            (
                #"{"types":{\#(domainType),"K":[]},"primaryType":"\u212a","domain":{},"message":{}}"#,
                ["typed-data.unknown-type /primaryType"]
            ),
            (
                #"{"types":{\#(domainType)},"primaryType":"EIP712Domain","domain":{"name":""},"message":{"name":""}}"#,
                ["typed-data.message-not-empty /message"]
            ),
            (
                #"{"types":{\#(domainType)},"primaryType":"EIP712Domain","domain":{"name":""},"message":null}"#,
                ["typed-data.message-not-empty /message"]
            ),
        ])
    func envelope(text: String, problems: [String]) throws { #expect(try Self.problems(text) == problems) }

    @Test(
        "types that could be read in two ways, or not at all, are refused",
        arguments: [
            (#""A":{}"#, ["json.wrong-type /types/A"]), (#""A":[1]"#, ["json.wrong-type /types/A/0"]),
            (#""A":[{"name":"a"}]"#, ["json.missing-field /types/A/0/type"]),
            (#""A":[{"type":"bool"}]"#, ["json.missing-field /types/A/0/name"]),
            (#""A":[{"name":"a","type":"bool","x":0}]"#, ["json.unknown-field /types/A/0/x"]),
            (
                #""A":[{"name":"a","type":"bool"},{"name":"a","type":"bool"}]"#,
                ["typed-data.duplicate-member /types/A"]
            ),
            (#""A":[{"name":"a,bool b","type":"bool"}]"#, ["typed-data.bad-name /types/A/0/name"]),
            (#""A":[{"name":"a)","type":"bool"}]"#, ["typed-data.bad-name /types/A/0/name"]),
            (#""A":[{"name":"\u0430","type":"bool"}]"#, ["typed-data.bad-name /types/A/0/name"]),
            (#""A":[],"B(bool b)":[]"#, ["typed-data.bad-name /types/B(bool b)"]),
            (#""A":[],"B B":[]"#, ["typed-data.bad-name /types/B B"]),
            (#""A":[],"B[]":[]"#, ["typed-data.bad-name /types/B[]"]),
            (#""A":[],"uint256":[]"#, ["typed-data.reserved-name /types/uint256"]),
            (#""A":[],"uint":[]"#, ["typed-data.reserved-name /types/uint"]),
            (#""A":[],"string":[]"#, ["typed-data.reserved-name /types/string"]),
            (#""A":[{"name":"a","type":"B"}]"#, ["typed-data.unknown-type /types/A/0/type"]),
            (#""A":[{"name":"a","type":"uint"}]"#, ["typed-data.unknown-type /types/A/0/type"]),
            (#""A":[{"name":"a","type":"uint7"}]"#, ["typed-data.unknown-type /types/A/0/type"]),
            (#""A":[{"name":"a","type":" bool"}]"#, ["typed-data.unknown-type /types/A/0/type"]),
            (#""A":[{"name":"a","type":"function"}]"#, ["typed-data.unknown-type /types/A/0/type"]),
            (#""A":[{"name":"a","type":"(bool)"}]"#, ["typed-data.unknown-type /types/A/0/type"]),
            (#""K":[],"A":[{"name":"a","type":"\u212a[]"}]"#, ["typed-data.unknown-type /types/A/0/type"]),
            (
                #""A":[{"name":"a","type":"B[]"},{"name":"b","type":"bool[02]"}]"#,
                ["typed-data.wrong-array-length /types/A/1/type"]
            ),
            (#""A":[{"name":"a","type":"bool[-1]"}]"#, ["typed-data.wrong-array-length /types/A/0/type"]),
            (#""A":[{"name":"a","type":"bool[x]"}]"#, ["typed-data.wrong-array-length /types/A/0/type"]),
            (#""A":[{"name":"a","type":"bool]"}]"#, ["typed-data.wrong-array-length /types/A/0/type"]),
            (
                #""A":[{"name":"a","type":"bool\#(String(repeating: "[]", count: 65))"}]"#,
                ["typed-data.too-deep /types/A/0/type"]
            ),
            (
                #""A":[{"name":"\#(String(repeating: "a", count: 65_536))","type":"bool"}]"#,
                ["typed-data.types-too-large /types"]
            ),
            ((0...256).map { "\"A\($0)\":[]" }.joined(separator: ","), ["typed-data.types-too-large /types"]),
            (
                "\"A\":[\((0...256).map { #"{"name":"a\#($0)","type":"bool"}"# }.joined(separator: ","))]",
                ["typed-data.types-too-large /types"]
            ),
        ])
    func types(types: String, problems: [String]) throws {
        let text = #"{"types":{\#(Self.domainType),\#(types)},"primaryType":"A","domain":{"name":""},"message":{}}"#
        #expect(try Self.problems(text) == problems)
    }

    @Test(
        "a domain that is not EIP-712's is refused",
        arguments: [
            ("", ["json.missing-field /types/EIP712Domain"]),
            (#""EIP712Domain":[]"#, ["typed-data.empty-domain /types/EIP712Domain"]),
            (#""EIP712Domain":[{"name":"name","type":"bytes"}]"#, ["typed-data.domain-field /types/EIP712Domain/0"]),
            (#""EIP712Domain":[{"name":"title","type":"string"}]"#, ["typed-data.domain-field /types/EIP712Domain/0"]),
            (
                #""EIP712Domain":[{"name":"version","type":"string"},{"name":"name","type":"string"}]"#,
                ["typed-data.domain-field /types/EIP712Domain/1"]
            ),
            (
                #""EIP712Domain":[{"name":"name","type":"string"},{"name":"chainId","type":"uint256"}]"#,
                ["json.missing-field /domain/chainId"]
            ),
            (
                #""EIP712Domain":[{"name":"version","type":"string"}]"#,
                ["json.missing-field /domain/version", "json.unknown-field /domain/name"]
            ),
        ])
    func domain(type: String, problems: [String]) throws {
        let types = type.isEmpty ? #""A":[]"# : #"\#(type),"A":[]"#
        let text = #"{"types":{\#(types)},"primaryType":"A","domain":{"name":""},"message":{}}"#
        #expect(try Self.problems(text) == problems)
    }

    @Test(
        "a message that is not of its types is refused",
        arguments: [
            ("bool", "1", ["abi.type-mismatch /message/a"]), ("bool", "\"true\"", ["abi.type-mismatch /message/a"]),
            ("uint8", "256", ["abi.out-of-range /message/a"]), ("uint8", "\"0x100\"", ["abi.out-of-range /message/a"]),
            ("uint8", "\"0x\"", ["value.not-a-hex-quantity /message/a"]),
            ("uint8", "\"0x0g\"", ["value.not-a-hex-quantity /message/a"]),
            ("uint8", "\"0X01\"", ["value.not-a-decimal-integer /message/a"]),
            ("uint8", "\"0x0100\"", ["abi.out-of-range /message/a"]),
            ("uint256", "\"0x01\(String(repeating: "0", count: 64))\"", ["value.too-large /message/a"]),
            ("uint8", "-1", ["value.not-a-decimal-integer /message/a"]),
            ("uint8", "1.0", ["value.not-a-decimal-integer /message/a"]),
            ("uint8", "true", ["abi.type-mismatch /message/a"]), ("int8", "\"0x80\"", ["abi.out-of-range /message/a"]),
            ("int8", "\"-0x1\"", ["value.not-a-decimal-integer /message/a"]),
            ("int256", "\"0x\(String(repeating: "f", count: 64))\"", ["value.too-large /message/a"]),
            ("address", "\"0x00\"", ["value.not-an-address /message/a"]),
            ("bytes4", "\"0x010203\"", ["abi.type-mismatch /message/a"]),
            ("bytes", "\"abc\"", ["value.not-hex /message/a"]),
            ("string", "1", ["abi.type-mismatch /message/a"]), ("string", "null", ["abi.type-mismatch /message/a"]),
            ("bool[]", "true", ["json.wrong-type /message/a"]),
            ("bool[]", "[true,1]", ["abi.type-mismatch /message/a/1"]),
            ("bool[2]", "[true]", ["typed-data.wrong-count /message/a"]),
            ("bool[][1]", "[[],[]]", ["typed-data.wrong-count /message/a"]),
            ("B", "null", ["json.wrong-type /message/a"]),
            ("B", "[]", ["json.wrong-type /message/a"]),
            ("B", "{}", ["json.missing-field /message/a/x", "json.missing-field /message/a/y"]),
            ("B", #"{"x":true,"y":1,"z":1}"#, ["json.unknown-field /message/a/z"]),
            (
                "B[]", #"[{"x":1,"y":1},{"x":true,"y":-1}]"#,
                ["abi.type-mismatch /message/a/0/x", "value.not-a-decimal-integer /message/a/1/y"]
            ),
        ])
    func message(type: String, value: String, problems: [String]) throws {
        let text = """
            {"types":{\(Self.domainType),"A":[{"name":"a","type":"\(type)"}],
            "B":[{"name":"x","type":"bool"},{"name":"y","type":"uint8"}]},
            "primaryType":"A","domain":{"name":""},"message":{"a":\(value)}}
            """
        #expect(try Self.problems(text) == problems)
    }

    @Test("a struct that must hold itself is never complete")
    func endless() throws {
        let text = """
            {"types":{\(Self.domainType),"A":[{"name":"a","type":"A"}]},"primaryType":"A","domain":{"name":""},
            "message":{"a":{"a":{"a":{}}}}}
            """
        #expect(try Self.problems(text) == ["json.missing-field /message/a/a/a/a"])
    }

    @Test("problems of the domain and of the message are said together, and no more than anybody reads")
    func together() throws {
        let text = """
            {"types":{\(Self.domainType),"A":[{"name":"a","type":"bool[]"}]},"primaryType":"A","domain":{},
            "message":{"a":[\(Array(repeating: "1", count: 500).joined(separator: ","))]}}
            """
        let problems = try Self.problems(text)
        #expect(problems.prefix(2) == ["json.missing-field /domain/name", "abi.type-mismatch /message/a/0"])
        #expect(problems.count == ObjectReader.problemLimit)
    }

    @Test("names that other wallets hash are read, when they can be read in one way only")
    func names() throws {
        let text = """
            {"types":{\(Self.domainType),"App:Send":[{"name":"to whom","type":"bool"}]},"primaryType":"App:Send",
            "domain":{"name":""},"message":{"to whom":true}}
            """
        #expect(try TypedData(Array(text.utf8)).encodeType == "App:Send(bool to whom)")
    }

    @Test("every rule has a code of this module and a meaning", arguments: TypedDataRule.allCases)
    func complete(rule: TypedDataRule) {
        #expect(rule.rawValue.hasPrefix("typed-data."))
        #expect(!rule.meaning.isEmpty && !rule.meaning.hasSuffix("."))
    }
}
