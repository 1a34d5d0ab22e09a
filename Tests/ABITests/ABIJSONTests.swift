import AirlockABI
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockStrictJSON
import Testing

@Suite("Values in JSON")
struct ABIValueJSONTests {
    static let address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

    @Test(
        "are read and written",
        arguments: [
            ("(uint8,int8)", #"["255","-128"]"#), ("(uint256)", #"["\#(UInt256.max)"]"#),
            ("(bool,bool)", "[true,false]"), ("(address)", #"["\#(address)"]"#),
            ("(bytes2,bytes)", #"["0x0102","0x"]"#),
            ("(string)", #"["caf\u00e9 \\ \" é"]"#), ("(function)", #"["0x\#(String(repeating: "ab", count: 24))"]"#),
            ("()", "[]"), ("(uint8[],bool[2])", #"[["1","2"],[true,false]]"#),
            ("((uint8 a,(string,bytes)[]) t)", #"[["1",[["x","0x00"],["","0x"]]]]"#),
        ])
    func roundTrip(types: String, text: String) throws {
        let json = try JSONDocument(Array(text.utf8)).root
        let parameters = try ABIParameters(types)
        let values = try parameters.values(from: json)
        #expect(try parameters.decode(parameters.encode(values)) == values)
        let written = JSONOutput.array(values.map { $0.json }).bytes
        let again = try JSONDocument(written).root
        #expect(try parameters.values(from: again) == values)
        #expect(String(decoding: written, as: UTF8.self) == text.replacing("\\u00e9", with: "é"))
    }

    @Test("integers may be JSON numbers of digits only")
    func numbers() throws {
        let json = try JSONDocument(Array("[7,-7]".utf8)).root
        #expect(try ABIParameters("(uint8,int8)").values(from: json) == [.uint(7), .int(-7)])
    }

    @Test(
        "are refused, and each place is said",
        arguments: [
            ("(bool)", "{}", ["abi.type-mismatch "]), ("(bool)", "[]", ["abi.wrong-count "]),
            ("(bool)", #"["true"]"#, ["abi.type-mismatch /0"]), ("(bool)", "[1]", ["abi.type-mismatch /0"]),
            ("(uint8)", "[true]", ["abi.type-mismatch /0"]), ("(uint8)", "[256]", ["abi.out-of-range /0"]),
            ("(uint8)", #"["0x1"]"#, ["value.not-a-decimal-integer /0"]),
            ("(uint8)", "[1e1]", ["value.not-a-decimal-integer /0"]),
            ("(uint8)", "[1.0]", ["value.not-a-decimal-integer /0"]),
            ("(uint8)", "[-1]", ["value.not-a-decimal-integer /0"]), ("(int8)", #"["-129"]"#, ["abi.out-of-range /0"]),
            ("(address)", "[0]", ["abi.type-mismatch /0"]), ("(address)", #"["0x00"]"#, ["value.not-an-address /0"]),
            ("(address)", #"["\#(address.replacing("5aA", with: "5aa"))"]"#, ["value.wrong-checksum /0"]),
            ("(bytes)", #"["00"]"#, ["value.not-hex /0"]), ("(bytes)", "[null]", ["abi.type-mismatch /0"]),
            ("(bytes2)", #"["0x00"]"#, ["abi.type-mismatch /0"]), ("(string)", "[1]", ["abi.type-mismatch /0"]),
            ("(bool[2])", "[[true]]", ["abi.wrong-count /0"]), ("(bool[])", "[true]", ["abi.type-mismatch /0"]),
            ("((bool,bool))", "[[true]]", ["abi.wrong-count /0"]), ("((bool))", "[true]", ["abi.type-mismatch /0"]),
            (
                "(uint8[],(bool,address)[1])", #"[[1,256,"x"],[[2,"y"]]]"#,
                [
                    "abi.out-of-range /0/1", "value.not-a-decimal-integer /0/2", "abi.type-mismatch /1/0/0",
                    "value.not-an-address /1/0/1",
                ]
            ),
        ])
    func refused(types: String, text: String, problems: [String]) throws {
        let json = try JSONDocument(Array(text.utf8)).root
        let list = try #require(throws: ProblemList.self) { try ABIParameters(types).values(from: json) }
        #expect(list.problems.map { "\($0.code) \($0.field ?? "-")" } == problems)
    }

    @Test("no more problems are said than anybody reads")
    func limit() throws {
        let json = try JSONDocument(Array("[[\(Array(repeating: "1", count: 500).joined(separator: ","))]]".utf8)).root
        let list = try #require(throws: ProblemList.self) { try ABIParameters("(bool[])").values(from: json) }
        #expect(list.problems.count == ObjectReader.problemLimit)
    }

    @Test("a MiB of wrong elements is refused, and only the first are named")
    func hostile() throws {
        let lists = Array(repeating: "[]", count: 340_000).joined(separator: ",")
        let json = try JSONDocument(Array("[[\(lists)]]".utf8)).root
        let list = try #require(throws: ProblemList.self) { try ABIParameters("(uint256[])").values(from: json) }
        #expect(list.problems.count == ObjectReader.problemLimit)
        #expect(list.problems.last?.field == "/0/\(ObjectReader.problemLimit - 1)")
        // The description of a long type is not made for each value.
        let components = Array(repeating: "bool", count: 20_000).joined(separator: ",")
        let values = try ABIParameters("((\(components))[][])").values(from: json)
        #expect(values == [.array(Array(repeating: .array([]), count: 340_000))])
    }
}

@Suite("JSON ABI")
struct ABIInterfaceTests {
    static func read(_ text: String) throws -> ABIInterface { try ABIInterface(JSONDocument(Array(text.utf8)).root) }

    @Test("is read with tuples, errors, events and a constructor")
    func whole() throws {
        let interface = try Self.read(
            """
            [{"type":"constructor","inputs":[{"name":"owner","type":"address"}],"stateMutability":"payable"},
             {"type":"function","name":"swap","stateMutability":"view","outputs":[{"name":"","type":"uint256"}],
              "inputs":[{"name":"steps","type":"tuple[2][]","internalType":"struct Step[2][]","components":[
                {"name":"to","type":"address"},{"name":"inner","type":"tuple","components":[{"type":"bytes"}]}]}]},
             {"type":"error","name":"Refused","inputs":[{"name":"code","type":"uint8"}]},
             {"type":"event","name":"Moved","anonymous":false,"inputs":[
               {"name":"who","type":"address","indexed":true},{"name":"far","type":"int256","indexed":false}]},
             {"type":"event","name":"Hidden","anonymous":true,"inputs":[]},
             {"type":"fallback"},{"type":"receive","stateMutability":"payable"}]
            """)
        #expect(interface.constructor?.description == "(address)")
        #expect(interface.functions.map { $0.signature } == ["swap((address,(bytes))[2][])"])
        #expect(interface.functions[0].outputs.description == "(uint256)")
        #expect(interface.functions[0].mutability == .view)
        #expect(interface.reverts.map { $0.signature } == ["Refused(uint8)"])
        #expect(interface.events.map { $0.signature } == ["Moved(address,int256)", "Hidden()"])
        #expect(interface.events[0].isIndexed == [true, false])
        #expect(interface.function(Selector(signature: "swap((address,(bytes))[2][])"))?.name == "swap")
        #expect(interface.revert(Selector(signature: "Refused(uint8)"))?.name == "Refused")
        #expect(interface.revert(Selector(signature: "Refused()")) == nil)
        #expect(interface.event(.topic(signature: "Moved(address,int256)"))?.name == "Moved")
        #expect(interface.event(.topic(signature: "Hidden()")) == nil)
    }

    @Test(
        "of an old compiler is read",
        arguments: [
            (#"{"name":"f","inputs":[],"constant":true,"payable":false}"#, ABIFunction.Mutability.view),
            (#"{"name":"f","inputs":[],"constant":false,"payable":true,"outputs":null}"#, .payable),
            (#"{"name":"f","inputs":[],"outputs":[]}"#, .nonpayable),
        ])
    func old(item: String, mutability: ABIFunction.Mutability) throws {
        let function = try #require(Self.read("[\(item)]").functions.first)
        #expect(function.mutability == mutability)
        #expect(function.outputs.isEmpty)
    }

    @Test(
        "is refused, and each place is said",
        arguments: [
            ("{}", ["abi.type-mismatch "]), ("[1]", ["json.wrong-type /0"]),
            (#"[{"type":"modifier"}]"#, ["abi.unknown-word /0/type"]),
            (#"[{"name":"f","inputs":[],"stateMutability":"constant"}]"#, ["abi.unknown-word /0/stateMutability"]),
            (#"[{"inputs":[]},{"name":"f"}]"#, ["json.missing-field /0/name", "json.missing-field /1/inputs"]),
            (#"[{"name":"f(bool)","inputs":[]}]"#, ["abi.syntax /0/name"]),
            (#"[{"name":"","inputs":[]}]"#, ["abi.syntax /0/name"]),
            (#"[{"name":"f","inputs":[{"name":"a"}]}]"#, ["json.missing-field /0/inputs/0/type"]),
            (#"[{"name":"f","inputs":[{"type":"IPool"}]}]"#, ["abi.unknown-type /0/inputs/0/type"]),
            (#"[{"name":"f","inputs":[{"type":"tuple"}]}]"#, ["abi.unknown-type /0/inputs/0/type"]),
            (#"[{"name":"f","inputs":[{"type":"bool b"}]}]"#, ["abi.syntax /0/inputs/0/type"]),
            (
                #"[{"name":"f","inputs":[{"type":"tuple[]","components":[{"type":"uint7"}]}]}]"#,
                ["abi.wrong-width /0/inputs/0/components/0/type"]
            ),
            (
                #"[{"name":"f","inputs":[{"type":"tuple[]","components":[]}]}]"#,
                ["abi.elements-without-size /0/inputs/0/type"]
            ),
            (
                #"[{"name":"f","inputs":[{"type":"tuple[]","components":[{"type":"bool"},{"type":"uint8[0]"}]}]}]"#,
                ["abi.elements-without-size /0/inputs/0/type"]
            ),
            (
                #"[{"name":"f","inputs":[{"type":"tuple","components":[{"type":"bool[67108864]"},{"type":"bool"}]}]}]"#,
                ["abi.type-too-large /0/inputs/0/type"]
            ),
            (
                """
                [{"name":"f","inputs":[{"type":"tuple[]","components":[
                {"type":"bool\(String(repeating: "[]", count: 63))"}]}]}]
                """, ["abi.too-deep /0/inputs/0/type"]
            ),
            (
                """
                [{"name":"f","inputs":[{"type":"tuple","components":[
                {"type":"bool\(String(repeating: "[]", count: 64))"}]}]}]
                """, ["abi.too-deep /0/inputs/0/type"]
            ),
            (
                """
                [{"type":"event","name":"E","inputs":[{"type":"bool","indexed":true},{"type":"bool","indexed":true},
                {"type":"bool","indexed":true},{"type":"bool","indexed":true}]}]
                """, ["abi.too-many-indexed /0/inputs"]
            ),
        ])
    func refused(text: String, problems: [String]) throws {
        let list = try #require(throws: ProblemList.self) { try Self.read(text) }
        #expect(list.problems.map { "\($0.code) \($0.field ?? "-")" } == problems)
    }
}
