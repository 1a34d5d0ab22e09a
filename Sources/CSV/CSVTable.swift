public import AirlockDiagnostics

/// A table of comma-separated values (RFC 4180). It has a header row, and every row has as many fields as the header
/// row.
///
/// The format is strict. If a field is quoted, the quotes surround the whole field, and a quote inside the field is
/// doubled. Lines end with LF or CRLF. A byte order mark at the start, which some spreadsheets write, is skipped.
public struct CSVTable: Sendable {
    /// The position where a field begins. The first line and the first column have the number 1. A column is one
    /// Unicode scalar.
    public struct Place: Hashable, Sendable, CustomStringConvertible {
        public let line: Int
        public let column: Int

        public var description: String { "line \(line), column \(column)" }
    }

    public struct Field: Hashable, Sendable {
        /// The content of the field, without the surrounding quotes.
        public let text: String
        public let place: Place
    }

    public let head: [Field]
    public let rows: [[Field]]

    /// The maximum number of problems that are recorded for one table, because an attacker could make a table with any
    /// number of problems.
    public static let problemLimit = 1000

    /// Reads a whole table, or throws all problems of the table, up to `problemLimit`. Each problem has a line and a
    /// column.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        let (head, rows) = try Self.eachRow(of: bytes)
        if let all = ProblemList(rows.flatMap(Self.problems)) { throw all }
        self.head = head
        self.rows = try rows.map { row throws(ProblemList) in try row.get() }
    }

    /// One row of the table, or the problems of that row.
    public typealias Row = Result<[Field], ProblemList>

    /// Reads a table row by row, for callers that use the well-formed rows even if other rows are malformed. Throws if
    /// the header row is malformed, because then the columns are unknown. After the row in which the number of problems
    /// reaches `problemLimit`, no further rows are read.
    public static func eachRow(of bytes: [UInt8]) throws(ProblemList) -> (head: [Field], rows: [Row]) {
        var parser = CSVParser(bytes)
        guard let head = parser.row() else {
            throw ProblemList(Problem(CSVRule.empty, at: Place(line: 1, column: 1).description))
        }
        let ofHead = parser.takeProblems()
        var rows: [Row] = []
        while parser.problemCount < problemLimit, let row = parser.row() {
            if row.count != head.count, let first = row.first {
                parser.refuse(
                    .fieldCount, at: first.place, saw: "\(row.count)", expected: "\(head.count) as in the head")
            }
            rows.append(ProblemList(parser.takeProblems()).map(Row.failure) ?? .success(row))
        }
        if let all = ProblemList(ofHead + (ofHead.isEmpty ? [] : rows.flatMap(problems))) { throw all }
        return (head, rows)
    }

    private static func problems(of row: Row) -> [Problem] {
        guard case .failure(let list) = row else { return [] }
        return list.problems
    }
}

/// Reads the bytes one after the other and tracks line and column.
private struct CSVParser {
    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let bytes: [UInt8]
    private var index: Int
    private var line = 1
    private var column = 1
    private var problems: [Problem] = []
    /// The number of all problems that were recorded.
    private(set) var problemCount = 0

