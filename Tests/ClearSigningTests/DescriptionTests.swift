import AirlockABI
import AirlockClearSigning
import AirlockEthereumTypes
import Testing

@Suite("A call in the words of a descriptor")
struct DescriptionTests {
    /// Test cases for the formatting of one value. Each row has the ABI type, the value, the JSON members that the
    /// field of the descriptor has for it, and the expected text.
    static let formats: [(String, ABIValue, String, String)] = [
        ("uint256", .uint(7), #""format":"raw""#, "7"),
        ("int256", .int(-7), #""format":"raw""#, "-7"),
        ("bool", .bool(true), #""format":"raw""#, "true"),
        ("string", .string("hello"), "", "hello"),
        ("bytes", .bytes([1, 2]), "", "0x0102"),
        ("bytes4", .fixedBytes([1, 2, 3, 4]), "", "0x01020304"),
        ("address", .address(Written.payer), "", "\(Written.payer)"),
        ("address", .address(Written.payer), #""format":"addressName","params":{"types":["eoa"]}"#, "Treasury"),
        (
            "address", .address(Written.payer),
            #""format":"addressName","params":{"senderAddress":["0x5cbdd86a2fa8dc4bddd8a8f69dba48572eec07fb"]}"#,
            "Sender"
        ),
        ("address", .address(Written.contract), #""format":"addressName""#, "\(Written.contract)"),
        ("uint256", .uint(198_661_440_000_000_000), #""format":"amount""#, "0.19866144 ETH"),
        ("uint256", .uint(17_000_000), #""format":"tokenAmount","params":{"token":"\#(Written.token)"}"#, "17 USDC"),
        ("int256", .int(-1_500_000), #""format":"tokenAmount","params":{"token":"\#(Written.token)"}"#, "-1.5 USDC"),
        (
            "uint256", .uint(17), #""format":"tokenAmount","params":{"token":"\#(Written.token)","chainId":1}"#, "17"
        ),
        (
            "uint256", .uint(17), #""format":"tokenAmount","params":{"token":"\#(Written.payer)","threshold":"0x1"}"#,
            "17"
        ),
        ("uint256", .uint(17), #""format":"tokenAmount""#, "17"),
        (
            "uint256", .uint(.max),
            #""format":"tokenAmount","params":{"token":"\#(Written.token)","threshold":"0x8000"}"#,
            "Unlimited USDC"
        ),
        (
            "uint256", .uint(.max),
            #""format":"tokenAmount","params":{"token":"$.metadata.constants.none","threshold":"1","message":"All","#
                + #""nativeCurrencyAddress":"$.metadata.constants.none"}"#, "All ETH"
        ),
        ("address", .address(Written.token), #""format":"tokenTicker""#, "USDC"),
        ("address", .address(Written.payer), #""format":"tokenTicker""#, "\(Written.payer)"),
        ("address", .address(Written.token), #""format":"tokenTicker","params":{"chainId":1}"#, "\(Written.token)"),
        ("uint256", .uint(141), #""format":"nftName","params":{"collection":"\#(Written.token)"}"#, "Punks #141"),
        ("uint256", .uint(141), #""format":"nftName","params":{"collectionPath":"@.to"}"#, "141"),
        (
            "uint256", .uint(1_773_217_849), #""format":"date","params":{"encoding":"timestamp"}"#,
            "2026-03-11 08:30:49Z"
        ),
        (
            "uint256", .uint(.max), #""format":"date","params":{"encoding":"timestamp"}"#,
            "\(UInt256.max) seconds since 1970"
        ),
        ("uint256", .uint(100), #""format":"date","params":{"encoding":"blockheight"}"#, "2026-03-11 08:30:49Z"),
        ("uint256", .uint(101), #""format":"date","params":{"encoding":"blockheight"}"#, "block 101"),
        ("uint256", .uint(8250), #""format":"duration""#, "02:17:30"),
        ("uint256", .uint(31_536_000), #""format":"duration""#, "8760:00:00"),
        ("uint256", .uint(3000), #""format":"unit","params":{"base":"%","decimals":4}"#, "0.3%"),
        ("uint256", .uint(2), #""format":"unit","params":{"base":" "}"#, "2 "),
        ("uint256", .uint(1), #""format":"chainId""#, "Ethereum Mainnet"),
        ("uint256", .uint(31_337), #""format":"chainId""#, "31337"),
        ("uint8", .uint(2), #""format":"enum","params":{"$ref":"$.metadata.enums.mode"}"#, "variable"),
        ("bytes1", .fixedBytes([2]), #""format":"enum","params":{"$ref":"$.metadata.enums.mode"}"#, "variable"),
        ("uint8", .uint(3), #""format":"enum","params":{"$ref":"$.metadata.enums.mode"}"#, "3"),
        ("bool", .bool(false), #""format":"enum","params":{"$ref":"$.metadata.enums.mode"}"#, "Deny"),
    ]

    static let metadata = """
        {"owner":"Us","constants":{"none":"0x0000000000000000000000000000000000000000","text":"seven"},
        "enums":{"mode":{"1":"stable","2":"variable","False":"Deny"}}}
        """

    @Test("shows a value in the form of its format", arguments: formats.indices)
    func format(_ index: Int) throws {
        let (type, value, rest, shown) = Self.formats[index]
        let field = "{\"path\":\"x\",\"label\":\"X\"\(rest.isEmpty ? "" : ",")\(rest)}"
        let descriptor = try Written.read(Written.text("f(\(type) x)", fields: field, metadata: Self.metadata))
        let description = try descriptor.describe(Written.call("f(\(type))", [value]), names: KnownNames())
        #expect(description.lines == ["X: \(shown)"])
        #expect(description.owner == "Us" && description.intent.text == "Do")
    }

    static let batch = "f(address[] to, uint256[] amounts, (bytes path, uint256 min)[] hops)"
    static let arguments: [ABIValue] = [
        .array([.address(Written.payer), .address(Written.token)]), .array([.uint(1), .uint(2)]),
        .array([
            .tuple([.bytes(Written.token.bytes.bytes + [9] + Written.payer.bytes.bytes), .uint(5)]),
            .tuple([.bytes(Written.payer.bytes.bytes), .uint(6)]),
        ]),
    ]

    /// Fields of a descriptor that select elements of arrays, each with the expected lines of the description.
    static let paths: [(String, [String])] = [
        (#"{"path":"amounts","label":"A"}"#, ["A: 1", "A: 2"]),
        (##"{"path":"#.amounts.[]","label":"A"}"##, ["A: 1", "A: 2"]),
        (#"{"path":"amounts.[-1]","label":"A"}"#, ["A: 2"]),
        (#"{"path":"amounts[0]","label":"A"}"#, ["A: 1"]),
        (#"{"path":"amounts.[1:]","label":"A"}"#, ["A: 2"]),
        (#"{"path":"hops.[].min","label":"A"}"#, ["A: 5", "A: 6"]),
        (
            #"{"path":"hops.[].min","label":"A","format":"tokenAmount","params":{"tokenPath":"hops.[].path.[0:20]"}}"#,
            ["A: 0.000005 USDC", "A: 6"]
        ),
        (#"{"path":"hops.[0].path.[-20:]","label":"A","format":"addressName"}"#, ["A: Treasury"]),
        (
            #"{"path":"hops.[]","label":"H","fields":[{"path":"min","label":"A","format":"tokenAmount","#
                + ##""params":{"tokenPath":"path.[0:20]"}},{"path":"#.to.[]","label":"T","format":"addressName"}]}"##,
            ["A: 0.000005 USDC", "T: Treasury", "A: 6", "T: \(Written.token)"]
        ),
        (
            #"{"fields":[{"path":"to.[]","label":"T","format":"addressName"},{"path":"amounts.[]","label":"A"}]}"#,
            ["T: Treasury", "T: \(Written.token)", "A: 1", "A: 2"]
        ),
        (
            #"{"iteration":"bundled","fields":[{"path":"to.[]","label":"T","format":"addressName"},"#
                + #"{"path":"amounts.[]","label":"A"}]}"#,
            ["T: Treasury", "A: 1", "T: \(Written.token)", "A: 2"]
        ),
        (#"{"path":"@.from","label":"F","format":"addressName"}"#, ["F: Treasury"]),
        (#"{"path":"@.chainId","label":"C","format":"chainId"}"#, ["C: Base"]),
        (#"{"value":"$.metadata.constants.text","label":"V"}"#, ["V: seven"]),
        (#"{"value":12,"label":"V"}"#, ["V: 12"]),
        (#"{"path":"amounts.[]","label":"A","visible":{"ifNotIn":["0x01"]}}"#, ["A: 2"]),
        (#"{"path":"amounts.[]","label":"A","visible":{"mustMatch":[1,2]}}"#, []),
        (#"{"path":"amounts.[9].x","label":"A","visible":"never"}"#, []),
        (#"{"path":"amounts.[0]","label":"A","visible":"optional"}"#, ["A: 1"]),
        (#"{"path":"amounts.[0]","$ref":"$.display.definitions.d"}"#, ["D: 0.000001 USDC"]),
        (
            #"{"path":"amounts.[0]","label":"O","$ref":"$.display.definitions.d","params":{"tokenPath":"@.to"}}"#,
            ["O: 1"]
        ),
    ]

    static func describe(_ fields: String, sentence: String? = nil) throws -> Description {
        let definitions = #"{"d":{"label":"D","format":"tokenAmount","params":{"token":"\#(Written.token)"}}}"#
        let text = Written.text(
            batch, fields: fields, sentence: sentence, metadata: metadata, definitions: definitions)
        return try Written.read(text).describe(Written.call(batch, arguments), names: KnownNames())
    }

    @Test("follows paths into arrays, groups, slices and definitions", arguments: paths.indices)
    func path(_ index: Int) throws {
        let (fields, lines) = Self.paths[index]
        #expect(try Self.describe(fields).lines == lines)
    }

    /// Fields of a descriptor that do not fit the data of the call. Each row has the field and the error code.
    static let broken: [(String, String)] = [
        (#"{"path":"none"}"#, "descriptor.no-such-value"),
        (#"{"path":"amounts.[2]"}"#, "descriptor.no-such-value"),
        (#"{"path":"amounts.[0:9]"}"#, "descriptor.no-such-value"),
        (#"{"path":"hops.[1].path.[0:21]"}"#, "descriptor.no-such-value"),
        (#"{"path":"hops.[0]"}"#, "descriptor.wrong-type"),
        (#"{"path":"to.[0]","format":"amount"}"#, "descriptor.wrong-type"),
        (#"{"path":"hops.[0].path","format":"amount"}"#, "descriptor.wrong-type"),
        (#"{"path":"hops.[0].path.[0:0]","format":"amount"}"#, "descriptor.wrong-type"),
        (#"{"path":"hops.[0].path","format":"calldata","params":{"callee":"nobody"}}"#, "descriptor.wrong-type"),
        (
            #"{"path":"hops.[].min","format":"tokenAmount","params":{"tokenPath":"to.[0:1]"}}"#,
            "descriptor.array-lengths"
        ),
        (#"{"path":"@.value","format":"tokenAmount","params":{"tokenPath":"to.[]"}}"#, "descriptor.array-lengths"),
        (
            #"{"iteration":"bundled","fields":[{"path":"to.[]"},{"path":"amounts.[0]"}]}"#, "descriptor.array-lengths"
        ),
        (#"{"path":"amounts.[]","label":"A","visible":{"mustMatch":[1]}}"#, "descriptor.must-match A"),
        (#"{"path":"to.[0]","visible":{"mustMatch":["\#(Written.token)"]}}"#, "descriptor.must-match"),
        (#"\#(demand),{"path":"amounts.[2]"}"#, "descriptor.unchecked-demand"),
        (#"{"path":"amounts.[2]"},\#(demand)"#, "descriptor.unchecked-demand"),
        (#"{"path":"hops.[1].path.[0:21]"},{"fields":[\#(demand)]}"#, "descriptor.unchecked-demand"),
        (
            #"{"iteration":"bundled","fields":[{"path":"to.[]"},{"path":"amounts.[0]"},\#(demand)]}"#,
            "descriptor.unchecked-demand"
        ),
        (
            #"\#(demand),{"path":"hops.[0].path","format":"calldata","params":{"callee":"nobody"}}"#,
            "descriptor.unchecked-demand"
        ),
    ]

    /// A field that requires a value (`mustMatch`). The call has this value.
    private static let demand = #"{"path":"to.[0]","visible":{"mustMatch":["\#(Written.payer)"]}}"#

    @Test("is none where a value is not there, has the wrong type or is ruled out", arguments: broken.indices)
    func refused(_ index: Int) throws {
        let (fields, code) = Self.broken[index]
        #expect(codes { _ = try Self.describe(fields) } == [code])
    }

    /// Templates for a sentence, each with the expected sentence. The sentence is `nil` if the description must show
    /// the intent instead.
    static let sentences: [(String, String?)] = [
        ("Pay {amounts.[0]} to {to.[0]}", "Pay 1 to Treasury"), ("Pay {#.amounts.[0]}", "Pay 1"),
        ("All of {hops.[].min}", "All of 5, 6"), ("{{x}} {amounts.[0]}", "{x} 1"), ("Pay {none}", nil),
        ("Pay {to.[1]}", nil), ("Pay {amounts.[1]}", nil), ("Pay {amounts.[0]", nil), ("Pay }", nil),
        ("Plain", "Plain"),
    ]

    @Test("has values in its sentence, or none where one is not always shown", arguments: sentences)
    func sentence(template: String, expected: String?) throws {
        let fields = """
            {"path":"amounts.[0]"},{"path":"to.[0]","format":"addressName"},{"path":"hops.[].min"},
            {"path":"to.[1]","visible":"optional"}
            """
        let description = try Self.describe(fields, sentence: template)
        #expect(description.interpolatedIntent == expected)
        #expect(description.warnings.contains(.intentNotInterpolated) == (expected == nil))
    }

    @Test("has the function, every argument, target and value beside the words, whatever the descriptor names them")
    func facts() throws {
        let text = Written.text("transfer(address amount, uint256 to)", fields: #"{"value":"a gift","label":"It is"}"#)
        let call = try Written.call(
            "transfer(address,uint256)", [.address(Written.payer), .uint(5)], value: 9)
        let description = try Written.read(text).describe(call, names: KnownNames())
        #expect(description.facts.signature == "transfer(address,uint256)")
        #expect(description.facts.target == Written.contract && description.facts.value == 9)
        #expect(
            description.facts.arguments.map { "\($0.place) \($0.type) \($0.value?.plainText ?? "")" } == [
                "0 address \(Written.payer)", "1 uint256 5",
            ])
        #expect(description.warnings == [.ownValue(label: "It is"), .valueNotShown(9)])
        #expect(description.files.map(\.path) == ["a.json"])
        let facts = try Facts(Written.call(Self.batch, Self.arguments), ABIFunction(Self.batch))
        #expect(
            facts.arguments.map(\.place) == ["0[0]", "0[1]", "1[0]", "1[1]", "2[0].0", "2[0].1", "2[1].0", "2[1].1"])
    }

    @Test("warns of tokens, currencies and times that nobody knows")
    func warnings() throws {
        let fields = """
            {"path":"amounts.[0]","format":"tokenAmount","params":{"token":"\(Written.payer)"}},
            {"path":"amounts.[0]","format":"tokenAmount"},
            {"path":"amounts.[0]","format":"date","params":{"encoding":"blockheight"}},
            {"path":"amounts.[1]","format":"enum","params":{"$ref":"$.metadata.enums.mode"}},
            {"path":"hops.[0].path","format":"calldata","params":{"calleePath":"@.from"}},
            {"path":"to.[1]","format":"addressName","params":{"senderAddress":"\(Written.token)"}},
            {"path":"amounts.[1]","format":"tokenAmount",
            "params":{"token":"\(Written.token)","threshold":"2","message":"0.1"}}
            """
        let description = try Self.describe(fields)
        #expect(
            description.warnings == [
                .ownToken(Written.payer), .unknownToken(Written.payer), .noToken, .unknownBlockTime(1),
                .noDescriptor(for: Written.payer), .shownAsSender(Written.token), .ownToken(Written.token),
                .shownAsText(amount: 2, "0.1"),
            ])
        #expect(description.warnings.allSatisfy { !$0.text.isEmpty })
    }

    @Test("says of a unit that could pass for a token that it is the descriptor's word")
    func units() throws {
        for (base, isWord) in [
            ("USDC", true), (" usdc", true), (" ETH", true), ("days", true), ("%", false), ("bps", false),
        ] {
            let description = try Self.describe(
                #"{"path":"amounts.[0]","label":"A","format":"unit","params":{"base":"\#(base)"}}"#)
            #expect(description.lines == ["A: 1\(base)"])
            let unit = base.hasPrefix(" ") ? String(base.dropFirst()) : base
            #expect(description.warnings == (isWord ? [.ownUnit(unit)] : []))
        }
    }

    /// Fields with tokens and chains, each with its text and its warnings. There is a warning if the token or the chain
    /// comes from the descriptor, except if it is the called contract or the chain of the call.
    static let ownTokens: [(String, String, [Description.Warning])] = [
        (
            #""format":"tokenAmount","params":{"token":"\#(Written.token)"}"#, "0.000001 USDC",
            [.ownToken(Written.token)]
        ),
        (
            #""format":"tokenAmount","params":{"token":"\#(Written.token)","chainId":1}"#, "1",
            [.ownToken(Written.token), .ownChain(1), .unknownToken(Written.token)]
        ),
        (
            #""format":"tokenAmount","params":{"token":"\#(Written.contract)","chainId":8453}"#, "1",
            [.unknownToken(Written.contract)]
        ),
        (#""format":"tokenAmount","params":{"tokenPath":"to.[1]"}"#, "0.000001 USDC", []),
        (
            #""format":"tokenAmount","params":{"tokenPath":"to.[1]","chainId":1}"#, "1",
            [.ownChain(1), .unknownToken(Written.token)]
        ),
        (
            #""format":"tokenAmount","params":{"tokenPath":"to.[1]","nativeCurrencyAddress":"\#(Written.token)"}"#,
            "0.000001 USDC", []
        ),
        (#""format":"nftName","params":{"collection":"\#(Written.token)"}"#, "Punks #1", [.ownToken(Written.token)]),
        (#""format":"nftName","params":{"collectionPath":"to.[1]"}"#, "Punks #1", []),
    ]

    @Test("says of a token or chain that is the descriptor's own that it is not signed", arguments: ownTokens.indices)
    func ownToken(_ index: Int) throws {
        let (format, shown, warnings) = Self.ownTokens[index]
        let description = try Self.describe(#"{"path":"amounts.[0]","label":"A",\#(format)}"#)
        #expect(description.lines == ["A: \(shown)"])
        #expect(description.warnings == warnings)
    }

    @Test("says of the chain of a ticker the same")
    func ownChain() throws {
        let description = try Self.describe(
            #"{"path":"to.[1]","label":"T","format":"tokenTicker","params":{"chainId":1}}"#)
        #expect(description.lines == ["T: \(Written.token)"])
        #expect(description.warnings == [.ownChain(1), .unknownToken(Written.token)])
    }

    @Test("says of a value that the descriptor brings itself that nothing of it is signed")
    func ownValue() throws {
        for (format, shown) in [
            (#"{"value":"1000000","label":"A","format":"raw"}"#, "A: 1000000"),
            (#"{"value":"0x\#(String(repeating: "11", count: 20))","label":"A","format":"addressName"}"#, nil),
        ] {
            let description = try Self.describe(format)
            if let shown { #expect(description.lines == [shown]) }
            #expect(description.warnings == [.ownValue(label: "A")])
        }
        #expect(try Self.describe(#"{"path":"amounts.[0]","label":"A","format":"raw"}"#).warnings.isEmpty)
    }

    @Test("shows calls inside of it by the descriptor of their contract, to a depth")
    func nested() throws {
        let key = "run(address to,uint256 amount,bytes data)"
        let fields = """
            {"path":"data","label":"Call","format":"calldata",
            "params":{"calleePath":"to","amountPath":"amount","spenderPath":"@.to"}},
            {"path":"@.value","label":"Sent","format":"amount"},
            {"path":"@.from","label":"By","format":"raw"}
            """
        let descriptor = try Written.read(Written.text(key, fields: fields))
        func call(_ data: [UInt8]) throws -> ContractCall {
            try Written.call(key, [.address(Written.contract), .uint(1), .bytes(data)])
        }
        let once = try descriptor.describe(call(call([]).data), names: KnownNames())
        #expect(
            once.lines == [
                "Call: {Do; Call: 0x; Sent: 0.000000000000000001 ETH; By: \(Written.contract)}", "Sent: 0 ETH",
                "By: \(Written.payer)",
            ])
        var deep = try call([])
        for _ in 0..<5 { deep = try call(deep.data) }
        #expect(codes { _ = try descriptor.describe(deep, names: KnownNames()) } == ["descriptor.too-deep"])
        // The calls that are too deep could be calls of `g`, which refuses a value.
        let demanding = Written.text(key, fields: fields).replacing(
            "\"formats\":{",
            with: #""formats":{"g(uint256 x)":{"fields":[{"path":"x","visible":{"mustMatch":[1]}}]},"#)
        #expect(
            codes { _ = try Written.read(demanding).describe(deep, names: KnownNames()) } == [
                "descriptor.unchecked-demand"
            ])
        var other = try call([])
        other = try Written.call(key, [.address(Written.payer), .uint(1), .bytes(other.data)])
        let unknown = try descriptor.describe(other, names: KnownNames())
        #expect(unknown.lines[0].hasPrefix("Call: 0x") && unknown.warnings == [.noDescriptor(for: Written.payer)])
    }

    @Test("is none of more elements than a person reads")
    func large() throws {
        let descriptor = try Written.read(Written.text("f(uint256[] x)", fields: #"{"path":"x.[]"}"#))
        let call = try Written.call("f(uint256[])", [.array(Array(repeating: .uint(1), count: 1025))])
        #expect(codes { _ = try descriptor.describe(call, names: KnownNames()) } == ["descriptor.too-large"])
        let demanding = try Written.read(
            Written.text("f(uint256[] x)", fields: #"{"path":"x.[]"},{"path":"x.[0]","visible":{"mustMatch":[1]}}"#))
        #expect(codes { _ = try demanding.describe(call, names: KnownNames()) } == ["descriptor.unchecked-demand"])
        // Values that the description hides also count towards the maximum number of values.
        let hidden = String(repeating: #"{"path":"x.[]","visible":{"ifNotIn":[1]}},"#, count: 5) + #"{"path":"x.[0]"}"#
        let other = try Written.read(Written.text("f(uint256[] x)", fields: hidden))
        let shorter = try Written.call("f(uint256[])", [.array(Array(repeating: .uint(1), count: 1000))])
        #expect(codes { _ = try other.describe(shorter, names: KnownNames()) } == ["descriptor.too-large"])
    }

    @Test("is none of more text than a person reads: in its fields, in its sentence, or in the calls inside of it")
    func longText() throws {
        let field = ##"{"path":"#.data"}"##
        let group = #"{"path":"x.[]","fields":[\#(Array(repeating: field, count: 100).joined(separator: ","))]}"#
        let descriptor = try Written.read(Written.text("f(uint256[] x,bytes data)", fields: group))
        func call(_ count: Int) throws -> ContractCall {
            let numbers = ABIValue.array(Array(repeating: .uint(1), count: count))
            return try Written.call("f(uint256[],bytes)", [numbers, .bytes(Array(repeating: 0xab, count: 1000))])
        }
        #expect(try descriptor.describe(call(5), names: KnownNames()).fields.count == 500)
        #expect(codes { _ = try descriptor.describe(call(6), names: KnownNames()) } == ["descriptor.too-large"])

        let sentence = String(repeating: "{data}", count: 80)
        let repeating = try Written.read(Written.text("g(bytes data)", fields: field, sentence: sentence))
        let long = try Written.call("g(bytes)", [.bytes(Array(repeating: 0xab, count: 10_000))])
        let description = try repeating.describe(long, names: KnownNames())
        #expect(description.interpolatedIntent == nil && description.warnings == [.intentNotInterpolated])

        let inner = try Written.call("g(bytes)", [.bytes(Array(repeating: 0xab, count: 6000))])
        let limits: [(count: Int, codes: [String])] = [(80, []), (100, ["descriptor.too-large"])]
        for (count, expected) in limits {
            let one = #"{"path":"data","format":"calldata","params":{"calleePath":"@.to"}}"#
            let text = Written.text(
                "f(bytes data)", fields: Array(repeating: one, count: count).joined(separator: ",")
            ).replacing("\"formats\":{", with: "\"formats\":{\"g(bytes data)\":{\"fields\":[]},")
            let outer = try Written.call("f(bytes)", [.bytes(inner.data)])
            #expect(codes { _ = try Written.read(text).describe(outer, names: KnownNames()) } == expected)
        }
    }
}
