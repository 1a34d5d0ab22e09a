import AirlockCommandLineTool
import AirlockDiagnostics
import Testing

@Suite("A stream that is read line by line")
struct LineReaderTests {
    /// Reads all lines of a stream that comes in pieces. Returns the length of each line, or the code of its problem.
    private static func lines(_ bytes: [UInt8], piece: Int) throws -> [String] {
        var rest = bytes[...]
        var reader = LineReader({
            defer { rest = rest.dropFirst(piece) }
            return Array(rest.prefix(piece))
        })
        var found: [String] = []
        while let line = try reader.next() {
            switch line {
            case .success(let bytes): found.append("\(bytes.count)")
            case .failure(let problem): found.append(problem.code)
            }
        }
        return found
    }

    @Test("has the same limit for a line in every size of its pieces", arguments: [1 << 10, 1 << 20, 1 << 23])
    func limit(piece: Int) throws {
        func line(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "a"), count: count) + [0x0a] }
        let limit = LineReader.limit
        let bytes = line(2) + line(limit) + line(limit + 1) + line(3) + line(2 * limit + 1).dropLast()
        #expect(
            try Self.lines(bytes, piece: piece)
                == ["2", "\(limit)", "input.line-too-long", "3", "input.line-too-long"])
    }
}
