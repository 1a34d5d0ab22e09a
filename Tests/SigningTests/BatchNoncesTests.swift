import AirlockEthereumTypes
@testable import AirlockSigning
import Testing

@Suite("The nonces of a batch that shares conditions")
struct BatchNoncesTests {
    private static func ledger(_ numbers: [UInt64]) -> Ledger {
        var ledger = Ledger()
        let time = Timestamp(seconds: 1)
        for number in numbers {
            var entry = LedgerEntry(.payment, previous: ledger.head, time: time, claimedTime: time)
            entry.chain = .base
            entry.transactions = [LedgerEntry.Transaction(role: "pay", nonce: number, signingHash: .zero, hash: .zero)]
            ledger.add(entry, entry.line)
        }
        return ledger
    }

    @Test("are the first that the ledger does not have, as many in a row as a line needs")
    func unused() throws {
        let ledger = Self.ledger([7, 9, 10])
        let cases: [(start: UInt64, count: UInt64, first: UInt64, next: UInt64)] = [
            (6, 1, 6, 6), (6, 2, 11, 6), (7, 1, 8, 8), (7, 2, 11, 8), (9, 1, 11, 11),
        ]
        for (start, count, first, next) in cases {
            var nonces = BatchNonces(from: start)
            let found = try nonces.firstUnused(count, in: ledger, chain: .base, payer: .zero)
            #expect(found == first && nonces.next == next, "\(start) \(count)")
        }
        // There is no other nonce after the highest. The check of the transaction then refuses the line.
        var last = BatchNonces(from: .max)
        #expect(try last.firstUnused(1, in: ledger, chain: .base, payer: .zero) == .max)
    }

    @Test("are kept from the start on, each by one line")
    func kept() {
        var nonces = BatchNonces(from: 5)
        #expect(!nonces.canKeep(4) && nonces.canKeep(5) && nonces.canKeep(9))
        let lines: [(numbers: [UInt64], next: UInt64)] = [
            ([9], 5), ([5, 6], 7), ([12], 7), ([7], 8), ([10, 11], 8), ([8], 9),
        ]
        for (numbers, next) in lines {
            nonces.take(numbers)
            #expect(nonces.next == next)
            #expect(!numbers.contains(where: { nonces.canKeep($0) }))
        }
        #expect(!(5...12 as ClosedRange<UInt64>).contains(where: { nonces.canKeep($0) }) && nonces.canKeep(13))
        nonces.take([.max])
        #expect(!nonces.canKeep(.max) && nonces.canKeep(.max - 1))
    }
}
