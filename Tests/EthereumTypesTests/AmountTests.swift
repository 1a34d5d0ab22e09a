import AirlockEthereumTypes
import AirlockDiagnostics
import Testing

@Suite("Amounts")
struct AmountTests {
    /// 2^256 - 1 with 18 decimals.
    private static let most = "115792089237316195423570985008687907853269984665640564039457.584007913129639935"

    @Test(
        "are read exactly, and shown with all digits that count",
        arguments: [
            ("0", 6, "0", "0"), ("1", 6, "1000000", "1"), ("12.5", 6, "12500000", "12.5"),
            ("0.000001", 6, "1", "0.000001"), ("12.500000", 6, "12500000", "12.5"), ("12.0", 0, "12", "12"),
            ("12.50000000000", 6, "12500000", "12.5"), ("0.0", 18, "0", "0"), ("7", 0, "7", "7"),
            ("1000000", 6, "1000000000000", "1000000"), ("0.1", 1, "1", "0.1"), ("100", 2, "10000", "100"),
            ("0.004", 18, "4000000000000000", "0.004"), ("1", 70, "1" + String(repeating: "0", count: 70), "1"),
            (most, 18, UInt256.max.description, most),
        ] as [(String, Int, String, String)])
    func exact(text: String, decimals: Int, value: String, shown: String) throws {
        let amount = try Amount.parse(text, decimals: decimals)
        #expect(amount.description == value)
        #expect(Amount.format(amount, decimals: decimals) == shown)
    }

    @Test(
        "are refused when they are none",
        arguments: [
            ("", 6, ValueRule.notAmount), (".", 6, .notAmount), (".5", 6, .notAmount), ("5.", 6, .notAmount),
            ("1.2.3", 6, .notAmount), ("-1", 6, .notAmount), ("+1", 6, .notAmount), ("1e3", 6, .notAmount),
            ("01", 6, .notAmount), ("00.5", 6, .notAmount), (" 1", 6, .notAmount), ("1 ", 6, .notAmount),
            ("1,5", 6, .notAmount), ("\u{661}", 6, .notAmount), ("0x10", 6, .notAmount), ("1.-5", 6, .notAmount),
            ("0.0000001", 6, .tooPrecise), ("1.5", 0, .tooPrecise), ("0.0000000000000000001", 18, .tooPrecise),
            ("115792089237316195423570985008687907853269984665640564039457.584007913129639936", 18, .tooLarge),
            ("2", 77, .tooLarge), ("1", 300, .tooLarge),
            ("1", .max, .tooLarge), ("0.1", .max, .tooLarge), ("1", -1, .tooPrecise), ("0", .min, .tooPrecise),
        ] as [(String, Int, ValueRule)])
    func refused(text: String, decimals: Int, rule: ValueRule) {
        #expect((#expect(throws: ValueError.self) { try Amount.parse(text, decimals: decimals) })?.rule == rule)
    }

    @Test("of zero are zero, however many decimals there are")
    func zero() throws {
        #expect(try Amount.parse("0", decimals: 300).isZero)
        #expect(try Amount.parse("0.0", decimals: .max).isZero)
    }

    @Test(
        "are shown exactly, whatever the number of decimals is",
        arguments: [
            (5, 77, "0." + String(repeating: "0", count: 76) + "5"),
            (5, 255, "0." + String(repeating: "0", count: 254) + "5"), (0, 255, "0"), (5, 256, "5e-256"),
            (5, .max, "5e-9223372036854775807"), (5, -1, "5e1"), (5, .min, "5e9223372036854775808"),
        ] as [(UInt64, Int, String)])
    func shown(value: UInt64, decimals: Int, text: String) {
        #expect(Amount.format(UInt256(value), decimals: decimals) == text)
    }

    @Test(
        "of native money are read with their unit",
        arguments: [
            ("30wei", Chain.ethereum, "30"), ("30", .ethereum, "30"), ("1.5gwei", .ethereum, "1500000000"),
            ("1.5 gwei", .base, "1500000000"), ("0.004eth", .base, "4000000000000000"),
            ("0.004ETH", .base, "4000000000000000"), ("2pol", .polygon, "2000000000000000000"),
            ("2 POL", .polygon, "2000000000000000000"), ("0gwei", .ethereum, "0"), ("1.0wei", .ethereum, "1"),
            ("1ether", .base, "1000000000000000000"), ("0.5 Ether", .ethereum, "500000000000000000"),
        ] as [(String, Chain, String)])
    func native(text: String, chain: Chain, value: String) throws {
        #expect(try Amount.parseNative(text, on: chain).description == value)
    }

