import AirlockABI
import AirlockEthereumTypes
import AirlockDiagnostics
import Testing

@Suite("Packed encoding")
struct PackedEncodingTests {
    static let address = "0x00112233445566778899aabbccddeeff00112233"

    @Test("has every value in as many bytes as its type, and the elements of arrays in words")
    func packed() throws {
        let address = try Address(Self.address)
        func pack(_ types: String, _ values: ABIValue...) throws -> String {
            Hex.encode(try ABIParameters(types).encodePacked(values), prefix: false)
        }
        // The example in the specification of the packed encoding.
        #expect(
            try pack("(int16,bytes1,uint16,string)", .int(-1), .fixedBytes([0x42]), .uint(3), .string("Hello, world!"))
                == "ffff42000348656c6c6f2c20776f726c6421")
        #expect(
            try pack(
                "(uint8,bool,address,bytes,function)", .uint(255), .bool(true), .address(address), .bytes([1, 2]),
                .fixedBytes(.init(repeating: 0xab, count: 24)))
                == "ff01" + Self.address.dropFirst(2) + "0102" + String(repeating: "ab", count: 24))
        let zeros = String(repeating: "0", count: 62)
        #expect(try pack("(uint8[])", .array([.uint(1), .uint(2)])) == zeros + "01" + zeros + "02")
        #expect(try pack("(int8[1])", .array([.int(-1)])) == String(repeating: "f", count: 64))
        #expect(try pack("(bool[])", .array([.bool(false), .bool(true)])) == zeros + "00" + zeros + "01")
        #expect(try pack("(bytes2[1])", .array([.fixedBytes([1, 2])])) == "0102" + zeros.dropFirst(2))
        #expect(
            try pack("(address[1])", .array([.address(address)]))
                == String(repeating: "0", count: 24) + Self.address.dropFirst(2))
        #expect(try pack("(uint8[1][1])", .array([.array([.uint(1)])])) == zeros + "01")
        #expect(try pack("(uint8[],string)", .array([]), .string("")) == "")
    }

    @Test(
        "is refused to structs, and to arrays of what has no fixed size",
        arguments: [
            ("(bool,(bool))", [ABIValue.bool(true), .tuple([.bool(true)])], "/1"), ("(bytes[])", [.array([])], "/0"),
            ("(string[1])", [.array([.string("")])], "/0"), ("(bytes[][])", [.array([])], "/0"),
            ("((bool)[])", [.array([])], "/0"),
        ])
    func notPackable(types: String, values: [ABIValue], pointer: String) throws {
        let error = try #require(throws: ABIError.self) { try ABIParameters(types).encodePacked(values) }
        #expect(error.rule == .notPackable)
        #expect(error.place == .value(pointer))
    }
}

@Suite("Calls, reverts and logs")
struct CallTests {
    static let transfer =
        "0xa9059cbb" + String(repeating: "0", count: 24) + String(repeating: "11", count: 20)
        + String(repeating: "0", count: 63) + "7"

    @Test("a call is its selector and its arguments")
    func call() throws {
        let function = try ABIFunction("transfer(address,uint256)")
        let arguments: [ABIValue] = [
            .address(try Address("0x1111111111111111111111111111111111111111")), .uint(7),
        ]
        #expect(Hex.encode(try function.encodeCall(arguments)) == Self.transfer)
        #expect(try function.decodeCall(Hex.decode(Self.transfer)) == arguments)
        #expect(try function.outputs.decode([]) == [])
    }

