import AirlockCSV
import AirlockDiagnostics
import Testing

@Suite("A table of comma-separated values")
struct CSVTableTests {
    private static let accepted: [(String, [[String]])] = [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a\n1\n", [["a"], ["1"]]),
        ("a\n\n", [["a"], [""]]),
        ("a,b\n,\n", [["a", "b"], ["", ""]]),
        ("\"a\",\"b\"\n\"\",\"x\"\n", [["a", "b"], ["", "x"]]),
        ("a,b\n\"1,5\",\"say \"\"no\"\"\"\n", [["a", "b"], ["1,5", "say \"no\""]]),
        ("a,b\n\"two\r\nlines\",\"\n\"\n", [["a", "b"], ["two\r\nlines", "\n"]]),
        ("a,b\n Zoë ,✓ \n", [["a", "b"], [" Zoë ", "✓ "]]),
        ("a\n\"\"\"\"\n", [["a"], ["\""]]),
    ]

    @Test("is read by RFC 4180, with either end of a line", arguments: accepted)
    func accepts(text: String, fields: [[String]]) throws {
        let table = try CSVTable(Array(text.utf8))
        #expect(([table.head] + table.rows).map { $0.map(\.text) } == fields)
    }

    private static let refused: [([UInt8], [String])] =
        [
            ("", ["csv.empty line 1, column 1"]),
            ("\u{FEFF}", ["csv.empty line 1, column 1"]),
            ("a,b\n1\n", ["csv.field-count line 2, column 1"]),
            ("a,b\n1,2,3\n", ["csv.field-count line 2, column 1"]),
            ("a,b\n1,2\n\n", ["csv.field-count line 3, column 1"]),
            ("a,b\n1,x\"y\n", ["csv.bare-quote line 2, column 4"]),
            ("a,b\n1, \"y\"\n", ["csv.bare-quote line 2, column 4"]),
            ("a,b\n1,\"y\"z\n", ["csv.text-after-quote line 2, column 6"]),
            ("a,b\n\"two\nlines\"x,2\n", ["csv.text-after-quote line 3, column 7"]),
            ("a,b\n1,\"y\n", ["csv.open-quote line 2, column 3"]),
            ("a,b\n1,\"", ["csv.open-quote line 2, column 3"]),
            ("a,b\r1,2\n", ["csv.bare-carriage-return line 1, column 4"]),
            ("a,b\n1,2\r", ["csv.bare-carriage-return line 2, column 4"]),
            ("a,b\nZoë\t,2\n", ["csv.control-character line 2, column 4"]),
            ("a,b\n1,\"\u{0}\"\n", ["csv.control-character line 2, column 4"]),
            // A field that breaks a rule several times is reported for it once.
            ("a,b\n1,\t\t\u{0}\n", ["csv.control-character line 2, column 3"]),
            ("a,b\n1,\"\t\t\u{0}\"\n", ["csv.control-character line 2, column 4"]),
            (
                "a,b\n\rx\r\t\"y\r\"\t,\t\n",
                [
                    "csv.bare-carriage-return line 2, column 1", "csv.control-character line 2, column 4",
                    "csv.bare-quote line 2, column 5", "csv.control-character line 2, column 11",
                ]
            ),
            (
                "a,b\n1\n\"x\"y,2\nz\"z,3\n",
                [
                    "csv.field-count line 2, column 1", "csv.text-after-quote line 3, column 4",
                    "csv.bare-quote line 4, column 2",
                ]
            ),
        ].map { (Array($0.0.utf8), $0.1) } + [
            (Array("a,b\n1,".utf8) + [0xC3, 0x28], ["csv.bad-utf8 line 2, column 3"])
        ]

    /// Each row has a table that breaks a rule more often than the limit, and the place of the last reported problem.
    private static let endless: [(String, String)] = [
        ("a\n\(many(",\n"))", "line 1001, column 1"), ("a\n\(many("\u{1}\n"))", "line 1001, column 1"),
        ("a\n\(many("\u{1},"))", "line 2, column 1999"), ("\(many("\u{1},"))\n\n", "line 1, column 1999"),
        (many("\u{1}\n"), "line 1000, column 1"),
    ]

    private static func many(_ text: String) -> String { String(repeating: text, count: 5000) }

    @Test("has a limited number of errors, and is not read any further", arguments: endless)
    func limited(text: String, last: String) {
        let error = #expect(throws: ProblemList.self) { _ = try CSVTable(Array(text.utf8)) }
        #expect(error?.problems.count == CSVTable.problemLimit)
        #expect(error?.problems.last?.field == last)
    }

    @Test("has at most the rows up to the limit of errors, for a caller who uses the other rows")
    func limitedRows() throws {
        let text = "a\n\(Self.many("1\n\u{1}\n"))"
        let rows = try CSVTable.eachRow(of: Array(text.utf8)).rows
        #expect(rows.count == 2 * CSVTable.problemLimit)
    }

    private static let cutShort: [(String, String?)] = [
        ("a\n\"x", nil), ("a\n\"x\n", nil), ("a\n\"x\n\n", "line 3 was not checked"),
        ("a\n\"x\n1", "line 3 was not checked"), ("a\n\"x\n1\n2\n", "lines 3 to 4 were not checked"),
    ]

    @Test("says which lines an open quote hides", arguments: cutShort)
    func hidden(text: String, detail: String?) {
        let error = #expect(throws: ProblemList.self) { _ = try CSVTable(Array(text.utf8)) }
        #expect(error?.problems.map(\.detail) == [detail])
    }

    @Test("is refused for just this, at just this line and column", arguments: refused)
    func refuses(bytes: [UInt8], expected: [String]) {
        let error = #expect(throws: ProblemList.self) { _ = try CSVTable(bytes) }
        let found = error?.problems ?? []
        #expect(found.map { "\($0.code) \($0.field ?? "-")" } == expected)
    }
}
