// Runs each frequent operation of the codecs under callgrind. For each operation, callgrind writes a file with the
// number of instructions.
//
// usage: valgrind --tool=callgrind --instr-atstart=no airlock-counts COUNT

import CBenchmarks
import Glibc
import Operations

guard CommandLine.arguments.count == 2, let count = Int(CommandLine.arguments[1]), count > 0 else {
    print("usage: airlock-counts COUNT")
    exit(64)
}
guard airlock_callgrind_runs() != 0 else {
    print("error: callgrind does the counting, and this is not running under it")
    exit(64)
}

guard HashOperations.isUsual else {
    print("left out: callgrind shows a processor without AVX2 or BMI2, and the counts were recorded with them")
    exit(75)
}

let payment = try SwapPayment()
let operations =
    try HashOperations.all() + PaymentOperations.all(payment) + ListOperations.all(100, of: payment)
    + ValueOperations.all(payment)
for operation in operations {
    // The first run creates everything that is created only once, and lets the allocator get the memory that the
    // operation needs. Only the second run is counted.
    operation.work(count)
    airlock_callgrind_begin()
    operation.work(count)
    unsafe airlock_callgrind_end(operation.name)
}
