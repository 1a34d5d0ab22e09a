import AirlockEthereumTypes
import AirlockRLP
import Testing

@Suite("RLP encoding")
struct RLPEncodeTests {
    @Test(
        "writes an integer in its shortest form",
        arguments: [
            (0, "0x80"), (1, "0x01"), (127, "0x7f"), (128, "0x8180"), (255, "0x81ff"), (256, "0x820100"),
            (0xffff, "0x82ffff"), (0x10000, "0x83010000"), (0xff_ffff_ffff, "0x85ffffffffff"),
            (UInt64.max, "0x88ffffffffffffffff"),
        ])
    func integers(value: UInt64, expected: String) {
        #expect(Hex.encode(RLP.encode(value)) == expected)
        #expect(Hex.encode(RLP.encode(UInt256(value))) == expected)
        #expect(RLP.length(of: value) == expected.utf8.count / 2 - 1)
    }

    @Test(
        "writes an integer above 64 bits in its shortest form",
        arguments: [
            ("0x10000000000000000", "0x89010000000000000000"),
            ("0xffffffffffffffffffffffffffffffff", "0x90ffffffffffffffffffffffffffffffff"),
            ("0x102030405060708090a0b0c0d0e0f1011", "0x910102030405060708090a0b0c0d0e0f1011"),
            (
                "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "0x9fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            ),
            (
                "0x102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
                "0xa00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
            ),
        ])
    func largeIntegers(quantity: String, expected: String) throws {
        let value = try UInt256(quantity: quantity)
        #expect(Hex.encode(RLP.encode(value)) == expected)
        #expect(RLP.length(of: value) == expected.utf8.count / 2 - 1)
    }

    /// An integer is written as whole machine words. The next item then overwrites the surplus bytes. So this test
    /// writes integers of every length, each followed by another item.
    @Test("writes and reads integers of every length", arguments: 1...32)
    func everyLength(count: Int) throws {
        for first in [1, 0x7f, 0x80, 0xff] as [UInt8] {
            let digits = [first] + (1..<count).map { UInt8(truncatingIfNeeded: 0xa0 &+ $0) }
            let number = UInt256(bigEndian: digits.span)
            let value = try #require(number)
            let item = count == 1 && first < 0x80 ? digits : [0x80 + UInt8(count)] + digits
            let expected = [0xc0 + UInt8(item.count + 1)] + item + [5]
            #expect(RLP.encode([value, 5]) == expected)
            var reader = RLPReader(expected)
            var list = try reader.list()
            #expect(try list.uint256() == value)
            #expect(try list.uint64() == 5)
            guard let small = UInt64(exactly: value) else { continue }
            #expect(RLP.encode([small, 5]) == expected)
            list = RLPReader(expected, from: 1)
            #expect(try list.uint64() == small)
        }
    }

    @Test("writes the fields of a value that is no list itself, and empty lists")
    func fields() {
        enum Pair: RLPFields {
            static func encodeItems(of value: UInt64, into sink: inout some RLPOutput) {
                sink.append(integer: value)
                sink.appendEmptyList()
                sink.append(address: .zero)
            }
        }
        let expected: [UInt8] = [2, 0xd7, 7, 0xc0, 0x94] + [UInt8](repeating: 0, count: 20)
        #expect(RLP.encode(7, as: Pair.self, after: 2) == expected)
        var buffer = [UInt8](repeating: 9, count: 100)
        RLP.encode(7, as: Pair.self, after: nil, into: &buffer)
        #expect(buffer == Array(expected[1...]))
    }

