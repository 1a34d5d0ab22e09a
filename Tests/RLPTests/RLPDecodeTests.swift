import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockRLP
import Testing

@Suite("RLP decoding")
struct RLPDecodeTests {
    /// How a row in the table of refusals reads its input.
    enum Reading: Sendable {
        case tree, uint64, uint256, address, addressOrEmpty, bytes, listOfOneInteger, listOfBytes

        func read(_ input: [UInt8]) throws(RLPError) {
            var reader = RLPReader(input)
            switch self {
            case .tree: _ = try RLPItem(decoding: input)
            case .uint64: _ = try reader.uint64()
            case .uint256: _ = try reader.uint256()
            case .address: _ = try reader.address()
            case .addressOrEmpty: _ = try reader.addressOrEmpty()
            case .bytes: _ = try reader.bytes()
            case .listOfOneInteger:
                var list = try reader.list()
                _ = try list.uint64()
                try list.finish()
            case .listOfBytes:
                var list = try reader.list()
                while !list.isAtEnd { _ = try list.bytes() }
            }
            if self != .tree { try reader.finish() }
        }
    }

    struct RefusedInput: Sendable, CustomTestStringConvertible {
        let input: String
        let reading: Reading
        let rule: RLPRule
        let offset: Int

        init(_ input: String, _ reading: Reading, _ rule: RLPRule, at offset: Int) {
            self.input = input
            self.reading = reading
            self.rule = rule
            self.offset = offset
        }

        var testDescription: String { "\(input.prefix(40)) as \(reading): \(rule) at \(offset)" }
    }

    static let refusals = [
        RefusedInput("0x", .tree, .missingItem, at: 0),
        RefusedInput("0xc0", .listOfOneInteger, .missingItem, at: 1),
        RefusedInput("0x", .uint64, .missingItem, at: 0),
        RefusedInput("0xc20102", .listOfOneInteger, .superfluousItem, at: 2),
        RefusedInput("0xc1010203", .listOfOneInteger, .trailingBytes, at: 2),
        RefusedInput("0x0100", .tree, .trailingBytes, at: 1),
        RefusedInput("0xc000", .tree, .trailingBytes, at: 1),
        RefusedInput("0x81", .tree, .beyondEnd, at: 0),
        RefusedInput("0x820a", .bytes, .beyondEnd, at: 0),
        RefusedInput("0xb8", .bytes, .beyondEnd, at: 0),
        RefusedInput("0xb838aa", .bytes, .beyondEnd, at: 0),
        RefusedInput("0xb901", .bytes, .beyondEnd, at: 0),
        RefusedInput("0xc3820a", .tree, .beyondEnd, at: 0),
        RefusedInput("0xc401c30203", .tree, .beyondEnd, at: 2),
        RefusedInput("0xc2018301020304", .listOfBytes, .beyondEnd, at: 2),
        RefusedInput("0xf7", .tree, .beyondEnd, at: 0),
        RefusedInput("0xf8", .tree, .beyondEnd, at: 0),
        RefusedInput("0xbf7fffffffffffffff", .bytes, .beyondEnd, at: 0),
        RefusedInput("0xff7fffffffffffffff00", .tree, .beyondEnd, at: 0),
        RefusedInput("0xbf8000000000000000", .bytes, .lengthTooLarge, at: 0),
        RefusedInput("0xffffffffffffffffff", .tree, .lengthTooLarge, at: 0),
        RefusedInput("0xb80100", .bytes, .lengthNotMinimal, at: 0),
        RefusedInput("0xb837" + String(repeating: "11", count: 55), .bytes, .lengthNotMinimal, at: 0),
        RefusedInput("0xc3f80180", .tree, .lengthNotMinimal, at: 1),
        RefusedInput("0xf837" + String(repeating: "11", count: 55), .tree, .lengthNotMinimal, at: 0),
        RefusedInput("0xb800", .bytes, .lengthLeadingZero, at: 0),
        RefusedInput("0xb90038" + String(repeating: "11", count: 56), .bytes, .lengthLeadingZero, at: 0),
        RefusedInput("0xf90038" + String(repeating: "11", count: 56), .tree, .lengthLeadingZero, at: 0),
        RefusedInput("0xbf0f000000000000021111", .bytes, .beyondEnd, at: 0),
        RefusedInput("0x8100", .bytes, .byteNotMinimal, at: 0),
        RefusedInput("0x817f", .uint64, .byteNotMinimal, at: 0),
        RefusedInput("0xc3058105", .tree, .byteNotMinimal, at: 2),
        RefusedInput("0x00", .uint64, .integerLeadingZero, at: 0),
        RefusedInput("0x00", .uint256, .integerLeadingZero, at: 0),
        RefusedInput("0x820001", .uint64, .integerLeadingZero, at: 0),
        RefusedInput("0xa1" + String(repeating: "00", count: 33), .uint256, .integerLeadingZero, at: 0),
        RefusedInput("0xc483000001", .listOfOneInteger, .integerLeadingZero, at: 1),
        RefusedInput("0x89010000000000000000", .uint64, .integerTooLarge, at: 0),
        RefusedInput("0xa1" + String(repeating: "01", count: 33), .uint256, .integerTooLarge, at: 0),
        RefusedInput("0x80", .address, .wrongLength, at: 0),
        RefusedInput("0x93" + String(repeating: "01", count: 19), .address, .wrongLength, at: 0),
        RefusedInput("0x95" + String(repeating: "01", count: 21), .address, .wrongLength, at: 0),
        RefusedInput("0x05", .addressOrEmpty, .wrongLength, at: 0),
        RefusedInput("0x93" + String(repeating: "01", count: 19), .addressOrEmpty, .wrongLength, at: 0),
        RefusedInput("0xc0", .addressOrEmpty, .expectedBytes, at: 0),
        RefusedInput("0xc0", .uint64, .expectedBytes, at: 0),
        RefusedInput("0xc101", .uint256, .expectedBytes, at: 0),
        RefusedInput("0xc0", .address, .expectedBytes, at: 0),
        RefusedInput("0xc0", .bytes, .expectedBytes, at: 0),
        RefusedInput("0xc3c201c0", .listOfBytes, .expectedBytes, at: 1),
        RefusedInput("0x80", .listOfBytes, .expectedList, at: 0),
        RefusedInput("0x01", .listOfBytes, .expectedList, at: 0),
        RefusedInput("0xbf", .listOfBytes, .expectedList, at: 0),
    ]

