import Glibc
import Operations
import Transactions

/// The codecs' operations, and what a mere copy takes beside them.
enum CodecBenchmarks {
    static func all(_ payment: borrowing SwapPayment) throws -> [Benchmark] {
        let raw = payment.transaction.raw
        var copy = raw
        let memcpy = Operation(Peer.memcpy) {
            unsafe Glibc.memcpy(&copy, raw, raw.count)
            return copy[0]
        }
        let operations =
            try PaymentOperations.all(payment) + ListOperations.all(1000, of: payment) + ValueOperations.all(payment)
        return operations.map { Benchmark($0).against($0.name == "rlp/encode/702B/reused" ? memcpy : nil) }
    }
}