    @Test(
        "data of another call are refused",
        arguments: [
            ("", ABIRule.tooShort, 0), ("a9059c", .tooShort, 3), ("a9059cbc", .wrongSelector, 0),
            ("a9059cbb", .tooShort, 4), (String(transfer.dropFirst(2)) + "00", .trailingData, 68),
        ])
    func refusedCall(digits: String, rule: ABIRule, offset: Int) throws {
        let data = try Hex.decode(digits: digits)
        let error = try #require(throws: ABIError.self) {
            try ABIFunction("transfer(address,uint256)").decodeCall(data)
        }
        #expect(error.rule == rule)
        #expect(error.place == .offset(offset))
    }

    @Test("a revert is its selector and its arguments")
    func revert() throws {
        let revert = try ABIRevert("Error(string)")
        let data = try Hex.decode("0x08c379a0") + words("20", "2", "6f6b…")
        #expect(try revert.encode([.string("ok")]) == data)
        #expect(try revert.decode(data) == [.string("ok")])
        #expect(
            (#expect(throws: ABIError.self) { try ABIRevert("Panic(uint256)").decode(data) })?.rule == .wrongSelector)
    }

    @Test("a log is its topics and its data")
    func log() throws {
        let event = try ABIEvent(
            "Transferred(address indexed operator, bytes16 id, address recipient, address sender, uint256, address)"
        )
        let zeros = String(repeating: "0", count: 39)
        func address(_ digit: Int) throws -> ABIValue { .address(try Address("0x\(zeros)\(digit)")) }
        let id = [UInt8](repeating: 0xcd, count: 16)
        let arguments = try [address(1), .fixedBytes(id), address(2), address(3), .uint(5), address(4)]
        let log = try event.encode(arguments)
        let first = "0xb7ee4fafa10d16ee883a136a3dcc9179d8e6041ba71cc29c2b0bce4f7bdd6e86"
        #expect(log.topics.map { $0.description } == [first, "0x\(zeros)\(zeros.prefix(24))1"])
        let expected = try words("cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd…", "2", "3", "5", "4")
        #expect(log.data == expected)
        #expect(try event.decode(log) == arguments)
    }

    @Test("an indexed argument larger than a word is hashed in place")
    func hashedTopics() throws {
        let event = try ABIEvent("E(bytes indexed a, string indexed b, (bool,bytes)[] indexed c) ")
        let arguments: [ABIValue] = [
            .bytes([1, 2, 3]), .string("abc"),
            .array([.tuple([.bool(true), .bytes([1])]), .tuple([.bool(false), .bytes([])])]),
        ]
        let log = try event.encode(arguments)
        #expect(log.data == [])
        #expect(
            log.topics == [
                event.topic, .keccak([1, 2, 3]), .keccak(Array("abc".utf8)), .keccak(try words("1", "01…", "0")),
            ])
        #expect(try event.decode(log) == log.topics.dropFirst().map { .fixedBytes($0.bytes) })
    }

    @Test("an anonymous event has no topic of its own")
    func anonymous() throws {
        let event = try ABIEvent(
            "E(bool indexed, int8 indexed, bytes2 indexed, uint8 indexed, string) anonymous")
        let arguments: [ABIValue] = [.bool(true), .int(-1), .fixedBytes([1, 2]), .uint(9), .string("s")]
        let log = try event.encode(arguments)
        #expect(log.topics.flatMap { $0.bytes } == (try words("1", "ffff", "0102…", "9")))
        #expect(log.data == (try words("20", "1", "73…")))
        #expect(try event.decode(log) == arguments)
    }

    @Test(
        "a log of another event is refused",
        arguments: [
            ([], "", ABIRule.wrongTopicCount, ABIError.Place.value("/topics")),
            (["E(bool)", ""], "", .wrongTopic, .value("/topics/0")),
            (["E(bool,uint8)", "2"], "3", .notBoolean, .value("/topics/1")),
            (["E(bool,uint8)", "1"], "", .tooShort, .offset(0)),
            (["E(bool,uint8)", "1"], "100", .outOfRange, .offset(0)),
        ])
    func refusedLog(topics: [String], data: String, rule: ABIRule, place: ABIError.Place) throws {
        let topics = try topics.enumerated().map { index, text in
            try index == 0 ? Hash.topic(signature: text) : Hash(words(text)) ?? .zero
        }
        let data = try data.isEmpty ? [] : words(data)
        let error = try #require(throws: ABIError.self) {
            try ABIEvent("E(bool indexed, uint8)").decode(.init(topics: topics, data: data))
        }
        #expect(error.rule == rule)
        #expect(error.place == place)
    }

    @Test("an argument out of range is in no log")
    func refusedArguments() throws {
        let error = try #require(throws: ABIError.self) { try ABIEvent("E(uint8 indexed)").encode([.uint(256)]) }
        #expect(error.rule == .outOfRange)
        #expect(error.place == .value("/0"))
    }
}

@Suite("Rules of the ABI")
struct ABIRuleTests {
    @Test("are said with the place, what was seen and what was expected")
    func said() throws {
        let offset = try #require(throws: ABIError.self) { try ABIType("uint7") }
        #expect(offset.problems.map(\.message) == ["the type has a width that does not exist: at byte 0; saw uint7"])
        #expect(offset.problems.map(\.code) == ["abi.wrong-width"])
        let value = try #require(throws: ABIError.self) { try ABIParameters("(bool)").encode([.uint(1)]) }
        #expect(value.problems.map(\.field) == ["/0"])
        #expect(
            value.problems.map(\.message) == [
                "the value is not one of its type; saw an unsigned integer; expected bool"
            ])
    }

    @Test("have a code of this module and a meaning", arguments: ABIRule.allCases)
    func complete(rule: ABIRule) {
        #expect(rule.rawValue.hasPrefix("abi."))
        #expect(!rule.meaning.isEmpty && !rule.meaning.hasSuffix("."))
    }
}
