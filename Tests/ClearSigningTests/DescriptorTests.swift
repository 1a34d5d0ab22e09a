import AirlockABI
import AirlockClearSigning
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockStrictJSON
import AirlockTestSupport
import AirlockTypedData
import Foundation
import Testing

@Suite("A descriptor")
struct DescriptorTests {
    private static let key = "f(uint256 x)"

    private static let many = (0...512).map { "\"c\($0)\":0" }.joined(separator: ",")

    /// Descriptors that are refused as a whole. Each row has a name, the descriptor and the problems.
    static let malformed: [(String, String, [String])] = [
        (
            "schema 1", Written.text(key, fields: "").replacing("v2.schema", with: "v1.schema"),
            ["descriptor.schema-version /$schema"]
        ),
        (
            "a draft of schema 2", Written.text(key, fields: "").replacing("v2.schema", with: "v2.1.0-rc.1.schema"),
            ["descriptor.schema-version /$schema"]
        ),
        ("no schema", #"{"context":{}}"#, ["descriptor.schema-version /$schema"]),
        (
            "a member twice", Written.text(key, fields: "").replacing("\"context\"", with: "\"metadata\""),
            ["json.duplicate-key /metadata"]
        ),
        ("no context", Written.text(key, fields: "", context: "{}"), ["descriptor.binds-nothing /context"]),
        (
            "a factory",
            Written.text(key, fields: "", context: #"{"contract":{"factory":{"deployments":[],"deployEvent":"E()"}}}"#),
            ["descriptor.not-supported /context/contract/factory"]
        ),
        (
            "a deployment without a chain",
            Written.text(key, fields: "", context: #"{"contract":{"deployments":[{"address":"\#(Written.token)"}]}}"#),
            ["json.wrong-type /context/contract/deployments/0"]
        ),
        (
            "a key that is no function", Written.text("f(uint7 x)", fields: ""),
            ["descriptor.bad-format-key /display/formats/f(uint7 x)"]
        ),
        (
            "one function twice",
            Written.text(key, fields: "").replacing("\"formats\":{", with: "\"formats\":{\"f(uint256 y)\":{},"),
            ["descriptor.same-function-twice /display/formats/f(uint256 x)"]
        ),
        (
            "a number without a canonical form",
            Written.text(key, fields: "").replacing("8453", with: "12345678901234567890"),
            ["descriptor.not-canonical /context/contract/deployments/0/chainId"]
        ),
        (
            "an object of 513 members", Written.text(key, fields: "", metadata: "{\"constants\":{\(many)}}"),
            ["descriptor.too-large /metadata/constants"]
        ),
    ]

    @Test("is refused", arguments: malformed.indices)
    func refused(_ index: Int) {
        let (_, text, expected) = Self.malformed[index]
        #expect(codes { _ = try Written.read(text) } == expected)
    }

    /// Fields that are not supported or not valid, each with its problem. Airlock cannot use the format that contains
    /// such a field, but it can still use another format of the same descriptor.
    static let unsupportedFields: [(String, String)] = [
        (#"{"path":"x","format":"interoperableAddressName"}"#, "descriptor.not-supported"),
        (#"{"path":"x","encryption":{"scheme":"fhevm"}}"#, "descriptor.not-supported"),
        (#"{"path":"x","separator":"{index}"}"#, "descriptor.not-supported"),
        (#"{"path":"x","format":"unit","params":{"base":"s","prefix":true}}"#, "descriptor.not-supported"),
        (#"{"path":"x","format":"unit","params":{"base":"s","decimals":78}}"#, "descriptor.not-supported"),
        (#"{"path":"x","format":"date","params":{"encoding":"julian"}}"#, "descriptor.not-supported"),
        (#"{"path":"x","format":"raw","params":{"base":"s"}}"#, "descriptor.not-supported"),
        (
            #"{"path":"x","format":"tokenAmount","params":{"token":{"map":"$.metadata.maps.a","keyPath":"x"}}}"#,
            "descriptor.not-supported"
        ),
        (#"{"path":"x","format":"tokenAmount","params":{"token":"0x","tokenPath":"x"}}"#, "descriptor.not-supported"),
        (#"{"path":"x","format":"tokenAmount","params":{"threshold":"much"}}"#, "descriptor.wrong-type"),
        (#"{"path":"x","format":"calldata"}"#, "descriptor.not-supported"),
        (#"{"path":"x","format":"nftName"}"#, "descriptor.not-supported"),
        (#"{"path":"x","visible":"sometimes"}"#, "descriptor.not-supported"),
        (#"{"path":"x","visible":{"ifNotIn":[1],"mustMatch":[1]}}"#, "descriptor.not-supported"),
        (#"{"path":"x","visible":{"mustMatch":[]}}"#, "descriptor.not-supported"),
        (#"{"iteration":"spiral","fields":[]}"#, "descriptor.not-supported"),
        (#"{"label":"X"}"#, "descriptor.bad-path"),
        (#"{"path":"x","value":"y"}"#, "descriptor.bad-path"),
        (#"{"path":"x..y"}"#, "descriptor.bad-path"),
        (#"{"path":"x.[0:1:2]"}"#, "descriptor.bad-path"),
        (#"{"path":"x.[0"}"#, "descriptor.bad-path"),
        (#"{"path":"x.[00]"}"#, "descriptor.bad-path"),
        (#"{"path":"x.[-9223372036854775808]"}"#, "descriptor.bad-path"),
        (#"{"path":""}"#, "descriptor.bad-path"),
        (#"{"path":"x","$ref":"$.display.definitions.none"}"#, "descriptor.missing-constant"),
        (#"{"path":"x","$ref":"$.metadata.owner"}"#, "descriptor.missing-constant"),
        (#"{"value":"$.metadata.constants.none"}"#, "descriptor.missing-constant"),
        (#"{"path":"x","format":"enum","params":{"$ref":"$.metadata.constants"}}"#, "descriptor.missing-constant"),
        (#"{"path":"x","label":"\#(String(repeating: "l", count: 513))"}"#, "descriptor.too-large"),
        (String(repeating: #"{"path":"x"},"#, count: 512) + #"{"path":"x"}"#, "descriptor.too-large"),
        (
            String(repeating: #"{"fields":["#, count: 10) + #"{"path":"x"}"# + String(repeating: "]}", count: 10),
            "descriptor.too-large"
        ),
    ]

    @Test("does not apply where it uses what is not supported, and says so", arguments: unsupportedFields.indices)
    func unsupported(_ index: Int) throws {
        let (fields, code) = Self.unsupportedFields[index]
        let text = Written.text(Self.key, fields: fields)
            .replacing("\"formats\":{", with: "\"formats\":{\"g(uint256 x)\":{\"fields\":[{\"path\":\"x\"}]},")
        let descriptor = try Written.read(text)
        #expect(descriptor.problems.map(\.code) == [code])
        let found = codes {
            _ = try descriptor.describe(Written.call("f(uint256)", [.uint(1)]), names: KnownNames())
        }
        #expect(found.map { String($0.prefix { $0 != " " }) } == [code])
        #expect(try descriptor.describe(Written.call("g(uint256)", [.uint(1)]), names: KnownNames()).lines == [": 1"])
    }

    @Test("with any byte altered is refused, or still shows no more than the call has")
    func altered() throws {
        let fields =
            #"{"path":"x.[-20:]","label":"P","format":"addressName","visible":{"ifNotIn":["0x01",7]}},"#
            + #"{"iteration":"bundled","fields":[{"path":"x","format":"unit","params":{"base":"%","decimals":2}}]}"#
        let bytes = Array(Written.text(Self.key, fields: fields, sentence: "Do {x} {{}}").utf8)
        let call = try Written.call("f(uint256)", [.uint(1)])
        for place in bytes.indices {
            for mask: UInt8 in [0x01, 0x08, 0x1d] {
                var altered = bytes
                altered[place] ^= mask
                let descriptor = try? Descriptor("a.json") { _ in altered }
                let description = try? descriptor?.describe(call, names: KnownNames())
                #expect(description.map { $0.facts.arguments.count == 1 && $0.fields.count <= 2 } ?? true)
            }
        }
    }

    // MARK: What it is for

    @Test("is for its contracts alone, on their chains, and for proxies of which that is known")
    func binding() throws {
        let descriptor = try Written.read(Written.text(Self.key, fields: #"{"path":"x"}"#))
        func result(
            _ chain: UInt256, _ to: Address, _ function: String = "f(uint256)", _ names: KnownNames = KnownNames()
        )
            -> [String]
        {
            codes {
                let call = try Written.call(function, [.uint(1)], chain: chain, to: to)
                let isCovered = (try? descriptor.describe(call, names: names)) != nil
                #expect(descriptor.covers(call, names: names) == isCovered)
                _ = try descriptor.describe(call, names: names)
                #expect(try Descriptors([descriptor]).describe(call, names: names) != nil)
            }
        }
        #expect(result(8453, Written.contract) == [])
        #expect(result(1, Written.contract) == ["descriptor.other-contract"])
        #expect(result(8453, Written.token) == ["descriptor.other-contract"])
        #expect(result(8453, Written.contract, "g(uint256)") == ["descriptor.unknown-function"])
        let proxies = KnownNames(proxies: [Written.token: Written.contract])
        #expect(result(8453, Written.token, "f(uint256)", proxies) == [])
        let call = try Written.call("f(uint256)", [.uint(1)], to: Written.token)
        #expect(try Descriptors([descriptor]).describe(call, names: KnownNames()) == nil)
        let unbound = try Written.read(Written.text(Self.key, fields: "", context: #"{"contract":{}}"#))
        #expect(codes { _ = try unbound.describe(call, names: KnownNames()) } == ["descriptor.binds-nothing"])
    }

    @Test("is not used for data that are not exactly those of the function")
    func data() throws {
        let descriptor = try Written.read(Written.text(Self.key, fields: #"{"path":"x"}"#))
        let data = try Written.call("f(uint256)", [.uint(1)]).data
        for wrong in [data + [0], Array(data.dropLast()), Array(data.prefix(4))] {
            let call = ContractCall(
                chain: 8453, from: nil, to: Written.contract, value: .zero, data: wrong)
            #expect(codes { _ = try descriptor.describe(call, names: KnownNames()) } == ["descriptor.call-data data"])
            #expect(descriptor.covers(call, names: KnownNames()))
        }
        let short = ContractCall(chain: 8453, from: nil, to: Written.contract, value: .zero, data: [1, 2])
        #expect(codes { _ = try descriptor.describe(short, names: KnownNames()) } == ["descriptor.call-data"])
        #expect(!descriptor.covers(short, names: KnownNames()))
    }

    @Test("is not chosen where another one describes the same")
    func ambiguous() throws {
        let text = Written.text(Self.key, fields: #"{"path":"x"}"#)
        let two = Descriptors([try Written.read(text), try Written.read(["b.json": text], "b.json")])
        let call = try Written.call("f(uint256)", [.uint(1)])
        #expect(codes { _ = try two.describe(call, names: KnownNames()) } == ["descriptor.ambiguous"])
    }

    /// Each row has one or two descriptors. One of them requires a value (`mustMatch`), so nothing is signed if it
    /// cannot be applied.
    static let demanding: [(String, [String])] = [
        ("two for the same", [#"{"path":"x"}"#, #"{"path":"x","visible":{"mustMatch":[1]}}"#]),
        ("two, one unread", [#"{"path":"x","visible":{"mustMatch":[1]}}"#, #"{"path":"x","format":"none"}"#]),
        ("one unread", [#"{"path":"x","visible":{"mustMatch":[1]}},{"path":"x","format":"none"}"#]),
        ("an unread rule", [#"{"path":"x","visible":{"ifNotIn":[1],"mustMatch":[1]}}"#]),
    ]

    @Test("refuses if it demands a value and cannot be applied", arguments: demanding)
    func demand(name: String, fields: [String]) throws {
        let descriptors = try fields.enumerated().map { index, fields in
            try Written.read(["\(index).json": Written.text(Self.key, fields: fields)], "\(index).json")
        }
        let call = try Written.call("f(uint256)", [.uint(1)])
        let found = codes { _ = try Descriptors(descriptors).describe(call, names: KnownNames()) }
        #expect(found.map { String($0.prefix { $0 != " " }) } == ["descriptor.unchecked-demand"], "\(name)")
    }

    private static func message(_ domain: String) throws -> TypedData {
        try TypedData(
            Array(
                """
                {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"chainId","type":"uint256"},
                {"name":"verifyingContract","type":"address"}],
                "Order":[{"name":"items","type":"Item[]"},{"name":"until","type":"uint64"}],
                "Item":[{"name":"token","type":"address"},{"name":"amount","type":"uint256"}]},"primaryType":"Order",
                "domain":\(domain),
                "message":{"items":[{"token":"\(Written.token)","amount":"5000000"}],"until":"1773217849"}}
                """.utf8))
    }

    private static let domain = """
        {"name":"Ours","chainId":8453,"verifyingContract":"\(Written.contract)"}
        """

    /// Contexts of a descriptor for messages. Each has the problems that Airlock reports when it uses the descriptor
    /// for the message.
    static let contexts: [(String, [String])] = [
        (#""domain":{"name":"Ours"},"deployments":[{"chainId":8453,"address":"\#(Written.contract)"}]"#, []),
        (#""domain":{"name":"Ours","chainId":8453,"verifyingContract":"\#(Written.contract)"}"#, []),
        (#""deployments":[{"chainId":1,"address":"\#(Written.contract)"}]"#, ["descriptor.other-contract"]),
        (#""deployments":[{"chainId":8453,"address":"\#(Written.token)"}]"#, ["descriptor.other-contract"]),
        (
            #""domain":{"name":"Theirs"},"deployments":[{"chainId":8453,"address":"\#(Written.contract)"}]"#,
            ["descriptor.other-domain /context/eip712/domain/name"]
        ),
        (
            #""domain":{"version":"1"},"deployments":[{"chainId":8453,"address":"\#(Written.contract)"}]"#,
            ["descriptor.other-domain /context/eip712/domain/version"]
        ),
        (#""domain":{"name":"Ours"}"#, ["descriptor.binds-nothing"]),
        (
            #""domainSeparator":"0x\#(String(repeating: "00", count: 32))""#,
            ["descriptor.other-domain /context/eip712/domainSeparator"]
        ),
        ("", ["descriptor.binds-nothing"]),
    ]

    private static func text(_ context: String) -> String {
        Written.text(
            "Order(Item[] items, uint64 until)Item(address token,uint256 amount)",
            fields: #"""
                {"path":"items.[]","fields":[{"path":"amount","label":"A","format":"tokenAmount","params":{"tokenPath":"token"}}]},
                {"path":"until","label":"U","format":"date","params":{"encoding":"timestamp"}},{"path":"@.to","label":"C"}
                """#, context: "{\"eip712\":{\(context)}}")
    }

    @Test("of a message is for its domain alone", arguments: contexts)
    func domain(context: String, expected: [String]) throws {
        let descriptor = try Written.read(Self.text(context))
        let message = try Self.message(Self.domain)
        #expect(descriptor.covers(message, names: KnownNames()) == expected.isEmpty)
        let found = codes {
            let description = try descriptor.describe(message, signer: nil, names: KnownNames())
            #expect(description.lines == ["A: 5 USDC", "U: 2026-03-11 08:30:49Z", "C: \(Written.contract)"])
            #expect(description.facts.signature == message.encodeType)
            #expect(try Descriptors([descriptor]).describe(message, signer: nil, names: KnownNames()) != nil)
        }
        #expect(found == expected)
    }

    @Test("of a message is for its type and separator alone")
    func type() throws {
        let message = try Self.message(Self.domain)
        let descriptor = try Written.read(Self.text("\"domainSeparator\":\"\(message.domainSeparator)\""))
        #expect(try descriptor.describe(message, signer: nil, names: KnownNames()).fields.count == 3)
        let other = try Written.read(
            Self.text("\"domainSeparator\":\"\(message.domainSeparator)\"").replacing(
                "uint64 until", with: "uint65 until"))
        #expect(
            codes { _ = try other.describe(message, signer: nil, names: KnownNames()) } == [
                "descriptor.unknown-message"
            ])
    }

    // MARK: Includes

    private static func including(_ name: String, fields: String = "") -> String {
        Written.text(key, fields: fields).replacing("\"context\"", with: "\"includes\":\"\(name)\",\"context\"")
    }

    @Test("wins over what it includes: fields with the same path are merged, others are added")
    func merging() throws {
        let base = """
            {"$schema":"../erc7730-v2.schema.json","context":{"contract":{}},"metadata":{"owner":"Base","contractName":"B"},
            "display":{"formats":{"f(uint256 x)":{"intent":"Base","fields":[
            {"path":"x","label":"X","format":"unit","params":{"base":"s","decimals":1}},{"path":"@.to","label":"T"}]},
            "g(address a,uint256 b)":{"intent":"G","fields":[{"path":"b","label":"B"}]}}}}
            """
        let own = Written.text(
            "f(uint256 x)", fields: ##"{"path":"#.x","params":{"decimals":2}},{"path":"@.value","label":"V"}"##,
            metadata: #"{"owner":"Own"}"#
        ).replacing("\"context\"", with: "\"includes\":\"../base/b.json\",\"context\"")
            .replacing("\"intent\":\"Do\",", with: "")
        let descriptor = try Written.read(["own/a.json": own, "base/b.json": base], "own/a.json")
        let description = try descriptor.describe(Written.call("f(uint256)", [.uint(150)]), names: KnownNames())
        #expect(description.lines == ["X: 1.5s", "T: \(Written.contract)", "V: 0"])
        #expect(description.intent == .text("Base") && description.owner == "Own" && description.contractName == "B")
        #expect(description.files.map(\.path) == ["own/a.json", "base/b.json"])
        #expect(try description.files[1].hash == CanonicalJSON.hash(JSONDocument(Array(base.utf8)).root))
        let other = try descriptor.describe(
            Written.call("g(address,uint256)", [.address(Written.token), .uint(3)]), names: KnownNames())
        #expect(other.lines == ["B: 3"])
    }

    @Test("merges many fields, and refuses them")
    func mergingMany() throws {
        func fields(_ name: String) -> String {
            (0..<20_000).map { "{\"path\":\"\(name)\($0)\"}" }.joined(separator: ",")
        }
        let base = Written.text(Self.key, fields: fields("a"))
        let own = Self.including("b.json", fields: fields("b"))
        let descriptor = try Written.read(["a.json": own, "b.json": base])
        #expect(descriptor.files.count == 2 && descriptor.problems.map(\.code) == ["descriptor.too-large"])
    }

    @Test(
        "includes nothing outside of its folder",
        arguments: ["../b.json", "/b.json", "x/../../b.json", "", "https://a/b.json", "x//b.json", "."])
    func outside(name: String) {
        #expect(codes { _ = try Written.read(Self.including(name)) } == ["descriptor.include-outside"])
    }

    @Test("includes neither itself nor too many others")
    func cycles() {
        #expect(codes { _ = try Written.read(Self.including("./a.json")) } == ["descriptor.include-cycle"])
        let pair = ["a.json": Self.including("b.json"), "b.json": Self.including("a.json")]
        #expect(codes { _ = try Written.read(pair) } == ["descriptor.include-cycle"])
        var chain: [String: String] = [:]
        for index in 0..<6 { chain["\(index).json"] = Self.including("\(index + 1).json") }
        #expect(codes { _ = try Written.read(chain, "0.json") } == ["descriptor.include-depth"])
        let large = Written.text(Self.key, fields: "") + String(repeating: " ", count: 1 << 20)
        #expect(codes { _ = try Written.read(large) } == ["descriptor.too-large a.json"])
    }

    @Test("in a folder includes nothing through a symbolic link")
    func links() throws {
        let scratch = try Scratch()
        let manager = FileManager.default
        try manager.createDirectory(atPath: scratch("real"), withIntermediateDirectories: false)
        scratch.file("real/b.json", Written.text(Self.key, fields: #"{"path":"x"}"#))
        scratch.file("real/a.json", Self.including("b.json"))
        scratch.file("real/c.json", Self.including("linked/b.json"))
        scratch.file("real/d.json", Self.including("link.json"))
        try manager.createSymbolicLink(atPath: scratch("real/linked"), withDestinationPath: scratch.path)
        try manager.createSymbolicLink(atPath: scratch("real/link.json"), withDestinationPath: scratch("real/b.json"))
        let tree = FolderTree(scratch("real"))
        #expect(try Descriptor("a.json") { try tree.read($0) }.files.count == 2)
        #expect(try tree.files() == ["a.json", "b.json", "c.json", "d.json"])
        for name in ["c.json", "d.json"] {
            let error = #expect(throws: DescriptorError.self) { try Descriptor(name) { try tree.read($0) } }
            #expect(error?.problems[0].code.hasPrefix("file.") == true)
        }
        for name in ["../a.json", "", "./a.json", "none.json", "linked"] {
            #expect(throws: FileError.self) { try tree.read(name) }
        }
    }
}

@Suite("The canonical form of JSON")
struct CanonicalJSONTests {
    @Test(
        "writes numbers as ECMAScript does",
        arguments: [
            ("0", "0"), ("-0", "0"), ("0.0", "0"), ("1", "1"), ("-12", "-12"), ("1.50", "1.5"), ("1e3", "1000"),
            ("1E-3", "0.001"), ("0.000001", "0.000001"), ("1e-7", "1e-7"), ("12.5e-8", "1.25e-7"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"), ("123e20", "1.23e+22"), ("9007199254740991", "9007199254740991"),
            ("4.50", "4.5"), ("2e-3", "0.002"), ("1e-27", "1e-27"),
        ])
    func numbers(text: String, expected: String) throws {
        let json = try JSONDocument(Array("[\(text)]".utf8)).root
        #expect(try String(decoding: CanonicalJSON.encode(json), as: UTF8.self) == "[\(expected)]")
    }

    @Test(
        "refuses numbers that a double does not hold",
        arguments: [
            "9007199254740993", "1e400", "0.10000000000000000001", "12345678901234567890", "1e-400",
            "1e-9223372036854775808",
            "333333333.33333329",
        ])
    func inexact(text: String) throws {
        let json = try JSONDocument(Array("{\"a\":\(text)}".utf8)).root
        #expect(codes { _ = try CanonicalJSON.encode(json) } == ["descriptor.not-canonical /a"])
    }

    @Test("sorts members by UTF-16, and escapes what it must")
    func members() throws {
        let text =
            "{\"\u{20ac}\":1,\"\\r\":2,\"\u{fb33}\":3,\"1\":4,\"\u{1f600}\":5,\"\u{80}\":6,\"\u{f6}\":[ \"\\u000f\\/\" , null ]}"
        let canonical = try CanonicalJSON.encode(JSONDocument(Array(text.utf8)).root)
        let expected =
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":[\"\\u000f/\",null],\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        #expect(String(decoding: canonical, as: UTF8.self) == expected)
    }
}
