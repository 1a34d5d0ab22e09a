public import EthereumTypes
import PaymentFiles
public import Problems
import StrictJSON

/// What was signed before: every line read, and found to follow the one before.
public struct Ledger: Sendable {
    public private(set) var entries: [LedgerEntry] = []
    private(set) var chain = LedgerChain()
    /// Every line's hash, and the heads that were accepted after a loss.
    private var hashes: [Hash: Int] = [:]
    private var acceptedHeads: Set<Hash> = []
    private var byIntent: [Intent: [Int]] = [:]
    private var byNonce: [Nonce: [Int]] = [:]
    /// The entries that name a transaction as the one that they take the place of.
    private var replacements: [Hash: [Int]] = [:]
    private var lastNonces: [Series: UInt64] = [:]
    private var spends: [Currency: SpendHistory] = [:]
    /// The hash of the last line; zero for an empty ledger.
    public var head: Hash { chain.head }
    public var count: Int { chain.count }
    public var isEmpty: Bool { chain.count == 0 }
    /// The latest time of an entry; zero for an empty ledger.
    public var latest: Timestamp { chain.latest }
    public var unfinishedBytes: Int { chain.unfinishedBytes }
    /// See ``LedgerChain/unfinished``.
    public var unfinished: String? { chain.unfinished }

    private struct Account: Hashable {
        let chain: Chain
        let address: Address
    }

    private struct Currency: Hashable {
        let chain: Chain
        let address: Address
    }

    private struct Nonce: Hashable {
        let address: Address
        let nonce: LedgerNonce
    }

    /// What is counted by itself: an account's transactions, or its permits of one token.
    private struct Series: Hashable {
        let account: Account
        let token: Address?
    }

    private struct Intent: Hashable {
        let account: Account
        let id: FixedBytes<16>
    }

    public init() {}

    /// Reads a whole file that is in memory.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        do {
            try read({ offset, count in Array(bytes[offset..<offset + count]) }, to: bytes.count)
        } catch let broken as any RuleBroken {
            throw ProblemList(broken)
        } catch {
            throw ProblemList(Problem(LedgerRule.malformed, at: "line \(chain.count + 1)"))
        }
    }

    /// Reads what comes after the lines that it has.
    mutating func read(_ source: LedgerLines.Source, from start: Int = 0, to end: Int) throws {
        var chain = chain
        try LedgerLines.read(source, from: start, to: end, &chain) { chain, line in
            let (entry, hash) = try chain.follow(line)
            enter(entry, hash)
        }
        self.chain = chain
    }

    /// Takes in an entry that follows the last one.
    ///
    /// - Parameter hash: the entry's own, for who has just made its line.
    mutating func add(_ entry: LedgerEntry, hash: Hash? = nil) {
        let hash = hash ?? entry.hash
        chain.add(entry, hash)
        enter(entry, hash)
    }

    private mutating func enter(_ entry: LedgerEntry, _ hash: Hash) {
        let index = entries.count
        entries.append(entry)
        hashes[hash] = index
        if entry.subject == .begin {
            acceptedHeads.insert(entry.previous)
            return
        }
        if let hash = entry.replaces { replacements[hash, default: []].append(index) }
        for spend in entry.spends {
            let currency = Currency(chain: entry.chain, address: spend.currency)
            spends[currency, default: SpendHistory()].add(spend.amount, at: entry.time)
        }
        let account = Account(chain: entry.chain, address: entry.from)
        if entry.subject == .payment {
            byIntent[Intent(account: account, id: entry.intentID), default: []].append(index)
        }
        for nonce in Set(entry.transactions.compactMap(entry.nonce(of:))) {
            byNonce[Nonce(address: entry.from, nonce: nonce), default: []].append(index)
            let series = Series(account: account, token: nonce.token)
            lastNonces[series] = max(lastNonces[series] ?? 0, nonce.number)
        }
    }

    /// Does the ledger hold this line, or go on from it?
    public func knows(_ head: Hash) -> Bool { hashes[head] != nil || acceptedHeads.contains(head) }

    /// Did an entry that names a transaction of this one use this nonce? Those of its other nonces can still be mined.
    func isReplaced(_ entry: LedgerEntry, at nonce: LedgerNonce) -> Bool {
        isReplaced(entry) { $0.uses(nonce) }
    }

    /// Did an entry that names a transaction of this one pay its intent anew, or use the nonce of its payment?
    func isPaymentReplaced(_ entry: LedgerEntry) -> Bool {
        let paying = [Payment.Role.pay, .permit].map(\.rawValue)
        let paid = entry.transactions.filter { paying.contains($0.role) }.compactMap(entry.nonce(of:))
        return isReplaced(entry) { later in later.intentID == entry.intentID || paid.contains(where: later.uses) }
    }

    private func isReplaced(_ entry: LedgerEntry, _ takesItsPlace: (LedgerEntry) -> Bool) -> Bool {
        let named = entry.transactions.flatMap { replacements[$0.hash, default: []] }
        // Permits of two intents can have one digest, and no entry takes its own place.
        guard !named.isEmpty, let own = hashes[entry.hash] else { return false }
        return named.contains { $0 > own && takesItsPlace(entries[$0]) }
    }

    func entries(of intent: FixedBytes<16>, chain: Chain, from: Address) -> [LedgerEntry] {
        let account = Account(chain: chain, address: from)
        return byIntent[Intent(account: account, id: intent), default: []].map { entries[$0] }
    }

    /// What names no chain (chain id 0) is valid on all of them.
    func entries(with nonce: LedgerNonce, chain: Chain, from: Address) -> [LedgerEntry] {
        byNonce[Nonce(address: from, nonce: nonce), default: []].map { entries[$0] }
            .filter { $0.chain == chain || $0.chain.id == 0 || chain.id == 0 }
    }

    /// The highest of the account's own, or of its permits of a token.
    func lastNonce(of token: Address?, chain: Chain, from: Address) -> UInt64? {
        lastNonces[Series(account: Account(chain: chain, address: from), token: token)]
    }

    /// What was signed over a currency of a chain since a moment of the machine's time, with what names no chain (chain
    /// id 0), which is valid on all of them. `nil` when the sum overflows.
    func spent(_ currency: Address, on chain: Chain, since: Timestamp) -> UInt256? {
        Set([chain, Chain(id: 0)]).reduce(UInt256.zero as UInt256?) { sum, chain in
            let history = spends[Currency(chain: chain, address: currency), default: SpendHistory()]
            return history.sum(since: since).flatMap { sum?.adding($0) }
        }
    }
}