    @Test("refuses all but the canonical form, and says where", arguments: refusals)
    func refuses(refusal: RefusedInput) throws {
        let input = try Hex.decode(refusal.input)
        let error = #expect(throws: RLPError.self) { try refusal.reading.read(input) }
        #expect(error == RLPError(refusal.rule, at: refusal.offset))
    }

    @Test("has a refusal for every rule")
    func everyRule() {
        #expect(Set(Self.refusals.map(\.rule)).union([.tooDeep]) == Set(RLPRule.allCases))
    }

    @Test("reads lists as deep as the bound, and no deeper")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            RLP.encode((1..<depth).reduce(RLPItem.list([])) { item, _ in .list([item]) })
        }
        let deepest = nested(RLPItem.maximumDepth)
        #expect(try RLP.encode(RLPItem(decoding: deepest)) == deepest)
        let tooDeep = nested(RLPItem.maximumDepth + 1)
        let error = #expect(throws: RLPError.self) { try RLPItem(decoding: tooDeep) }
        // The innermost list begins at the last byte, so the error states that position.
        #expect(error == RLPError(.tooDeep, at: tooDeep.count - 1))
    }

    @Test(
        "reads back the integers that it writes",
        arguments: [
            "0", "1", "127", "128", "255", "256", "18446744073709551615", "18446744073709551616",
            "115792089237316195423570985008687907853269984665640564039457584007913129639935",
        ])
    func integers(decimal: String) throws {
        let value = try UInt256(decimal: decimal)
        var reader = RLPReader(RLP.encode(value))
        #expect(try reader.uint256() == value)
        try reader.finish()
        if let small = UInt64(exactly: value) {
            var reader = RLPReader(RLP.encode(small))
            #expect(try reader.uint64() == small)
            try reader.finish()
        }
    }

    @Test("reads an address where there is one, and nothing from the empty string")
    func addressOrEmpty() throws {
        let address = Address(FixedBytes { UInt8($0) })
        var reader = RLPReader(RLP.encode(address) + [0x80])
        #expect(try reader.addressOrEmpty() == address)
        #expect(try reader.addressOrEmpty() == nil)
        try reader.finish()
    }

    @Test("reads the items of lists with readers of their own, over the same bytes")
    func lists() throws {
        let address = Address(FixedBytes { UInt8($0) })
        let item = RLPItem.list([
            .bytes([0x80]), .list([.bytes(address.bytes.bytes), .list([])]), .bytes([UInt8](repeating: 7, count: 60)),
        ])
        var reader = RLPReader([2] + RLP.encode(item), from: 1)
        #expect(reader.isAtList && !reader.isAtEnd && reader.position == 1)
        var outer = try reader.list()
        try reader.finish()
        #expect(!outer.isAtList)
        #expect(try outer.uint64() == 0x80)
        #expect(outer.isAtList)
        var inner = try outer.list()
        #expect(try inner.address() == address)
        var empty = try inner.list()
        #expect(empty.isAtEnd && !empty.isAtList)
        try empty.finish()
        #expect((#expect(throws: RLPError.self) { try empty.bytes() })?.rule == .missingItem)
        try inner.finish()
        #expect(try outer.bytes() == [UInt8](repeating: 7, count: 60)[...])
        try outer.finish()
    }

    @Test("reads the items of lists within the one reader, and all of them")
    func listsWithin() throws {
        let bytes: [UInt8] = [0xc6, 0x01, 0xc2, 0x02, 0x03, 0x81, 0x80, 0x04]
        var reader = RLPReader(bytes)
        let outside = try reader.enterList()
        #expect(try reader.uint64() == 1)
        let around = try reader.enterList()
        #expect(try reader.uint64() == 2 && reader.uint64() == 3 && reader.isAtEnd)
        try reader.leaveList(to: around)
        #expect(try reader.uint64() == 0x80)
        try reader.leaveList(to: outside)
        // The reader has left the inner list and the outer list. It has not yet read the byte after them.
        #expect(!reader.isAtEnd && reader.position == 7)
        #expect((#expect(throws: RLPError.self) { try reader.finish() }) == RLPError(.trailingBytes, at: 7))
        #expect(try reader.array() == [4])
        try reader.finish()

        let superfluous = #expect(throws: RLPError.self) {
            var reader = RLPReader(bytes)
            _ = try reader.enterList()
            _ = try reader.uint64()
            let around = try reader.enterList()
            _ = try reader.uint64()
            try reader.leaveList(to: around)
        }
        #expect(superfluous == RLPError(.superfluousItem, at: 4))
        let beyond = #expect(throws: RLPError.self) {
            var reader = RLPReader([0xc1, 0x01, 0x02])
            _ = try reader.enterList()
            _ = try reader.uint64()
            _ = try reader.uint64()
        }
        #expect(beyond == RLPError(.missingItem, at: 2))
    }

    @Test("every byte string of two bytes, and of three that end in 7f or 80, is refused or encodes to itself")
    func exhaustive() {
        var decoded = 0
        var changed: [[UInt8]] = []
        for first in 0...UInt8.max {
            for second in 0...UInt8.max {
                for input in [[first, second], [first, second, 0x7f], [first, second, 0x80]] {
                    guard let item = try? RLPItem(decoding: input) else { continue }
                    decoded += 1
                    if RLP.encode(item) != input { changed.append(input) }
                }
            }
        }
        #expect(changed == [])
        // The number of accepted inputs is the sum of the numbers for each prefix:
        // - 81 xx: 128.
        // - c1 xx: 130, where xx is 00 to 7f, 80 or c0.
        // - 82 xx yy: 2 · 256.
        // - c2 xx yy: 2 · 128 where xx is 00 to 7f; 4 where xx is 80 or c0; and three others: c2 81 80, c2 c1 7f and c2
        //   c1 80.
        #expect(decoded == 128 + 130 + 512 + 256 + 4 + 3)
    }

    @Test("says rule and place")
    func problem() {
        let problem = RLPError(.byteNotMinimal, at: 7).problems[0]
        #expect(problem.code == "rlp.byte-not-minimal")
        #expect(problem.message == "a single byte below 128 is written with a prefix: at byte 7")
    }

    @Test("every rule says what is wrong", arguments: RLPRule.allCases)
    func rules(rule: RLPRule) {
        #expect(!rule.meaning.isEmpty)
    }
}
