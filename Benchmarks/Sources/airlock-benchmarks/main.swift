// Measures Airlock's layers, prints a table, and writes the figures as JSON.
//
// usage: airlock-benchmarks FILE

import Gcrypt
import Glibc

guard CommandLine.arguments.count == 2 else {
    print("usage: airlock-benchmarks FILE")
    exit(64)
}

Measurement.pin()
try GcryptLibrary.start()

let ledger = "/dev/shm/airlock-benchmarks-\(getpid()).jsonl"
let benchmarks = try KeccakBenchmarks.all() + HexBenchmarks.all() + PaymentBenchmarks.all(ledger: ledger)
let report = Report(measurements: benchmarks.map { Measurement($0) })
unsafe unlink(ledger)
print(report.table)
try write(report.json + [UInt8(ascii: "\n")], to: CommandLine.arguments[1])

func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = unsafe fopen(path, "w") else { throw WrongResult(description: "cannot create \(path)") }
    let written = unsafe fwrite(bytes, 1, bytes.count, file)
    guard unsafe fclose(file) == 0, written == bytes.count else {
        throw WrongResult(description: "cannot write \(path)")
    }
}
