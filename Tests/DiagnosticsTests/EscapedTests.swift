import AirlockDiagnostics
import Testing

@Suite("The escaper")
struct EscapedTests {
    @Test(
        "shows printable ASCII as it is and everything else as an escape",
        arguments: [
            ("", ""),
            ("USDC", "USDC"),
            ("a b~", "a b~"),
            ("back\\slash", "back\\\\slash"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("line\nbreak\r\t\0", "line\\u{a}break\\u{d}\\u{9}\\u{0}"),
            ("\u{202e}txt", "\\u{202e}txt"),
            ("U\u{405}DC", "U\\u{405}DC"),
            ("\u{7f}\u{80}", "\\u{7f}\\u{80}"),
            ("a  b", "a \\u{20}b"),
            ("a   b", "a \\u{20}\\u{20}b"),
            (" a ", "\\u{20}a\\u{20}"),
            (" ", "\\u{20}"),
            ("a \n", "a \\u{a}"),
        ])
    func shows(foreign: String, shown: String) {
        #expect(escaped(foreign) == shown)
    }

    @Test("cuts what is too long, never within an escape, and says how much is left out")
    func cuts() {
        let full = String(repeating: "x", count: 80)
        #expect(escaped(full) == full)
        #expect(escaped(full + "yyy", limit: 80) == full + "... (3 more)")
        #expect(escaped("ab\u{202e}c", limit: 4) == "ab... (2 more)")
    }

    @Test(
        "in a line that is escaped already, replaces only what is not printable ASCII, except the ellipsis",
        arguments: [
            ("0x5eA0\u{2026}2581 \\u{20}  for \u{e9}", "0x5eA0\u{2026}2581 \\u{20}  for \\u{e9}"),
            ("a\nok  b\r\u{1b}[2J\u{9b}2J", "a\\u{a}ok  b\\u{d}\\u{1b}[2J\\u{9b}2J"),
            ("\u{202e}txt\u{200b}\u{2028}\u{a0}\u{3000}", "\\u{202e}txt\\u{200b}\\u{2028}\\u{a0}\\u{3000}"),
        ])
    func printable(text: String, shown: String) { #expect(onlyPrintable(text) == shown) }
}
