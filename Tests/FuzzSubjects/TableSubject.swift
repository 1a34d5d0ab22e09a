import AirlockCSV
import AirlockDiagnostics

/// Reads the bytes as a table of comma-separated values. Then writes the table with quotes around each field, and reads
/// it again. The second table must have the same fields as the first.
func feedTable(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    let table: CSVTable
    do throws(ProblemList) { table = try CSVTable(bytes) } catch {
        try require(error.problems.allSatisfy { $0.field?.hasPrefix("line ") == true }, "a refusal names its line")
        return false
    }
    let rows = [table.head] + table.rows
    try require(rows.allSatisfy { $0.count == table.head.count }, "every row has as many fields as the head")
    let text = rows.map { row in
        row.map { "\"\($0.text.replacing("\"", with: "\"\""))\"" }.joined(separator: ",") + "\n"
    }.joined()
    let again = (try? CSVTable(Array(text.utf8))).map { [$0.head] + $0.rows }
    try require(again?.map { $0.map(\.text) } == rows.map { $0.map(\.text) }, "what is written reads the same")
    return true
}
