import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles

/// One segment of the ledger's index. A segment is immutable and covers one range of the ledger. It contains the sorted
/// keys of the entries in this range, each with its value (see ``Place``), and the running totals of the spends in each
/// currency.
final class LedgerSegment: Sendable {
    /// What the main file of the index stores about a segment: the range of the segment, the number of its records of
    /// each kind, and its hash.
    struct Description: Hashable, Sendable {
        /// The range of the ledger that the segment covers, in bytes.
        let start, end: Int
        let places, totals: Int
        let hash: Hash

        var name: String { "\(start)-\(end)" }
    }

    /// A key and its value. The value is usually the offset of an entry in the ledger. For a key of the kind `series`,
    /// the value is the highest nonce of that series.
    struct Place {
        static let size = 32
        let key: LedgerKey
        let value: UInt64

        var bytes: [UInt8] {
            [key.words.0, key.words.1, key.words.2, value].flatMap(bigEndian)
        }
    }

    /// The amount of a currency that was spent up to a given time. Only spends in this segment's range of the ledger
    /// are counted.
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

    /// Finds, by binary search, the first index for which `isBefore` is false. Returns `count` if `isBefore` is true
    /// for every index below `count`.
    private func first(of count: Int, _ isBefore: (Int) throws -> Bool) rethrows -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if try isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// All values that the segment stores for a key, in the order of the ledger.
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

    /// The amount of a currency that was spent since the given time. `nil` if the sum has more than 256 bits.
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
    /// This key with its last 64-bit word set to zero. A `Total` stores only the first two of a key's three words. So a
    /// key must be shortened in this way before it is compared with the key of a `Total`.
    var shortened: LedgerKey { LedgerKey(bytes: [words.0, words.1, 0].flatMap(bigEndian)) }
}

extension LedgerSegment {
    /// Writes the segment for a range of the ledger.
    static func write(
        _ found: LedgerFindings, from start: Int, to end: Int, _ place: LedgerIndex.Place
    ) throws -> LedgerSegment {
        var places = found.places.flatMap { key, indices in
            indices.all.map { Place(key: key, value: UInt64(found.offsets[$0])) }
        }
        places += found.highest.map { Place(key: $0.key, value: $0.value) }
        places.sort { $0.key == $1.key ? $0.value < $1.value : $0.key < $1.key }
        let spends = found.spends.map { (key: $0.key.shortened, totals: $0.value.totals) }.sorted { $0.key < $1.key }
        let totals = spends.flatMap { key, totals in
            totals.map { Total(key: key, time: $0.time.seconds, overflows: $0.overflows, amount: $0.amount) }
        }
        let count = (places.count, totals.count)
        return try write(from: start, to: end, place) { writer in
            for record in places { try writer.add(record.bytes) }
            try writer.endBlock()
            for record in totals { try writer.add(record.bytes) }
            return count
        }
    }

    /// Merges two neighbouring segments into one.
    static func merge(
        _ older: LedgerSegment, _ newer: LedgerSegment, _ place: LedgerIndex.Place
    ) throws -> LedgerSegment {
        try write(from: older.description.start, to: newer.description.end, place) { writer in
            var places = 0
            var waiting: Place?
            try merge(older.description.places, newer.description.places, older.place, newer.place) {
                $0.key <= $1.key
            } _: { record, _ in
                // Several records of one series of nonces can have the same key. Only the record with the highest nonce
                // is written, because a lookup asks only for the highest nonce.
                if let known = waiting, !(known.key == record.key && record.key.isSeries && known.value <= record.value)
                {
                    if known.key == record.key, record.key.isSeries { return }
                    try writer.add(known.bytes)
                    places += 1
                }
                waiting = record
            }
            if let known = waiting {
                try writer.add(known.bytes)
                places += 1
            }
            try writer.endBlock()
            var totals = 0
            var before: Total?
            try merge(older.description.totals, newer.description.totals, older.total, newer.total) {
                $0.key == $1.key ? $0.time <= $1.time : $0.key < $1.key
            } _: { record, isOlder in
                var record = record
                if isOlder {
                    before = record
                } else if let before, before.key == record.key {
                    let (sum, overflow) = record.amount.addingReportingOverflow(before.amount)
                    record.amount = sum
                    record.overflows += before.overflows + (overflow ? 1 : 0)
                }
                try writer.add(record.bytes)
                totals += 1
            }
            return (places, totals)
        }
    }

    /// Merges the sorted records of two segments. If two records have the same sort order, the record of the older
    /// segment comes first.
    private static func merge<Record>(
        _ olderCount: Int, _ newerCount: Int, _ older: (Int) throws -> Record, _ newer: (Int) throws -> Record,
        isFirst: (Record, Record) -> Bool, _ body: (Record, _ isOlder: Bool) throws -> Void
    ) throws {
        var (left, right) = (0, 0)
        var first = olderCount > 0 ? try older(0) : nil
        var second = newerCount > 0 ? try newer(0) : nil
        while let record = first ?? second {
            if let first, second.map({ isFirst(first, $0) }) ?? true {
                try body(first, true)
                left += 1
            } else {
                try body(second ?? record, false)
                right += 1
                second = right < newerCount ? try newer(right) : nil
                continue
            }
            first = left < olderCount ? try older(left) : nil
        }
    }

    private static func write(
        from start: Int, to end: Int, _ place: LedgerIndex.Place,
        _ body: (inout LedgerBlocks.Writer) throws -> (places: Int, totals: Int)
    ) throws -> LedgerSegment {
        // The file name contains the range of the ledger that the segment covers. Two segment files for the same range
        // have the same content.
        let name = place.segment(Description(start: start, end: end, places: 0, totals: 0, hash: .zero))
        var writer = try LedgerBlocks.Writer(name)
        let count = try body(&writer)
        let hash = try writer.finish(isKept: place.isKept)
        // If the segment is temporary, its file is removed from the folder as soon as the file is open. The content
        // stays readable until the file is closed.
        defer { if !place.isKept { StagedFile.remove(name) } }
        return try LedgerSegment(
            Description(start: start, end: end, places: count.places, totals: count.totals, hash: hash), at: name)
    }
}
