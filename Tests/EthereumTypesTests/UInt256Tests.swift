import EthereumTypes
import Testing

@Suite("UInt256")
struct UInt256Tests {
    static let maximum = "115792089237316195423570985008687907853269984665640564039457584007913129639935"

    @Test(
        "reads and writes decimal text",
        arguments: [
            "0", "1", "9999999999999999999", "10000000000000000000", "18446744073709551615", "18446744073709551616",
            "340282366920938463463374607431768211456", "100000000000000000000000000000000000000000000000000", maximum,
        ])
    func decimal(text: String) throws {
        #expect(try UInt256(decimal: text).description == text)
        #expect(try UInt256(quantity: UInt256(decimal: text).quantity).description == text)
        #expect(try UInt256(UInt256(decimal: text).word).description == text)
    }

    @Test(
        "refuses what is no decimal integer",
        arguments: [
            ("", ValueRule.notDecimal), ("-1", .notDecimal), ("+1", .notDecimal), ("01", .notDecimal),
            ("00", .notDecimal), (" 1", .notDecimal), ("1 ", .notDecimal), ("1.0", .notDecimal), ("1e3", .notDecimal),
            ("0x1", .notDecimal), ("\u{661}", .notDecimal),
            ("115792089237316195423570985008687907853269984665640564039457584007913129639936", .tooLarge),
            ("1000000000000000000000000000000000000000000000000000000000000000000000000000000", .tooLarge),
        ])
    func refused(text: String, rule: ValueRule) {
        #expect(throws: ValueError.self) { try UInt256(decimal: text) }
        #expect((#expect(throws: ValueError.self) { try UInt256(decimal: text) })?.rule == rule)
    }
}
