// Does each hot operation of the codecs under callgrind, which writes a file for each with the instructions in it.
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
    // Whatever is made once is made now, and the allocator has in stock what the operation asks for.
    operation.work(count)
    airlock_callgrind_begin()
    operation.work(count)
    unsafe airlock_callgrind_end(operation.name)
}
