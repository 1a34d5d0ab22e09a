import AirlockEthereumTypes

/// By what the entries of a stretch of the ledger are found, in memory: what a segment of the index is made of.
struct LedgerFindings: Sendable {
    /// Where something is found, in order: once, but for a few.
    struct Places: Sendable {
        private let first: Int
        private var others: [Int] = []

        init(_ first: Int) { self.first = first }

        /// Adds one that is not before the last.
        mutating func add(_ place: Int) {
            if place != others.last ?? first { others.append(place) }
        }

        var all: [Int] { others.isEmpty ? [first] : [first] + others }
    }

    /// Which entries, by their number in the stretch.
    private(set) var places: [LedgerKey: Places] = [:]
    /// The highest nonce of each series.
    private(set) var highest: [LedgerKey: UInt64] = [:]
    private(set) var spends: [LedgerKey: SpendHistory] = [:]
    /// Where each entry begins in the ledger.
    private(set) var offsets: [Int] = []

    /// - Parameters:
    ///   - latest: the latest time up to this entry; times never go back, so that no cap lets more through.
    ///   - offset: where its line begins.
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
