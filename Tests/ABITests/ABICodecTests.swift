import AirlockABI
import AirlockEthereumTypes
import Testing

/// Returns the bytes of 32-byte words, each given by some of its hexadecimal digits. For example, `words("7")` is the
/// word of the integer 7. If the digits end in `…`, zeros are added on the right. If the digits begin with `ff`, the
/// digit `f` is added on the left. In all other cases, zeros are added on the left.
func words(_ words: String...) throws -> [UInt8] {
    try Hex.decode(
        digits: words.map { word in
            word.hasSuffix("…")
                ? word.dropLast() + String(repeating: "0", count: 65 - word.count)
                : String(repeating: word.hasPrefix("ff") ? "f" : "0", count: 64 - word.count) + word
        }.joined())
}

@Suite("Encoding and decoding")
struct ABICodecTests {
    @Test("elementary values stand in words")
    func elementary() throws {
        let parameters = try ABIParameters("(uint32,int24,bool,bytes3,address,string,function)")
        let address = try Address("0x1111111111111111111111111111111111111111")
        let function = [UInt8](repeating: 0xab, count: 24)
        let values: [ABIValue] = [
            .uint(7), .int(-2), .bool(true), .fixedBytes([0x61, 0x62, 0x63]), .address(address), .string("hé"),
            .fixedBytes(function),
        ]
        let data = try words(
            "7", "fffe", "1", "616263…", "1111111111111111111111111111111111111111", "e0",
            "abababababababababababababababababababababababab…", "3", "68c3a9…")
        #expect(try parameters.encode(values) == data)
        #expect(try parameters.decode(data) == values)
    }

    @Test("tuples and arrays stand in heads and tails")
    func nested() throws {
        let parameters = try ABIParameters("((uint8,bytes)[],string[2],uint8[2],(bool,int8))")
        let values: [ABIValue] = [
            .array([.tuple([.uint(1), .bytes([1])]), .tuple([.uint(2), .bytes([])])]),
            .array([.string("a"), .string("b")]), .array([.uint(3), .uint(4)]), .tuple([.bool(false), .int(-1)]),
        ]
        let data = try words(
            "c0", "200", "3", "4", "0", "ffff", "2", "40", "c0", "1", "40", "1", "01…", "2", "40", "0", "40", "80",
            "1", "61…", "1", "62…")
        #expect(try parameters.encode(values) == data)
        #expect(try parameters.decode(data) == values)
    }

    @Test(
        "the ends of each range fit, and one more does not",
        arguments: [
            ("uint8", ABIValue.uint(255), ABIValue.uint(256), "100"),
            ("uint64", .uint(UInt256(.max)), .uint(UInt256(.max).adding(1) ?? 0), "10000000000000000"),
            ("int8", .int(127), .int(128), "80"), ("int8", .int(-128), .int(-129), "ffff7f"),
            ("int64", .int(Int256(.min)), .int(Int256(bitPattern: 0x8000_0000_0000_0000)), "8000000000000000"),
        ])
    func range(type: String, largest: ABIValue, tooLarge: ABIValue, word: String) throws {
        let parameters = try ABIParameters("(\(type))")
        #expect(try parameters.decode(try parameters.encode([largest])) == [largest])
        let refused = try #require(throws: ABIError.self) { try parameters.encode([tooLarge]) }
        #expect(refused.rule == .outOfRange)
        #expect(refused.place == .value("/0"))
        let unread = try #require(throws: ABIError.self) { try parameters.decode(words(word)) }
        #expect(unread.rule == .outOfRange)
        #expect(unread.place == .offset(0))
    }

