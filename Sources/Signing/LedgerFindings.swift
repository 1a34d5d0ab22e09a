import AirlockEthereumTypes

/// Lookup tables for a range of the ledger's entries, in memory. When these entries are moved to the index, the tables
/// are written to a file of the index (a segment).
struct LedgerFindings: Sendable {
    /// The positions of all entries that have the same lookup key, in order. Nearly always, there is only one such
    /// entry.
    struct Places: Sendable {
        private let first: Int
        private var others: [Int] = []

        init(_ first: Int) { self.first = first }

        /// Adds a position. The new position must not be smaller than the last one.
        mutating func add(_ place: Int) {
            if place != others.last ?? first { others.append(place) }
        }

        var all: [Int] { others.isEmpty ? [first] : [first] + others }
    }

    /// For each lookup key, the positions of the entries that have this key. The first entry of the range has the
    /// position 0.
    private(set) var places: [LedgerKey: Places] = [:]
    /// The highest nonce of each series. A series consists of all nonces that are counted together: the nonces of an
    /// account's transactions on one chain, or the nonces of an account's permits of one token.
    private(set) var highest: [LedgerKey: UInt64] = [:]
    private(set) var spends: [LedgerKey: SpendHistory] = [:]
    /// The offset of each entry's line in the ledger file.
    private(set) var offsets: [Int] = []

    /// Adds an entry to the tables.
    ///
    /// - Parameters:
    ///   - latest: the latest time of all entries up to this one. The amounts of the entry are recorded with this time,
    ///     which never decreases. So a clock that was set back does not weaken a cap.
    ///   - offset: the offset of the entry's line in the ledger file.
    mutating func add(_ entry: LedgerEntry, _ hash: Hash, latest: Timestamp, at offset: Int) {
        let index = offsets.count
        offsets.append(offset)
        for key in LedgerKey.places(of: entry, hash) { places[key, default: Places(index)].add(index) }
        guard entry.subject != .begin else { return }
        for nonce in entry.nonces {
            let series = LedgerKey.series(of: nonce.token, chain: entry.chain, from: entry.from)
            highest[series] = max(highest[series] ?? 0, nonce.number)
        }
        for spend in entry.spends {
            let currency = LedgerKey.currency(spend.currency, chain: entry.chain, bySafe: entry.safe)
            spends[currency, default: SpendHistory()].add(spend.amount, at: latest)
        }
    }
}

/// The amounts that were spent in one currency, stored as running totals with their times. The difference of two totals
/// is the amount that was spent between the two times.
struct SpendHistory {
    /// The running total: the amount that was spent up to and including `time`.
    struct Total {
        let time: Timestamp
        var amount: UInt256
        /// The number of times that the running total has exceeded 256 bits.
        var overflows: UInt64
    }

    private(set) var totals: [Total] = []

    /// Adds an amount. If `time` is before the latest recorded time, the latest recorded time is used instead. So a
    /// clock that was set back does not weaken a cap.
    mutating func add(_ amount: UInt256, at time: Timestamp) {
        let last = totals.last ?? Total(time: time, amount: .zero, overflows: 0)
        let (sum, overflow) = last.amount.addingReportingOverflow(amount)
        let total = Total(time: max(last.time, time), amount: sum, overflows: last.overflows + (overflow ? 1 : 0))
        if total.time == last.time, !totals.isEmpty { totals.removeLast() }
        totals.append(total)
    }

    /// Returns the amount that was spent since a time. Returns `nil` if the amount has more than 256 bits.
    func sum(since moment: Timestamp) -> UInt256? {
        guard let all = totals.last else { return .zero }
        var before = 0
        var after = totals.count
        while before < after {
            let middle = (before + after) / 2
            if totals[middle].time < moment { before = middle + 1 } else { after = middle }
        }
        guard before > 0 else { return all.overflows == 0 ? all.amount : nil }
        let earlier = totals[before - 1]
        let (difference, borrow) = all.amount.subtractingReportingOverflow(earlier.amount)
        return all.overflows - earlier.overflows == (borrow ? 1 : 0) ? difference : nil
    }
}
