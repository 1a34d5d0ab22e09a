public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles

/// The record of everything that was signed. Its entries form a hash chain, which is verified when the entries are
/// read. If there is an index, old entries are in the index, and only recent entries are in memory.
public struct Ledger: Sendable {
    /// The entries in memory. If there is no index, these are all entries of the ledger.
    public private(set) var entries: [LedgerEntry] = []
    /// The hashes of the entries in memory, in the same order.
    private var hashes: [Hash] = []
    private(set) var chain = LedgerChain()
    private(set) var index: LedgerIndex?
    /// The lookup tables for the entries in memory.
    private(set) var findings = LedgerFindings()
    /// The offset in the ledger file at which the next line will begin.
    private(set) var end = 0

    /// The hash of the last line. It is zero for an empty ledger.
    public var head: Hash { chain.head }
    /// The hash of the last line of the ledger file, as this process last read or wrote it. It differs from ``head`` if
    /// entries were added that are not in the file.
    private(set) var recordedHead = Hash.zero
    public var count: Int { chain.count }
    public var isEmpty: Bool { chain.count == 0 }
    /// The latest time of all entries. It is zero for an empty ledger.
    public var latest: Timestamp { chain.latest }
    public var unfinishedBytes: Int { chain.unfinishedBytes }
    /// A warning that a crash left the last line unfinished. `nil` if the last line is finished.
    public var unfinished: String? { chain.unfinished }

    public init() {}

    /// Starts a ledger that continues after the entries in an index.
    init(_ index: LedgerIndex) {
        self.index = index
        chain.count = index.head.count
        chain.head = index.head.hash
        chain.latest = index.head.latest
        end = index.head.covered
    }

