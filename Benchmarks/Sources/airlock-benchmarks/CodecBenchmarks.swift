import Glibc
import Operations
import AirlockTransactions

/// The operations of the codecs. For comparison, one of them has a plain copy of the same bytes as a peer.
enum CodecBenchmarks {
    static func all(_ payment: borrowing SwapPayment) throws -> [Benchmark] {
        let raw = payment.transaction.raw
        let memcpy = Operation(name: Peer.memcpy) { count in
            // The copy is not captured by the closure, because Swift would check every access to a captured variable.
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
