import AirlockEthereumTypes
import Testing

@Suite("Lengths of time")
struct DurationTests {
    @Test(
        "are read with their unit, seconds when there is none",
        arguments: [
            ("0", .zero), ("30", .seconds(30)), ("30s", .seconds(30)), ("500ms", .milliseconds(500)),
            ("90m", .seconds(5_400)), ("48h", .seconds(172_800)), ("007s", .seconds(7)),
            ("1000000000h", .seconds(3_600_000_000_000)),
        ] as [(String, Duration)])
    func read(text: String, duration: Duration) throws {
        #expect(try Duration(text: text) == duration)
        #expect(try Duration(text: "for \(text)".dropFirst(4)) == duration)
    }

    @Test(
        "are refused with any other unit, without a number, and beyond what can be meant",
        arguments: [
            "", "s", "ms", "-1s", "+1s", "1.5s", "1 s", "1s ", "1d", "1S", "1sec", "1m30s", "\u{661}s", "1\u{301}s",
            "1000000001h", "9223372036854775808s", "0x10s",
        ])
    func refused(text: String) {
        #expect((#expect(throws: ValueError.self) { try Duration(text: text) })?.rule == .notDuration)
    }
}
