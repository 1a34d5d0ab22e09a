import AirlockEthereumTypes
import Testing

@Suite("Int256")
struct Int256Tests {
    static let minimum = "-57896044618658097711785492504343953926634992332820282019728792003956564819968"
    static let maximum = "57896044618658097711785492504343953926634992332820282019728792003956564819967"

    @Test(
        "reads and writes decimal text, as the bits of two's complement",
        arguments: [
            ("0", "0x0"), ("1", "0x1"), ("-1", UInt256.max.quantity), ("-18446744073709551616", notLow),
            (minimum, "0x8" + String(repeating: "0", count: 63)), (maximum, "0x7" + String(repeating: "f", count: 63)),
        ])
    func decimal(text: String, bits: String) throws {
        let value = try Int256(decimal: text)
        #expect(value.description == text)
        #expect(value.bitPattern.quantity == bits)
    }

    static let notLow = "0x" + String(repeating: "f", count: 48) + String(repeating: "0", count: 16)

    @Test(
        "refuses what is no decimal integer of 256 bits",
        arguments: [
            ("", ValueRule.notDecimal), ("-", .notDecimal), ("-0", .notDecimal), ("+1", .notDecimal),
            ("--1", .notDecimal), ("-01", .notDecimal), ("- 1", .notDecimal), ("1-", .notDecimal),
            ("-\u{301}5", .notDecimal), ("\u{600}-5", .notDecimal),
            ("57896044618658097711785492504343953926634992332820282019728792003956564819968", .tooLarge),
            ("-57896044618658097711785492504343953926634992332820282019728792003956564819969", .tooLarge),
            (UInt256.max.description, .tooLarge), ("-" + UInt256.max.description + "0", .tooLarge),
        ])
    func refused(text: String, rule: ValueRule) {
        #expect((#expect(throws: ValueError.self) { try Int256(decimal: text) })?.rule == rule)
    }

    @Test(
        "counts the bits of two's complement",
        arguments: [(0, 1), (-1, 1), (1, 2), (127, 8), (128, 9), (-128, 8), (-129, 9)] as [(Int64, Int)])
    func bitCount(value: Int64, bits: Int) { #expect(Int256(value).bitCount == bits) }

    @Test("is ordered by value, not by bits")
    func order() {
        let ascending: [Int256] = [.min, -2, -1, 0, 1, .max]
        #expect(ascending.shuffled().sorted() == ascending)
        #expect(Int256.min.magnitude.description == String(Self.minimum.dropFirst()))
    }
}