    /// Reads a whole ledger file that is already in memory.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        do {
            try read({ offset, count in Array(bytes[offset..<offset + count]) }, to: bytes.count)
        } catch let broken as any RuleBroken {
            throw ProblemList(broken)
        } catch {
            throw ProblemList(Problem(LedgerRule.malformed, at: "line \(chain.count + 1)"))
        }
    }

    /// Reads the lines of the ledger that were not read yet.
    ///
    /// - Parameter body: a function that is called after each line.
    mutating func read(
        _ source: LedgerLines.Source, to end: Int, _ body: (inout Ledger) throws -> Void = { _ in }
    ) throws {
        let rest = try LedgerLines.read(source, from: self.end, to: end, after: chain.count) { line in
            let (entry, hash) = try chain.follow(line)
            enter(entry, hash, line.count)
            try body(&self)
        }
        chain.end(with: rest)
        markRecorded()
    }

    /// Notes that the ledger file contains all entries.
    mutating func markRecorded() { recordedHead = head }

    /// Adds an entry after the last entry of the ledger.
    ///
    /// - Returns: the hash of the entry, which becomes the head of the ledger.
    @discardableResult mutating func add(_ entry: LedgerEntry, _ line: [UInt8]) -> Hash {
        let hash = Hash.keccak(line)
        chain.add(entry, hash)
        enter(entry, hash, line.count)
        return hash
    }

    private mutating func enter(_ entry: LedgerEntry, _ hash: Hash, _ size: Int) {
        entries.append(entry)
        hashes.append(hash)
        findings.add(entry, hash, latest: chain.latest, at: end)
        end += size + 1
    }

    /// The number of entries in memory at which these entries are moved to an index.
    static let mostInMemory = 8192

    /// Whether the entries in memory should be moved to an index now. If moving them fails, the next attempt is made
    /// only after ``mostInMemory`` more entries.
    var isFull: Bool { !entries.isEmpty && entries.count.isMultiple(of: Self.mostInMemory) }

    /// Moves the entries in memory to an index. The ledger file must already contain all of these entries. Throws if
    /// the index cannot be written; the entries then stay in memory.
    mutating func moveToIndex(at place: LedgerIndex.Place, _ identity: FileIdentity) throws {
        guard !entries.isEmpty else { return }
        index = try LedgerIndex.extending(index, at: place, to: indexHead, with: findings, identity)
        entries = []
        hashes = []
        findings = LedgerFindings()
    }

    /// The content of the main file of an index that covers the whole ledger.
    var indexHead: LedgerIndex.Head {
        LedgerIndex.Head(
            covered: end, count: count, last: findings.offsets.last ?? index?.head.last ?? 0, hash: head,
            latest: latest)
    }

    /// The position of the first entry in memory. It equals the number of bytes of the ledger file that the index
    /// covers.
    private var start: Int { index?.head.covered ?? 0 }

    /// Returns the positions of all entries that have this lookup key, in order. If an entry is in the index, its
    /// position is the offset of its line in the ledger file. The entries in memory have the positions ``start``,
    /// ``start`` + 1, and so on.
    private func places(_ key: LedgerKey) throws(ProblemList) -> [Int] {
        let known = try index?.places(key) ?? []
        guard let recent = findings.places[key] else { return known }
        return known + recent.all.map { start + $0 }
    }

    private func entry(at place: Int) throws(ProblemList) -> RecordedEntry {
        if let index, place < start { return try index.entry(at: place) }
        return RecordedEntry(entry: entries[place - start], hash: hashes[place - start])
    }

    private func entries(_ key: LedgerKey) throws(ProblemList) -> [RecordedEntry] {
        var found: [RecordedEntry] = []
        for place in try places(key) { found.append(try entry(at: place)) }
        return found
    }

    /// Whether the ledger contains a line with this hash, or continues a lost ledger whose last line had this hash.
    public func knows(_ head: Hash) throws(ProblemList) -> Bool {
        let found = try places(.line(head)) + places(.acceptedHead(head))
        return !found.isEmpty
    }

    /// Whether a later entry replaces a transaction of `entry` and uses this nonce. If there is no such later entry,
    /// the transaction of `entry` with this nonce can still be mined.
    func isReplaced(_ entry: RecordedEntry, at nonce: LedgerNonce) throws(ProblemList) -> Bool {
        try isReplaced(entry) { $0.uses(nonce) }
    }

    /// Whether a later entry replaces the payment of `entry`. Such an entry has two properties: its member `replaces`
    /// is the hash of a transaction of `entry`, and it pays the same request as `entry` or uses the nonce of the
    /// payment of `entry`.
    func isPaymentReplaced(_ entry: RecordedEntry) throws(ProblemList) -> Bool {
        let paying = [Payment.Role.pay, .permit].map(\.rawValue)
        let paid = entry.transactions.filter { paying.contains($0.role) }.compactMap(entry.entry.nonce(of:))
        return try isReplaced(entry) { later in
            later.referenceKey == entry.referenceKey || paid.contains(where: later.uses)
        }
    }

    private func isReplaced(
        _ entry: RecordedEntry, _ takesItsPlace: (LedgerEntry) -> Bool
    ) throws(ProblemList) -> Bool {
        var named: [Int] = []
        for transaction in entry.transactions { named += try places(.replaced(transaction.hash)) }
        // Permits of two requests can have the same digest. So the entries whose member `replaces` is the hash of a
        // permit in `entry` can include `entry` itself and earlier entries. These are skipped, because only a later
        // entry can replace `entry`.
        guard !named.isEmpty, let own = try places(.line(entry.hash)).first else { return false }
        for place in named where place > own {
            let later = try self.entry(at: place).entry
            let names = later.replaces.map { hash in entry.transactions.contains { $0.hash == hash } } ?? false
            if names, takesItsPlace(later) { return true }
        }
        return false
    }

    func entries(of key: Hash, chain: Chain, from: Address) throws(ProblemList) -> [RecordedEntry] {
        try entries(.reference(key)).filter {
            $0.subject == .payment && $0.referenceKey == key && $0.chain == chain && $0.from == from
        }
    }

    /// Returns the entries in which an account uses a nonce on a chain. Entries without a chain (chain ID 0) are
    /// included, because transactions without a chain are valid on all chains. If `chain` itself has chain ID 0, the
    /// entries of all chains are included.
    func entries(with nonce: LedgerNonce, chain: Chain, from: Address) throws(ProblemList) -> [RecordedEntry] {
        try entries(.nonce(nonce, from: from)).filter {
            $0.from == from && $0.entry.uses(nonce) && ($0.chain == chain || $0.chain.id == 0 || chain.id == 0)
        }
    }

    /// Whether this account has already signed this digest without a request.
    func hasBlind(_ digest: Hash, from: Address) throws(ProblemList) -> Bool {
        try entries(.digest(digest)).contains {
            $0.subject == .blind && $0.from == from && $0.transactions.map(\.signingHash) == [digest]
        }
    }

    /// Returns the highest nonce that an account has signed on a chain. If `token` is `nil`, only the nonces of the
    /// account's transactions count. If not, only the nonces of its permits of `token` count. Returns `nil` if there is
    /// no such nonce in the ledger.
    func lastNonce(of token: Address?, chain: Chain, from: Address) throws(ProblemList) -> UInt64? {
        let series = LedgerKey.series(of: token, chain: chain, from: from)
        return [try index?.highest(series), findings.highest[series]].compactMap(\.self).max()
    }

    /// Returns the total amount of a currency that was spent on a chain since the time `since`. `since` is compared
    /// with the times in the ledger, which come from this machine's clock. Entries without a chain (chain ID 0) are
    /// included, because transactions without a chain are valid on all chains. Returns `nil` if the sum has more than
    /// 256 bits.
    func spent(
        _ currency: Address, on chain: Chain, since: Timestamp, bySafe safe: Address? = nil
    ) throws(ProblemList) -> UInt256? {
        var sum: UInt256? = .zero
        for chain in Set([chain, Chain(id: 0)]) {
            let key = LedgerKey.currency(currency, chain: chain, bySafe: safe)
            let before: UInt256? = if let index { try index.spent(key, since: since) } else { .zero }
            let recent = findings.spends[key, default: SpendHistory()].sum(since: since)
            guard let known = sum, let before, let recent else { return nil }
            sum = known.adding(before)?.adding(recent)
        }
        return sum
    }
}

