import AirlockEthereumTypes
import Testing

@Suite("Hexadecimal text")
struct HexTests {
    /// The lengths cover several groups of bytes, and every possible number of bytes after the last whole group.
    @Test("is written and read back, whatever the length", arguments: 0...70)
    func lengths(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ count) }
        let digits = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(Hex.encode(bytes) == "0x" + digits)
        #expect(Hex.encode(bytes, prefix: false) == digits)
        #expect(try Hex.decode("0x" + digits) == bytes)
        #expect(try Hex.decode(digits: digits) == bytes)
        #expect(try Hex.decode("0x" + digits.uppercased()) == bytes)
        #expect(try Hex.decode("raw 0x\(digits)".dropFirst(4)) == bytes)
        #expect(try Hex.decode(digits: "raw \(digits)".dropFirst(4)) == bytes)
    }

    @Test("writes and reads every byte")
    func everyByte() throws {
        let bytes = Array(0...UInt8.max)
        #expect(try Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(Hex.encode(bytes, prefix: false).hasPrefix("000102030405060708090a0b0c0d0e0f10"))
        #expect(Hex.encode(bytes).hasSuffix("f9fafbfcfdfeff"))
    }

    /// A group of the portable kernel has 32 digits. The first number of digits is less than one group. The others are
    /// slightly more than one, two and three groups.
    @Test("takes the digits of both cases and nothing else, at every place", arguments: [18, 34, 70, 98])
    func everyCharacter(count: Int) {
        let digits = Set("0123456789abcdefABCDEF".utf8)
        for place in 0..<count {
            for character in 0...UInt8.max {
                var text = [UInt8](repeating: UInt8(ascii: "7"), count: count)
                text[place] = character
                guard let string = String(validating: text, as: UTF8.self) else { continue }
                let bytes = try? Hex.decode(digits: string)
                #expect((bytes != nil) == digits.contains(character), "\(character) at \(place)")
            }
        }
    }

    @Test(
        "is refused with anything else in it",
        arguments: [
            "", "0", "x", "00", "0X00", "0x0", "0x000", "0x0g", "0x 0", " 0x00", "0x00 ", "0x\u{ff10}0",
            "0x00000000000000\u{e9}0", "0x\u{660}\u{660}",
        ])
    func refused(text: String) {
        let error = #expect(throws: ValueError.self) { try Hex.decode(text) }
        #expect(error == ValueError(.notHex, saw: text, expected: "0x and an even number of hexadecimal digits"))
    }

    @Test("is refused without prefix as it is with one", arguments: ["0", "0x00", "0g", " "])
    func digitsRefused(text: String) {
        let error = #expect(throws: ValueError.self) { try Hex.decode(digits: text) }
        #expect(error == ValueError(.notHex, saw: text, expected: "an even number of hexadecimal digits"))
    }
}

@Suite("Fixed bytes")
struct FixedBytesTests {
    @Test("are read from just as many digits")
    func hex() throws {
        let bytes = try FixedBytes<4>(hex: "0x00ff7F01")
        #expect(bytes.bytes == [0, 0xff, 0x7f, 1])
        #expect(bytes.description == "0x00ff7f01")
        #expect(bytes[1] == 0xff)
        #expect(try FixedBytes<4>(hex: "id 0x00ff7f01".dropFirst(3)) == bytes)
    }

    @Test(
        "are refused from any other text",
        arguments: [
            ("0x00ff7f", ValueRule.wrongLength), ("0x00ff7f0102", .wrongLength), ("0x", .wrongLength),
            ("00ff7f01", .notHex), ("0x00ff7f0", .notHex), ("0x00ff7f0g", .notHex), ("", .notHex),
        ])
    func refused(text: String, rule: ValueRule) {
        #expect((#expect(throws: ValueError.self) { try FixedBytes<4>(hex: text) })?.rule == rule)
    }

    @Test("are made of just as many bytes")
    func count() {
        #expect(FixedBytes<3>([1, 2, 3])?.bytes == [1, 2, 3])
        #expect(FixedBytes<3>([1, 2]) == nil)
        #expect(FixedBytes<3>([1, 2, 3, 4]) == nil)
        #expect(FixedBytes<3>([1, 2, 3].span) == FixedBytes { UInt8($0 + 1) })
        #expect(FixedBytes<3>.zero.bytes == [0, 0, 0])
        #expect(FixedBytes<3>.zero.isZero)
        #expect(FixedBytes<3>([0, 0, 1])?.isZero == false)
    }

    @Test("compare and hash byte by byte")
    func order() {
        let ascending = [[0, 0], [0, 1], [0, 255], [1, 0], [255, 0], [255, 255]].compactMap { FixedBytes<2>($0) }
        #expect(ascending.shuffled().sorted() == ascending)
        #expect(Set(ascending + ascending).count == 6)
        #expect(!(ascending[0] < ascending[0]))
    }

    @Test("hold the hash of a message")
    func keccak() {
        let empty = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
        #expect(Hash.keccak([]).description == empty)
        #expect(Hash.keccak([UInt8]().span).description == empty)
    }
}