    @Test(
        "values that are not of their types are refused, and the place said",
        arguments: [
            ("(uint8)", [ABIValue.int(1)], ABIRule.typeMismatch, "/0"), ("(uint8)", [], .wrongCount, ""),
            ("()", [.bool(true)], .wrongCount, ""), ("(bool)", [.uint(1)], .typeMismatch, "/0"),
            ("(address)", [.fixedBytes(.init(repeating: 0, count: 20))], .typeMismatch, "/0"),
            ("(bytes2)", [.fixedBytes([1])], .typeMismatch, "/0"), ("(bytes2)", [.bytes([1, 2])], .typeMismatch, "/0"),
            ("(bytes)", [.string("")], .typeMismatch, "/0"), ("(string)", [.bytes([])], .typeMismatch, "/0"),
            ("(function)", [.fixedBytes([])], .typeMismatch, "/0"),
            ("(bool[])", [.tuple([])], .typeMismatch, "/0"), ("((bool))", [.array([.bool(true)])], .typeMismatch, "/0"),
            ("(bool,bool[2])", [.bool(true), .array([.bool(true)])], .wrongCount, "/1"),
            ("(bool,((bool,uint8[])))", [.bool(true), .tuple([.tuple([.bool(true)])])], .wrongCount, "/1/0"),
            ("(uint8[][])", [.array([.array([]), .array([.uint(1), .uint(256)])])], .outOfRange, "/0/1/1"),
        ])
    func mismatch(types: String, values: [ABIValue], rule: ABIRule, pointer: String) throws {
        let parameters = try ABIParameters(types)
        let error = try #require(throws: ABIError.self) { try parameters.encode(values) }
        #expect(error.rule == rule)
        #expect(error.place == .value(pointer))
        #expect(throws: error) { try parameters.encodePacked(values) }
    }