/// The error codes for the ledger and for new entries.
public enum LedgerRule: String, Rule {
    case notALedger = "ledger.not-a-ledger"
    case malformed = "ledger.malformed"
    case otherForm = "ledger.other-form"
    case unknownSubject = "ledger.unknown-subject"
    case brokenChain = "ledger.broken-chain"
    case altered = "ledger.altered"
    case index = "ledger.index"
    case missing = "ledger.missing"
    case alreadyThere = "ledger.already-there"
    case headUnknown = "ledger.head-unknown"
    case clockBehind = "ledger.clock-behind"
    case intentSigned = "ledger.intent-already-signed"
    case signedWithOtherNonce = "ledger.signed-with-other-nonce"
    case nonceSigned = "ledger.nonce-already-signed"
    case nothingToReplace = "ledger.nothing-to-replace"
    case perDay = "policy.over-day-cap"

    public var meaning: String {
        switch self {
        case .notALedger: "the file is not a ledger"
        case .malformed: "a line of the ledger is malformed"
        case .otherForm: "a line of the ledger is not in the form in which it was written"
        case .unknownSubject: "a line of the ledger is about something that this Airlock does not know"
        case .brokenChain: "a line of the ledger does not follow the one before: one was altered, moved or removed"
        case .altered: "an entry of the ledger is not the one that was there when the index was made"
        case .index: "the index beside the ledger is damaged"
        case .missing: "the ledger is missing, though payments were signed before"
        case .alreadyThere: "there is a ledger already"
        case .headUnknown: "the ledger does not know an entry that was in it before"
        case .clockBehind: "this machine's clock is behind the last entry of the ledger"
        case .intentSigned: "another transaction was signed for this request before"
        case .signedWithOtherNonce: "the request was signed before with another nonce, and both could be mined"
        case .nonceSigned: "another transaction was signed with this nonce before"
        case .nothingToReplace: "the transaction to be replaced does not conflict with this one"
        case .perDay: "with what was signed in the last 24 hours, the payment is above the policy's cap per day"
        }
    }
}
