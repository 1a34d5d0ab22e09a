public import AirlockDiagnostics

/// Why a text is not strict JSON, and where.
///
/// It quotes nothing from the text but the names of members: a file with a key in it may be given by mistake.
public struct JSONError: RuleBroken, Hashable {
    public let rule: JSONRule
    /// The first byte that breaks the rule, from 0.
    public let offset: Int
    /// From 1; a line ends with a line feed.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    /// The innermost value that the offset is in (RFC 6901); for a duplicate key, the member.
    public let pointer: String

    init(_ rule: JSONRule, at offset: Int, of bytes: [UInt8], pointer: String) {
        let before = bytes[..<offset]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.rule = rule
        self.offset = offset
        self.line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        // A scalar has one byte that is no continuation byte.
        self.column = 1 + before[lineStart...].count { $0 & 0xc0 != 0x80 }
        self.pointer = pointer
    }

    public var problems: [Problem] {
        [Problem(rule, at: pointer, detail: "line \(line), column \(column)")]
    }
}
