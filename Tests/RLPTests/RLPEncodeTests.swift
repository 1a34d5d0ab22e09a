import EthereumTypes
import RLP
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

    /// The prefixes around the edges of the short form and of each length of length.
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

    /// The examples of the Ethereum wiki, and nested lists around the edge of the short form.
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

    /// A description that says more when written than when measured.
    private final class Fickle: RLPList {
        var calls = 0

        func encodeItems(into sink: inout some RLPOutput) {
            calls += 1
            for _ in 0..<calls { sink.append(bytes: [1, 2, 3]) }
        }
    }

    @Test("stops the program rather than write beyond what was measured")
    func fickle() async {
        await #expect(processExitsWith: .failure) { _ = RLP.encode(Fickle()) }
    }
}