    @Test(
        "of native money are refused without a unit that belongs there",
        arguments: [
            ("1.5", Chain.ethereum, ValueRule.notAmount), ("1 ", .ethereum, .wrongUnit),
            ("", .ethereum, .notAmount), ("eth", .ethereum, .notAmount),
            ("1eth", .polygon, .wrongUnit), ("1ether", .polygon, .wrongUnit), ("1pol", .base, .wrongUnit),
            ("1usdc", .base, .wrongUnit),
            ("1  eth", .base, .wrongUnit), ("1eth ", .base, .wrongUnit), ("-1eth", .base, .wrongUnit),
            ("1e18", .base, .wrongUnit), ("0x10", .base, .wrongUnit), ("1.5wei", .base, .tooPrecise),
            ("0.0000000001gwei", .base, .tooPrecise), ("01gwei", .base, .notAmount), ("01", .base, .notAmount),
            (UInt256.max.description + "0", .base, .tooLarge), (UInt256.max.description + "eth", .base, .tooLarge),
            // Two names of units that contain a letter that is not ASCII. The letter in the first name looks like `e`.
            // The letter in the second name becomes a form of `i` in lower case.
            ("1g\u{435}wei", .base, .wrongUnit), ("1\u{130}wei", .base, .wrongUnit),
            // A combining character after the space, which is one `Character` with the space.
            ("1 \u{301}eth", .base, .wrongUnit), ("1\u{301}eth", .base, .wrongUnit), ("1 \u{301}", .base, .wrongUnit),
        ] as [(String, Chain, ValueRule)])
    func nativeRefused(text: String, chain: Chain, rule: ValueRule) {
        #expect((#expect(throws: ValueError.self) { try Amount.parseNative(text, on: chain) })?.rule == rule)
    }

    @Test(
        "of tokens are read with their symbol, or in the smallest unit",
        arguments: [
            ("12.5USDC", "12500000"), ("12.5 usdc", "12500000"), ("12", "12"), ("0.000001USDC", "1"),
        ])
    func token(text: String, value: String) throws {
        #expect(try Amount.parseToken(text, symbol: "USDC", decimals: 6).description == value)
    }

    @Test(
        "of tokens are refused with any other unit",
        arguments: [
            ("12.5", ValueRule.notAmount), ("12eth", .wrongUnit), ("12USDT", .wrongUnit), ("12USDCx", .wrongUnit),
            ("0.0000001USDC", .tooPrecise), ("USDC", .notAmount), ("1\u{ff35}SDC", .wrongUnit),
            ("1 \u{301}USDC", .wrongUnit),
        ] as [(String, ValueRule)])
    func tokenRefused(text: String, rule: ValueRule) {
        let error = #expect(throws: ValueError.self) { try Amount.parseToken(text, symbol: "USDC", decimals: 6) }
        #expect(error?.rule == rule)
    }

    @Test("are refused in words that name what was seen and what was expected")
    func words() {
        let error = ValueError(.wrongUnit, saw: "1\u{1b}[2J", expected: "USDC")
        #expect(error.problems == [Problem(ValueRule.wrongUnit, saw: "1\u{1b}[2J", expected: "USDC")])
        #expect(ValueError(.notAmount, saw: "").problems == [Problem(ValueRule.notAmount, saw: "nothing")])
    }

    @Test("and all other values have rules that say what is wrong", arguments: ValueRule.allCases)
    func rules(rule: ValueRule) {
        #expect(!rule.meaning.isEmpty)
    }
}

@Suite("Chains")
struct ChainTests {
    @Test(
        "are read by name or id",
        arguments: [
            ("ethereum", 1, "ethereum (1)", "ETH"), ("polygon", 137, "polygon (137)", "POL"),
            ("base", 8453, "base (8453)", "ETH"), ("sepolia", 11_155_111, "sepolia (11155111)", "ETH"),
            ("base-sepolia", 84_532, "base-sepolia (84532)", "ETH"), ("137", 137, "polygon (137)", "POL"),
            ("31337", 31_337, "chain 31337", "ETH"),
            ("18446744073709551615", UInt64.max, "chain 18446744073709551615", "ETH"),
        ] as [(String, UInt64, String, String)])
    func read(text: String, id: UInt64, shown: String, symbol: String) throws {
        let chain = try Chain(text)
        #expect(chain.id == id)
        #expect(chain.description == shown)
        #expect(chain.nativeSymbol == symbol)
        #expect(chain.name == Chain.named.first { $0.chain == chain }?.name)
    }

    @Test(
        "are refused by any other text",
        arguments: ["", "0", "Base", "base ", "mainnet", "-1", "0x1", "18446744073709551616", "01"])
    func refused(text: String) {
        #expect((#expect(throws: ValueError.self) { try Chain(text) })?.rule == .notChain)
    }
}
