import Problems
import Testing

@Suite("Wrapping")
struct WrappingTests {
    @Test(
        "breaks at spaces, and within a word only where it must",
        arguments: [
            ("", 5, [""]), ("a b", 5, ["a b"]), ("one two three", 7, ["one two", "three"]),
            ("0x0123456789", 5, ["0x012", "34567", "89"]), ("a 0123456789 b", 6, ["a", "012345", "6789 b"]),
        ])
    func wraps(text: String, width: Int, lines: [String]) {
        #expect(wrapped(text, width: width) == lines)
    }
}
