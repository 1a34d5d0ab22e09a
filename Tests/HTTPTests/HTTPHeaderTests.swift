import AirlockHTTP
import Testing

@Suite("A header")
struct HTTPHeaderTests {
    static let good: [(String, String, String)] = [
        ("Authorization: Bearer key", "Authorization", "Bearer key"),
        ("X-Time:12:30", "X-Time", "12:30"),
        ("X-Empty:", "X-Empty", ""),
        ("X-Space: \t a b \t", "X-Space", "a b"),
    ]

    @Test("is read as a person types it", arguments: good)
    func line(line: String, name: String, value: String) throws {
        let header = try HTTPHeader(line: line)
        #expect(header.name == name)
        #expect(header.value == value)
    }

    @Test(
        "is refused when it could become another one",
        arguments: ["", "no colon", ": value", "Na me: v", "Näme: v", "N: a\r\nX: b", "N: a\nX: b", "N: \0", "N: ä"])
    func refused(line: String) {
        let error = #expect(throws: HTTPError.self) { try HTTPHeader(line: line) }
        #expect(error?.rule == .badHeader)
    }

    @Test("never shows its value")
    func secret() throws {
        let header = try HTTPHeader("Authorization", "Bearer hidden")
        var dumped = "\(header) \(String(reflecting: header)) "
        dump(header, to: &dumped)
        #expect(!dumped.contains("hidden"))
        #expect(dumped.hasPrefix("Authorization: ..."))
    }
}
