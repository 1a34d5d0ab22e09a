import AirlockEthereumTypes
import AirlockOpenRouter
import Testing

@Suite("Dollars")
struct DollarsTests {
    static let numbers: [(String, String)] = [
        ("0", "0"), ("-0", "0"), ("0.0", "0"), ("0e999999999999999999999", "0"), ("-0E-5", "0"),
        ("100.5", "100.5"), ("25.75", "25.75"), ("100.50", "100.5"), ("-1.25", "-1.25"),
        ("1e-05", "0.00001"), ("1E-5", "0.00001"), ("-1.5e-05", "-0.000015"), ("1e5", "100000"),
        ("1.5E+2", "150"), ("12.34e1", "123.4"), ("12.34e-1", "1.234"), ("0.00123e3", "1.23"), ("120e-1", "12"),
        // Numbers in the form in which programs print a double. They are 0.1 + 0.2, then 0.1 + 0.2 - 0.3, and then a
        // large number.
        ("0.30000000000000004", "0.30000000000000004"),
        ("5.551115123125783e-17", "0.00000000000000005551115123125783"),
        ("123456789012345680000", "123456789012345680000"),
        ("0.\(String(repeating: "0", count: 55))1", "0.\(String(repeating: "0", count: 55))1"),
    ]

    @Test("are read from a JSON number to the last digit", arguments: numbers)
    func number(text: String, expected: String) throws {
        #expect(try Dollars(number: text).description == expected)
    }

    static let outside: [(String, ValueRule)] = [
        ("1e101", .tooLarge), ("1e-101", .tooLarge), ("1e99999999999999999999", .tooLarge), ("1e30", .tooLarge),
        ("1e-57", .tooPrecise), ("1.5e-56", .tooPrecise),
    ]

    @Test("are refused, and not rounded, when there is no room for a digit", arguments: outside)
    func refused(text: String, rule: ValueRule) {
        let error = #expect(throws: ValueError.self) { try Dollars(number: text) }
        #expect(error?.rule == rule)
        #expect(error?.saw == text)
    }

    @Test("are typed without sign or exponent", arguments: ["", "-1", "+1", "1e5", ".5", "5.", "1,5", "$5", "05"])
    func typed(text: String) throws {
        #expect(throws: ValueError.self) { try Dollars(text) }
        #expect(try Dollars("5.50") == Dollars(number: "5.5"))
    }

    @Test("are compared by their value")
    func order() throws {
        let ascending = ["-2", "-1.5", "-1e-20", "0", "1e-20", "1.5", "2", "10"]
        let values = try ascending.map { try Dollars(number: $0) }
        for (index, value) in values.enumerated() {
            for (other, second) in values.enumerated() { #expect((value < second) == (index < other)) }
        }
    }
}
