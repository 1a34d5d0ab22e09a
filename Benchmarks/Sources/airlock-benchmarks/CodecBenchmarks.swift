import Glibc
import Operations
import AirlockTransactions

/// The benchmarks of the codecs. The benchmark that encodes into a reused buffer is compared with a plain copy of the
/// same bytes.
enum CodecBenchmarks {
    static func all(_ payment: borrowing SwapPayment) throws -> [Benchmark] {
        let raw = payment.transaction.raw
        let memcpy = Operation(name: Peer.memcpy) { count in
            // `copy` is declared inside the closure. If it were a captured variable, Swift would check every access to
            // it, and these checks would take time.
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