    /// Returns the problems found since the last call of this function.
    mutating func takeProblems() -> [Problem] {
        defer { problems = [] }
        return problems
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Reads the next row. Returns `nil` at the end of the table.
    mutating func row() -> [CSVTable.Field]? {
        guard peek() != nil else { return nil }
        var fields = [field()]
        while peek() == Self.comma {
            advance()
            fields.append(field())
        }
        if peek() == Self.carriageReturn { advance() }
        if peek() == Self.newline { advance() }
        return fields
    }

    private mutating func field() -> CSVTable.Field {
        let place = place
        let content = peek() == Self.quote ? quoted(from: place) : bare()
        guard let text = String(validating: content, as: UTF8.self) else {
            refuse(.badUTF8, at: place)
            return CSVTable.Field(text: "", place: place)
        }
        return CSVTable.Field(text: text, place: place)
    }

    /// Reads a field that does not begin with a quote. Each rule is reported only where the field first breaks it.
    private mutating func bare() -> [UInt8] {
        var content: [UInt8] = []
        var broken: Set<CSVRule> = []
        while let byte = peek(), !endsField(byte) {
            if let rule = ruleOfBareField(brokenBy: byte), broken.insert(rule).inserted { refuse(rule, at: place) }
            content.append(byte)
            advance()
        }
        return content
    }

    private func ruleOfBareField(brokenBy byte: UInt8) -> CSVRule? {
        switch byte {
        case Self.quote: .bareQuote
        case Self.carriageReturn: .bareReturn
        default: isControl(byte) ? .controlCharacter : nil
        }
    }

    /// Reads a quoted field. It may contain commas and line breaks. Only the first control character is reported.
    private mutating func quoted(from place: CSVTable.Place) -> [UInt8] {
        var content: [UInt8] = []
        var hasControl = false
        advance()
        while let byte = peek() {
            if byte == Self.quote {
                advance()
                guard peek() == Self.quote else { return finish(content) }
            } else if !hasControl, byte != Self.carriageReturn, byte != Self.newline, isControl(byte) {
                refuse(.controlCharacter, at: self.place)
                hasControl = true
            }
            content.append(byte)
            advance()
        }
        // The closing quote is missing, so everything up to the end of the input counts as part of this field.
        let last = column == 1 ? line - 1 : line
        let unread = last == place.line + 1 ? "line \(last) was" : "lines \(place.line + 1) to \(last) were"
        refuse(.openQuote, at: place, detail: last > place.line ? "\(unread) not checked" : nil)
        return content
    }

    /// Skips text after the closing quote, up to the end of the field. Such text is an error.
    private mutating func finish(_ content: [UInt8]) -> [UInt8] {
        if let byte = peek(), !endsField(byte) { refuse(.textAfterQuote, at: place) }
        while let byte = peek(), !endsField(byte) { advance() }
        return content
    }

    private var place: CSVTable.Place { CSVTable.Place(line: line, column: column) }

    mutating func refuse(
        _ rule: CSVRule, at place: CSVTable.Place, saw: String? = nil, expected: String? = nil, detail: String? = nil
    ) {
        guard problemCount < CSVTable.problemLimit else { return }
        problemCount += 1
        problems.append(Problem(rule, at: place.description, saw: saw, expected: expected, detail: detail))
    }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        index + ahead < bytes.count ? bytes[index + ahead] : nil
    }

    private mutating func advance() {
        let byte = bytes[index]
        index += 1
        if byte == Self.newline {
            line += 1
            column = 1
        } else if index == bytes.count || bytes[index] & 0xC0 != 0x80 {
            // A column is one Unicode scalar, so only the first byte of a scalar increases the column.
            column += 1
        }
    }

    private func endsField(_ byte: UInt8) -> Bool {
        byte == Self.comma || byte == Self.newline || byte == Self.carriageReturn && peek(1) == Self.newline
    }

    private func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }
}

/// The rules that a table of comma-separated values must satisfy (RFC 4180).
public enum CSVRule: String, Rule {
    case empty = "csv.empty"
    case fieldCount = "csv.field-count"
    case bareQuote = "csv.bare-quote"
    case openQuote = "csv.open-quote"
    case textAfterQuote = "csv.text-after-quote"
    case bareReturn = "csv.bare-carriage-return"
    case controlCharacter = "csv.control-character"
    case badUTF8 = "csv.bad-utf8"

    public var meaning: String {
        switch self {
        case .empty: "the table has no header row"
        case .fieldCount: "the row does not have as many fields as the header row"
        case .bareQuote: "a field has a quote, but does not begin with one"
        case .openQuote: "a field begins with a quote that is never closed"
        case .textAfterQuote: "something follows the closing quote of a field"
        case .bareReturn: "a carriage return is not followed by a newline"
        case .controlCharacter: "a field has a control character"
        case .badUTF8: "a field is not valid UTF-8"
        }
    }
}
