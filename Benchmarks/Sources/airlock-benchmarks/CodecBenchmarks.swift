import Glibc
import Operations
import AirlockTransactions

/// The codecs' operations, and what a mere copy takes beside them.
enum CodecBenchmarks {
    static func all(_ payment: borrowing SwapPayment) throws -> [Benchmark] {
        let raw = payment.transaction.raw
        let memcpy = Operation(name: Peer.memcpy) { count in
            // Not of the closure: every access to what it shares would be checked.
            var copy = raw
            for _ in 0..<count {
                unsafe Glibc.memcpy(&copy, raw, raw.count)
                keep { copy }
            }
        }
        let operations =
            try PaymentOperations.all(payment) + ListOperations.all(1000, of: payment) + ValueOperations.all(payment)
        return operations.map { Benchmark($0).against($0.name == "rlp/encode/702B/reused" ? memcpy : nil) }
    }
}
