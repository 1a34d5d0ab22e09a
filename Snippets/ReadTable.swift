import AirlockCSV
import AirlockDiagnostics

// Reads a table with a header row. For a wrong table, the error gives the line and the column of the problem.
let table = try CSVTable(Array("to,amount\n0x5eA0,12.5\n".utf8))
print(table.head.map(\.text), table.rows[0][1].text, "at", table.rows[0][1].place)

do {
    _ = try CSVTable(Array("to,amount\n0x5eA0\n".utf8))
} catch {
    for problem in error.problems { print(problem.code, "at", problem.field ?? "") }
}