    struct RefusedInput: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let types: String
        let words: [String]
        var cut = 0
        let rule: ABIRule
        let offset: Int
    }

    static let refusals = [
        RefusedInput(testDescription: "no data", types: "(bool)", words: [], rule: .tooShort, offset: 0),
        RefusedInput(testDescription: "a word cut", types: "(bool)", words: ["1"], cut: 1, rule: .tooShort, offset: 31),
        RefusedInput(testDescription: "no length", types: "(bytes)", words: ["20"], rule: .tooShort, offset: 32),
        RefusedInput(
            testDescription: "a tail cut", types: "(bytes)", words: ["20", "1", "01…"], cut: 1, rule: .tooShort,
            offset: 95),
        RefusedInput(
            testDescription: "a head cut", types: "(bytes[2])", words: ["20", "40"], rule: .tooShort, offset: 64),
        RefusedInput(
            testDescription: "bytes after the values", types: "(bool)", words: ["1", "0"], rule: .trailingData,
            offset: 32),
        RefusedInput(testDescription: "bytes after nothing", types: "()", words: ["0"], rule: .trailingData, offset: 0),
        RefusedInput(
            testDescription: "an offset beyond the end", types: "(bytes)", words: ["41", "0"], rule: .offsetOutside,
            offset: 0),
        RefusedInput(
            testDescription: "an offset of 2^255", types: "(bool,bytes)",
            words: ["1", "8" + .init(repeating: "0", count: 63), "0"],
            rule: .offsetOutside, offset: 32),
        RefusedInput(
            testDescription: "an offset to itself", types: "(bytes)", words: ["0", "0"], rule: .wrongOffset, offset: 0),
        RefusedInput(
            testDescription: "a gap", types: "(bytes)", words: ["40", "0", "0"], rule: .wrongOffset, offset: 0),
        RefusedInput(
            testDescription: "an offset between words", types: "(bytes)", words: ["21", "0", "0"], rule: .wrongOffset,
            offset: 0),
        RefusedInput(
            testDescription: "two offsets to one value", types: "(bytes,bytes)", words: ["40", "40", "0"],
            rule: .wrongOffset, offset: 32),
        RefusedInput(
            testDescription: "values in another order", types: "(bytes,bytes)", words: ["60", "40", "0", "0"],
            rule: .wrongOffset, offset: 0),
        RefusedInput(
            testDescription: "an inner offset that counts from the data", types: "((bytes))", words: ["20", "40", "0"],
            rule: .wrongOffset, offset: 32),
        RefusedInput(
            testDescription: "an offset that loops", types: "(uint8[][])", words: ["20", "1", "0"], rule: .wrongOffset,
            offset: 64),
        RefusedInput(
            testDescription: "a length of one too many bytes", types: "(bytes)", words: ["20", "21", "0"],
            rule: .lengthTooLarge, offset: 32),
        RefusedInput(
            testDescription: "a length of gigabytes", types: "(bytes)", words: ["20", "100000000", "0"],
            rule: .lengthTooLarge, offset: 32),
        RefusedInput(
            testDescription: "a length of 2^256 - 1", types: "(string)",
            words: ["20", .init(repeating: "f", count: 64)],
            rule: .lengthTooLarge, offset: 32),
        RefusedInput(
            testDescription: "one element too many", types: "(bool[])", words: ["20", "2", "1"], rule: .lengthTooLarge,
            offset: 32),
        RefusedInput(
            testDescription: "2^32 elements", types: "(bytes[])", words: ["20", "100000000", "0"],
            rule: .lengthTooLarge, offset: 32),
        RefusedInput(
            testDescription: "2^59 elements", types: "(bool[2][])", words: ["20", "800000000000000"],
            rule: .lengthTooLarge, offset: 32),
        RefusedInput(
            testDescription: "a fixed array of gigabytes", types: "(bool[67108864])", words: ["1"], rule: .tooShort,
            offset: 32),
        RefusedInput(
            testDescription: "bytes not filled up with zeros", types: "(bytes)", words: ["20", "1", "0101…"],
            rule: .dirtyPadding, offset: 65),
        RefusedInput(
            testDescription: "bytes3 not filled up with zeros", types: "(bytes3)", words: ["61626364…"],
            rule: .dirtyPadding, offset: 3),
        RefusedInput(
            testDescription: "a function not filled up with zeros", types: "(function)",
            words: [.init(repeating: "a", count: 64)],
            rule: .dirtyPadding, offset: 24),
        RefusedInput(
            testDescription: "an address of 21 bytes", types: "(bool,address)",
            words: ["1", "01" + .init(repeating: "0", count: 40)],
            rule: .dirtyPadding, offset: 32),
        RefusedInput(testDescription: "a boolean of 2", types: "(bool)", words: ["2"], rule: .notBoolean, offset: 0),
        RefusedInput(
            testDescription: "a boolean of 2^64", types: "(bool)", words: ["10000000000000000"], rule: .notBoolean,
            offset: 0),
        RefusedInput(
            testDescription: "a string of bad UTF-8", types: "(string)", words: ["20", "2", "c328…"], rule: .badUTF8,
            offset: 64),
        RefusedInput(
            testDescription: "a string with a surrogate", types: "(string)", words: ["20", "3", "eda080…"],
            rule: .badUTF8, offset: 64),
    ]

    @Test("data that break a rule are refused at the byte that breaks it", arguments: refusals)
    func refused(refusal: RefusedInput) throws {
        let data = try Array(refusal.words.reduce(into: []) { $0 += try words($1) }.dropLast(refusal.cut))
        let error = try #require(throws: ABIError.self) { try ABIParameters(refusal.types).decode(data) }
        #expect(error.rule == refusal.rule)
        #expect(error.place == .offset(refusal.offset))
    }

    @Test("what is read is written again, byte for byte, whatever the types", arguments: 0..<200)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let types =
            "("
            + (0..<Int.random(in: 0...4, using: &random)).map { _ in random.type(depth: 3) }
            .joined(separator: ",") + ")"
        let parameters = try ABIParameters(types)
        #expect(parameters.description == types)
        let values = parameters.elements.map { random.value(of: $0.type) }
        let data = try parameters.encode(values)
        #expect(try parameters.decode(data) == values)
        // One bit of the data is changed. The decoder must refuse the changed data, or decode it to values that encode
        // to exactly the changed data.
        guard !data.isEmpty else { return }
        var changed = data
        changed[Int.random(in: 0..<data.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
        if let others = try? parameters.decode(changed) { #expect(try parameters.encode(others) == changed) }
        // The decoder must refuse data whose end is missing, wherever the data is cut off.
        #expect(throws: ABIError.self) {
            try parameters.decode(Array(data.prefix(Int.random(in: 0..<data.count, using: &random))))
        }
    }
}
