// Measures Airlock's layers and tools, prints a table, and writes the results as JSON.
//
// usage: airlock-benchmarks FILE AIRLOCK STATIC PEERS [ONLY]
//        airlock-benchmarks --files FOLDER
//
// The results are written to FILE, and Benchmarks/charts.py draws them. AIRLOCK is the path of the tool, built for
// release. STATIC is the path of the same tool, linked fully static. PEERS is the folder of the peers in other
// languages and of their results; see scripts/bench. The peers read the files that --files writes. With ONLY, the table
// has only the rows whose names contain ONLY, and no file is written.

import CBenchmarks
import AirlockGcrypt
import Glibc
import Operations
import AirlockStrictJSON
import AirlockTransactions

let payment = try SwapPayment()
let words = CommandLine.arguments
if words.count == 3, words[1] == "--files" {
    try writeFile(payment.charge, to: "\(words[2])/charge.json")
    try writeFile(payment.policy, to: "\(words[2])/policy.json")
    try writeFile(Array(SwapPayment.payerKey.utf8), to: "\(words[2])/key")
    for count in [256, 768] { try writeFile(ProcessBenchmarks.lines(count), to: "\(words[2])/lines-\(count).jsonl") }
    exit(0)
}
guard 5...6 ~= words.count else {
    print("usage: airlock-benchmarks FILE AIRLOCK STATIC PEERS [ONLY], or --files FOLDER")
    exit(64)
}
let (figures, airlock, statically) = (words[1], words[2], words[3])
let only = words.count == 6 ? words[5] : nil

// The process keeps the memory that it frees. If it returned the memory to the kernel, the benchmark of a large result
// would measure how the kernel maps memory.
airlock_keep_memory()
Processors.pin()
try GcryptLibrary.start()

let report = try measure(payment)
print(report.table)
if only != nil { exit(0) }
try writeFile(report.json.bytes + [UInt8(ascii: "\n")], to: figures)

/// Makes all measurements, and returns the report. This is a separate function, because the in-memory files are removed
/// when it returns.
func measure(_ payment: borrowing SwapPayment) throws -> Report {
    let machine = Machine()
    let libcrypto = Libcrypto()
    let scratch = try Scratch()
    let peers = Peers(in: words[4])
    let processes = try ProcessBenchmarks(airlock: airlock, payment, scratch)
    let payments = try PaymentBenchmarks(SwapPayment(), ledger: scratch.file("benchmarks.jsonl"))
    let benchmarks =
        try KeccakBenchmarks.all(libcrypto) + HexBenchmarks.all() + CodecBenchmarks.all(payment) + payments.all()
        + [
            processes.single("process/sign --raw", by: airlock, raw: payment.transaction.raw, peers),
            processes.single("process/sign --raw, static", by: statically, raw: payment.transaction.raw, peers),
        ] + processes.lines(2048, curve: payments.curve, peers)
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
