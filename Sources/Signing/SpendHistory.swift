import AirlockEthereumTypes

/// What was spent of one currency, as running totals: the sum since any moment is two of them, however long the ledger.
struct SpendHistory {
    /// All that was spent up to a moment.
    struct Total {
        let time: Timestamp
        var amount: UInt256
        /// How often the amount went past 2^256.
        var overflows: UInt64
    }

    private(set) var totals: [Total] = []

    /// Times never go back; one that does counts as the latest before it, so that no cap lets more through.
    mutating func add(_ amount: UInt256, at time: Timestamp) {
        let last = totals.last ?? Total(time: time, amount: .zero, overflows: 0)
        let (sum, overflow) = last.amount.addingReportingOverflow(amount)
        let total = Total(time: max(last.time, time), amount: sum, overflows: last.overflows + (overflow ? 1 : 0))
        if total.time == last.time, !totals.isEmpty { totals.removeLast() }
        totals.append(total)
    }

    /// What was spent since a moment; `nil` when the sum is more than 256 bits.
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
