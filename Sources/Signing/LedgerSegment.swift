import AirlockEthereumTypes
import AirlockFiles
import AirlockDiagnostics

/// A part of the index that never changes: where the entries of a stretch of the ledger are found, sorted by what they
/// are found by, and what was spent of each currency, as running totals.
final class LedgerSegment: Sendable {
    /// What the index knows a segment by.
    struct Description: Hashable, Sendable {
        /// The stretch of the ledger, in bytes.
        let start, end: Int
        let places, totals: Int
        let hash: Hash

        var name: String { "\(start)-\(end)" }
    }

    /// A key, and the offset of an entry; of a series, a nonce.
    struct Place {
        static let size = 32
        let key: LedgerKey
        let value: UInt64

        var bytes: [UInt8] {
            [key.words.0, key.words.1, key.words.2, value].flatMap(bigEndian)
        }
    }

    /// All that a stretch of the ledger spent of a currency, up to a moment.
    struct Total {
        static let size = 64
        let key: LedgerKey
        let time: UInt64
        var overflows: UInt64
        var amount: UInt256

        var bytes: [UInt8] {
            [key.words.0, key.words.1].flatMap(bigEndian) + bigEndian(time) + bigEndian(overflows)
                + amount.word.bytes
        }
    }

    let description: Description
    private let blocks: LedgerBlocks.Reader

    init(_ description: Description, at path: String) throws {
        self.description = description
        blocks = try LedgerBlocks.Reader(
            path, count: Self.blocks(description.places, Place.size) + Self.blocks(description.totals, Total.size),
            hash: description.hash)
    }

    private static func blocks(_ count: Int, _ size: Int) -> Int {
        let fit = LedgerBlocks.size / size
        return (count + fit - 1) / fit
    }

    private func record(_ index: Int, _ size: Int, after first: Int) throws -> ArraySlice<UInt8> {
        let fit = LedgerBlocks.size / size
        let block = try blocks.block(first + index / fit)
        return block[index % fit * size..<index % fit * size + size]
    }

    func place(_ index: Int) throws -> Place {
        let bytes = try record(index, Place.size, after: 0)
        return Place(key: LedgerKey(bytes: bytes), value: number(bytes.suffix(8)))
    }

    func total(_ index: Int) throws -> Total {
        let bytes = try Array(record(index, Total.size, after: Self.blocks(description.places, Place.size)))
        guard let amount = UInt256(bigEndian: bytes.span.extracting(32..<64)) else { throw Problem(LedgerRule.index) }
        return Total(
            key: LedgerKey(bytes: bytes[..<16]).shortened, time: number(bytes[16..<24]),
            overflows: number(bytes[24..<32]), amount: amount)
    }

    /// The first of so many that is not before what is looked for.
    private func first(of count: Int, _ isBefore: (Int) throws -> Bool) rethrows -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if try isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Everything that is found by a key, in the order of the ledger.
    func values(_ key: LedgerKey) throws -> [UInt64] {
        var index = try first(of: description.places) { try place($0).key < key }
        var values: [UInt64] = []
        while index < description.places {
            let place = try place(index)
            guard place.key == key else { break }
            values.append(place.value)
            index += 1
        }
        return values
    }

    /// What was spent of a currency since a moment; `nil` when that is more than 256 bits.
    func spent(_ currency: LedgerKey, since moment: UInt64) throws -> UInt256? {
        let key = currency.shortened
        let count = description.totals
        let begin = try first(of: count) { try total($0).key < key }
        let from = try first(of: count) {
            let total = try total($0)
            return total.key < key || (total.key == key && total.time < moment)
        }
        let end = try first(of: count) { try total($0).key <= key }
        guard begin < end else { return .zero }
        let all = try total(end - 1)
        guard from > begin else { return all.overflows == 0 ? all.amount : nil }
        let earlier = try total(from - 1)
        let (difference, borrow) = all.amount.subtractingReportingOverflow(earlier.amount)
        return all.overflows &- earlier.overflows == (borrow ? 1 : 0) ? difference : nil
    }

    private func number(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}

extension LedgerKey {
    /// A total has room for two of the three words.
    var shortened: LedgerKey { LedgerKey(bytes: [words.0, words.1, 0].flatMap(bigEndian)) }
}