    /// The lengths are 0, 2, and lengths next to the limits at which the prefix becomes longer.
    @Test(
        "writes the prefix that the length calls for",
        arguments: [
            (0, "0x80"), (2, "0x82"), (55, "0xb7"), (56, "0xb838"), (255, "0xb8ff"), (256, "0xb90100"),
            (65_535, "0xb9ffff"), (65_536, "0xba010000"), (16_777_216, "0xbb01000000"),
        ])
    func prefixes(length: Int, prefix: String) throws {
        let payload = [UInt8](repeating: 0xab, count: length)
        let expected = try Hex.decode(prefix) + payload
        #expect(RLP.encode(RLPItem.bytes(payload)) == expected)
        guard length <= 256 else { return }
        let listPrefix = [expected[0] + 0x40] + expected[1..<expected.count - length]
        #expect(RLP.encode(RLPItem.list(payload.map { _ in .bytes([5]) })) == listPrefix + payload.map { _ in 5 })
    }

    @Test("writes a single byte below 128 as itself, and any other with a prefix", arguments: 0...UInt8.max)
    func singleByte(byte: UInt8) {
        #expect(RLP.encode(RLPItem.bytes([byte])) == (byte < 0x80 ? [byte] : [0x81, byte]))
        #expect(RLP.encode(FixedBytes<1> { _ in byte }) == (byte < 0x80 ? [byte] : [0x81, byte]))
    }

    @Test("keeps the leading zeros of bytes of fixed length")
    func fixedBytes() {
        #expect(Hex.encode(RLP.encode(FixedBytes<4>.zero)) == "0x8400000000")
        #expect(Hex.encode(RLP.encode(Address.zero)) == "0x94" + String(repeating: "00", count: 20))
    }

    /// The examples of the Ethereum wiki, and nested lists at the limit of the short form.
    @Test(
        "writes lists of lists",
        arguments: [
            (RLPItem.list([]), "0xc0"),
            (.list([.bytes(Array("cat".utf8)), .bytes(Array("dog".utf8))]), "0xc88363617483646f67"),
            (.list([.list([]), .list([.list([])]), .list([.list([]), .list([.list([])])])]), "0xc7c0c1c0c3c0c1c0"),
            (
                .list([.list([.bytes([UInt8](repeating: 0x61, count: 55))])]),
                "0xf83af838b7" + String(repeating: "61", count: 55)
            ),
        ])
    func lists(item: RLPItem, expected: String) throws {
        #expect(Hex.encode(RLP.encode(item)) == expected)
        #expect(try RLPItem(decoding: Hex.decode(expected)) == item)
    }

    @Test("writes arrays of values as lists")
    func arrays() {
        #expect(Hex.encode(RLP.encode([[1, 2, 3], [], [256]] as [[UInt64]])) == "0xc9c3010203c0c3820100")
    }

    @Test("puts the type of a transaction before the encoding")
    func typed() {
        #expect(RLP.encode([7] as [UInt64], after: 2) == [2, 0xc1, 7])
    }

    @Test("replaces what a buffer holds, whatever its size")
    func buffer() {
        var buffer: [UInt8] = []
        for count in [0, 3, 100, 1, 60] {
            let value = [UInt64](repeating: 9, count: count)
            RLP.encode(value, into: &buffer)
            #expect(buffer == RLP.encode(value))
            RLP.encode(value, after: 2, into: &buffer)
            #expect(buffer == RLP.encode(value, after: 2))
        }
    }

    /// A list that has more items when it is written than when its length was measured.
    private final class Fickle: RLPList {
        var calls = 0

        func encodeItems(into sink: inout some RLPOutput) {
            calls += 1
            for _ in 0..<calls { sink.append(bytes: [1, 2, 3]) }
        }
    }

    /// A list that has fewer items when it is written than when its length was measured.
    private final class Shy: RLPList {
        var calls = 0

        func encodeItems(into sink: inout some RLPOutput) {
            calls += 1
            if calls == 1 { sink.append(bytes: [1, 2, 3]) }
        }
    }

    @Test("stops the program rather than leave unwritten what was measured")
    func shy() async {
        await #expect(processExitsWith: .failure) { _ = RLP.encode(Shy()) }
    }

    @Test("stops the program rather than write beyond what was measured")
    func fickle() async {
        await #expect(processExitsWith: .failure) { _ = RLP.encode(Fickle()) }
    }
}
