import AirlockEthereumTypes
import Testing

@Suite("UInt256")
struct UInt256Tests {
    static let maximum = "115792089237316195423570985008687907853269984665640564039457584007913129639935"

    /// Each row has a number in decimal digits, the same number in hexadecimal digits, and the number of its bytes. The
    /// rows were computed with Python's integers.
    static let texts: [(String, String, Int)] = [
        ("0", "0x0", 0), ("1", "0x1", 1), ("255", "0xff", 1), ("256", "0x100", 2),
        ("9999999999999999999", "0x8ac7230489e7ffff", 8), ("10000000000000000000", "0x8ac7230489e80000", 8),
        ("18446744073709551615", "0xffffffffffffffff", 8), ("18446744073709551616", "0x10000000000000000", 9),
        ("99999999999999999999999999999999999999", "0x4b3b4ca85a86c47a098a223fffffffff", 16),
        ("100000000000000000000000000000000000000", "0x4b3b4ca85a86c47a098a224000000000", 16),
        ("340282366920938463463374607431768211456", "0x100000000000000000000000000000000", 17),
        (
            "57896044618658097711785492504343953926634992332820282019728792003956564819968",
            "0x8000000000000000000000000000000000000000000000000000000000000000", 32
        ),
        (maximum, "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 32),
    ]

    @Test("reads and writes decimal text, quantities and words", arguments: texts)
    func reads(decimal: String, quantity: String, bytes: Int) throws {
        let value = try UInt256(decimal: decimal)
        #expect(value.description == decimal)
        #expect(value.quantity == quantity)
        #expect(try UInt256(quantity: quantity) == value)
        #expect(try UInt256(quantity: quantity.uppercased().replacing("X", with: "x")) == value)
        #expect(UInt256(value.word) == value)
        #expect(value.byteCount == bytes)
        #expect(value.isZero == (decimal == "0"))
        #expect(UInt256(bigEndianWords: value.bigEndianWords) == value)
        let digits = quantity.dropFirst(2)
        let padded = String(repeating: "0", count: 64 - digits.utf8.count) + digits
        #expect(value.word.description == "0x" + padded)
    }

    @Test("reads parts of texts too")
    func substrings() throws {
        #expect(try UInt256(decimal: "amount 1234".dropFirst(7)) == 1234)
        #expect(try UInt256(quantity: "gas 0x1f".dropFirst(4)) == 31)
    }

    @Test(
        "refuses what is no decimal integer",
        arguments: [
            ("", ValueRule.notDecimal), ("-1", .notDecimal), ("+1", .notDecimal), ("01", .notDecimal),
            ("00", .notDecimal), (" 1", .notDecimal), ("1 ", .notDecimal), ("1.0", .notDecimal), ("1e3", .notDecimal),
            ("0x1", .notDecimal), ("\u{661}", .notDecimal), ("1\u{0}", .notDecimal), ("1_000", .notDecimal),
            ("115792089237316195423570985008687907853269984665640564039457584007913129639936", .tooLarge),
            ("1000000000000000000000000000000000000000000000000000000000000000000000000000000", .tooLarge),
            (String(repeating: "9", count: 5_000), .tooLarge),
            (String(repeating: "9", count: 5_000) + "x", .notDecimal),
        ] as [(String, ValueRule)])
    func notDecimal(text: String, rule: ValueRule) {
        #expect((#expect(throws: ValueError.self) { try UInt256(decimal: text) })?.rule == rule)
    }

    @Test(
        "refuses what is no quantity",
        arguments: [
            ("", ValueRule.notHexQuantity), ("0", .notHexQuantity), ("0x", .notHexQuantity), ("1", .notHexQuantity),
            ("0x00", .notHexQuantity), ("0x01", .notHexQuantity), ("0X1", .notHexQuantity), ("0xg", .notHexQuantity),
            ("0x1 ", .notHexQuantity), (" 0x1", .notHexQuantity), ("-0x1", .notHexQuantity),
            ("0x" + String(repeating: "f", count: 64) + "g", .notHexQuantity),
            ("0x1" + String(repeating: "0", count: 64), .tooLarge),
            ("0x" + String(repeating: "f", count: 65), .tooLarge),
        ] as [(String, ValueRule)])
    func notQuantity(text: String, rule: ValueRule) {
        #expect((#expect(throws: ValueError.self) { try UInt256(quantity: text) })?.rule == rule)
    }

    @Test("16 bytes are the low half of a word")
    func half() throws {
        let half = try FixedBytes<16>(hex: "0x0102030405060708090a0b0c0d0e0f10")
        #expect(UInt256(half) == UInt256(bigEndianWords: (0, 0, 0x0102_0304_0506_0708, 0x090a_0b0c_0d0e_0f10)))
    }

    @Test("reads up to 32 big-endian bytes", arguments: 0...33)
    func bytes(count: Int) {
        let bytes = (0..<count).map { UInt8($0 + 1) }
        let value = UInt256(bigEndian: bytes.span)
        if count > 32 {
            #expect(value == nil)
        } else {
            #expect(value?.word.bytes == [UInt8](repeating: 0, count: 32 - count) + bytes)
        }
    }

    @Test("becomes a smaller integer only when it fits")
    func smaller() throws {
        #expect(UInt64(exactly: UInt256(UInt64.max)) == .max)
        #expect(UInt64(exactly: try UInt256(decimal: "18446744073709551616")) == nil)
        #expect(Int(exactly: 9_223_372_036_854_775_807 as UInt256) == .max)
        #expect(Int(exactly: 9_223_372_036_854_775_808 as UInt256) == nil)
        #expect(Int(exactly: UInt256.max) == nil)
    }

    @Test("orders numbers by their highest lane that differs")
    func order() throws {
        let ascending = try Self.texts.map { try UInt256(decimal: $0.0) }
        #expect(ascending.shuffled().sorted() == ascending)
        for (left, right) in zip(ascending, ascending.dropFirst()) {
            #expect(left < right && !(right < left) && left != right)
        }
    }
}
