import AirlockDiagnostics
import Testing

@Suite("Wrapping")
struct WrappingTests {
    @Test(
        "breaks at spaces, and never within a word",
        arguments: [
            ("", 5, [""]), ("a b", 5, ["a b"]), ("one two three", 7, ["one two", "three"]),
            ("0x0123456789", 5, ["0x0123456789"]), ("a 0123456789 b", 6, ["a", "0123456789", "b"]),
            ("a 0123456789 b", .max, ["a 0123456789 b"]),
        ])
    func wraps(text: String, width: Int, lines: [String]) {
        #expect(wrapped(text, width: width) == lines)
    }

    @Test(
        "puts values beside their name, and one that is too wide under it",
        arguments: [
            (20, "name      one two\n          three\n"), (13, "name      one\n          two\n        three\n"),
            (.max, "name      one two three\n"),
        ])
    func tabulates(width: Int, text: String) {
        #expect(tabulated("name", ["one two three"], column: 10, width: width) == text)
    }

    @Test("moves a hash to the left in a narrow window, and keeps it whole")
    func tabulatesHash() {
        let hash = "0x" + String(repeating: "a", count: 14)
        #expect(tabulated("hash", [hash], column: 10, width: 20) == "hash\n    \(hash)\n")
        #expect(tabulated("hash", ["of it", hash], column: 10, width: 12) == "hash      of\n          it\n\(hash)\n")
    }
}
