import AirlockEthereumTypes
import AirlockFiles

extension LedgerSegment {
    /// Writes what was found in a stretch of the ledger.
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

    /// Writes two that follow one another as one.
    static func merge(
        _ older: LedgerSegment, _ newer: LedgerSegment, _ place: LedgerIndex.Place
    ) throws -> LedgerSegment {
        try write(from: older.description.start, to: newer.description.end, place) { writer in
            var places = 0
            var waiting: Place?
            try merge(older.description.places, newer.description.places, older.place, newer.place) {
                $0.key <= $1.key
            } _: { record, _ in
                // Of a series the highest is enough.
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

    /// Goes through two sorted rows at once; of equals the older is first.
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
        // The name is that of the stretch: whoever had the same has the same.
        let name = place.segment(Description(start: start, end: end, places: 0, totals: 0, hash: .zero))
        var writer = try LedgerBlocks.Writer(name)
        let count = try body(&writer)
        let hash = try writer.finish(isKept: place.isKept)
        // It stays readable for as long as it is open.
        defer { if !place.isKept { StagedFile.remove(name) } }
        return try LedgerSegment(
            Description(start: start, end: end, places: count.places, totals: count.totals, hash: hash), at: name)
    }
}
