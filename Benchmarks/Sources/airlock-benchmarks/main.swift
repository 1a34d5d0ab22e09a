// Measures Airlock's layers and tools, prints a table, and writes the figures as JSON and as drawings.
//
// usage: airlock-benchmarks FILE FOLDER AIRLOCK PEERS [ONLY]
//        airlock-benchmarks --charge FILE
//
// FILE takes the figures, FOLDER the drawings. AIRLOCK is the tool, built for release. PEERS is the folder of what
// other languages' programs have said; see scripts/bench. They read the charge that --charge writes. With ONLY the
// table has just the rows whose names hold it, and nothing is written.

import CBenchmarks
import AirlockGcrypt
import Glibc
import Operations
import AirlockStrictJSON
import AirlockTransactions

let payment = try SwapPayment()
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--charge" {
    try writeFile(payment.charge, to: CommandLine.arguments[2])
    exit(0)
}
guard 5...6 ~= CommandLine.arguments.count else {
    print("usage: airlock-benchmarks FILE FOLDER AIRLOCK PEERS [ONLY], or --charge FILE")
    exit(64)
}
let (figures, drawings, airlock) = (CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3])
let only = CommandLine.arguments.count == 6 ? CommandLine.arguments[5] : nil

// Else a large result would be a measurement of the kernel that maps its memory.
airlock_keep_memory()
Processors.pin()
try GcryptLibrary.start()

let report = try measure(payment)
print(report.table)
if only != nil { exit(0) }
try writeFile(report.json.bytes + [UInt8(ascii: "\n")], to: figures)
for chart in Charts.all(report) { try writeFile(chart.bytes, to: "\(drawings)/\(chart.name).svg") }

/// In a function, at whose end the files in memory are taken away.
func measure(_ payment: borrowing SwapPayment) throws -> Report {
    let machine = Machine()
    let libcrypto = Libcrypto()
    let scratch = try Scratch()
    let peers = Peers(in: CommandLine.arguments[4])
    let processes = try ProcessBenchmarks(airlock: airlock, payment, scratch)
    let payments = try PaymentBenchmarks(SwapPayment(), ledger: scratch.file("benchmarks.jsonl"))
    let benchmarks =
        try KeccakBenchmarks.all(libcrypto) + HexBenchmarks.all() + CodecBenchmarks.all(payment) + payments.all()
        + [processes.single(raw: payment.transaction.raw, python: peers.python)]
        + processes.lines(2048, curve: payments.curve)
    let growth =
        only != nil
        ? []
        : try Growth.codecs(payment, libcrypto) + [
            Growth("Payments by --lines", unit: "payments", sizes: (2..<7).map { 1 << (2 * $0) }) { count in
                [try processes.time(lines: count)]
            }
        ]
    let measurements = benchmarks.filter { row in only.map(row.name.contains) ?? true }.map {
        Measurement($0, yardstick: payments.signature, others: peers.figures(of: $0.name))
    }
    return Report(
        machine: machine, measurements: measurements, growth: growth,
        leftOut: peers.leftOut + (libcrypto == nil ? ["\(Peer.libcrypto): no libcrypto.so.3"] : []))
}
