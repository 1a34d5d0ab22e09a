public import EthereumTypes
import PaymentFiles
public import Problems
import StrictJSON

/// What was signed before: every line read, and found to follow the one before.
public struct Ledger: Sendable {
    public private(set) var entries: [LedgerEntry] = []
    /// The hash of the last line; zero for an empty ledger.
    public private(set) var head = Hash.zero
    /// Every line's hash, and the heads that were accepted after a loss.
    private var hashes: [Hash: Int] = [:]
    private var acceptedHeads: Set<Hash> = []
    private var byIntent: [Intent: [Int]] = [:]
    private var byNonce: [Nonce: [Int]] = [:]
    /// The entries that name a transaction as the one that they take the place of.
    private var replacements: [Hash: [Int]] = [:]
    private var lastNonces: [Series: UInt64] = [:]
    private var spends: [Currency: SpendHistory] = [:]
    /// The bytes after the last line, as a crash in the middle of a write leaves them: nothing was put out for them.
    public private(set) var unfinishedBytes = 0
    /// Did a crash take the end of the last line, and nothing else of it?
    private(set) var lacksLineEnd = false

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

    /// Reads the whole file, line by line.
    ///
    /// What comes after the end of the last line is an entry too where it is all of one, since it may have been signed
    /// and put out. No part of an object is JSON, so what else begins as a line was never finished, and is no line.
    /// Anything that does not begin as a line is refused: somebody else wrote it.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let rest = Array(lines.removeLast())
        // A line that somebody altered is told by its number; a file without a single line of ours was never a ledger.
        guard bytes.isEmpty || (lines + [rest[...]]).contains(where: { LedgerEntry.canBegin(with: $0) }) else {
            throw ProblemList(Problem(LedgerRule.notALedger, at: "line 1"))
        }
        for line in lines { try read(Array(line)) }
        guard !rest.isEmpty else { return }
        if (try? JSONDocument(rest)) != nil {
            try read(rest)
            lacksLineEnd = true
        } else {
            guard LedgerEntry.canBegin(with: rest) else {
                throw ProblemList(Problem(LedgerRule.malformed, at: "line \(entries.count + 1)"))
            }
            unfinishedBytes = rest.count
        }
    }

    private mutating func read(_ line: [UInt8]) throws(ProblemList) {
        let isFirst = entries.isEmpty
        let place = "line \(entries.count + 1)"
        do {
            let entry = try LedgerEntry(line)
            guard isFirst || entry.previous == head else {
                throw Problem(LedgerRule.brokenChain, at: place, saw: "\(entry.previous)", expected: "\(head)")
            }
            guard isFirst ? entry.previous.isZero || entry.subject == .begin : entry.subject != .begin else {
                throw Problem(LedgerRule.brokenChain, at: place, saw: "\(entry.previous)")
            }
            add(entry)
        } catch let problem as Problem {
            throw ProblemList(problem)
        } catch let broken as any RuleBroken {
            let problems = broken.problems.map { problem in
                LedgerRule(rawValue: problem.code) == nil
                    ? Problem(LedgerRule.malformed, because: problem, at: place) : problem.at(place)
            }
            throw ProblemList(problems) ?? ProblemList(Problem(LedgerRule.malformed, at: place))
        } catch {
            throw ProblemList(Problem(LedgerRule.malformed, at: place))
        }
    }

    /// What is to be said of a last line that a crash left unfinished; nothing where there is none.
    public var unfinished: String? {
        guard unfinishedBytes > 0 else { return nil }
        let bytes = unfinishedBytes == 1 ? "1 byte" : "\(unfinishedBytes) bytes"
        return "the last line is unfinished: \(bytes), as a crash leaves it before anything is put out; "
            + "the next signature takes it away"
    }

    /// Takes in an entry that follows the last one.
    ///
    /// - Parameter hash: the entry's own, for who has just made its line.
    mutating func add(_ entry: LedgerEntry, hash: Hash? = nil) {
        let index = entries.count
        entries.append(entry)
        head = hash ?? entry.hash
        hashes[head] = index
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
