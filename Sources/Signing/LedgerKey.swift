import AirlockEthereumTypes

/// By what entries are found: a kind, and 23 bytes of a hash over what is looked for. That is too long for two that
/// are alike to be made, and what is found is compared in full nevertheless.
struct LedgerKey: Hashable, Comparable, Sendable {
    enum Kind: UInt8 {
        /// An entry, by its hash.
        case line
        /// The head of a lost ledger that the first entry goes on from.
        case acceptedHead
        case reference
        /// A nonce on whatever chain: what names none is valid on all of them.
        case nonce
        /// Nonces that are counted together; found is not a place, but the highest.
        case series
        /// A transaction that an entry takes the place of.
        case replaced
        /// What was signed blind.
        case digest
        /// A currency of a chain; found are sums.
        case currency
    }

    static let size = 24

    let words: (UInt64, UInt64, UInt64)

    init(_ kind: Kind, _ parts: [UInt8]...) {
        var bytes = [kind.rawValue]
        bytes.reserveCapacity(128)
        for part in parts { bytes += part }
        let hash = Hash.keccak(bytes).bytes
        bytes.removeSubrange(1...)
        bytes += hash[..<(Self.size - 1)]
        self.init(bytes: bytes)
    }

    init(bytes: some RandomAccessCollection<UInt8>) {
        var bytes = bytes.makeIterator()
        func word() -> UInt64 { (0..<8).reduce(0) { word, _ in word << 8 | UInt64(bytes.next() ?? 0) } }
        words = (word(), word(), word())
    }

    var isSeries: Bool { UInt8(words.0 >> 56) == Kind.series.rawValue }

    static func == (left: LedgerKey, right: LedgerKey) -> Bool { left.words == right.words }
    static func < (left: LedgerKey, right: LedgerKey) -> Bool { left.words < right.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
    }
}

extension LedgerKey {
    static func line(_ hash: Hash) -> LedgerKey { LedgerKey(.line, hash.bytes) }
    static func acceptedHead(_ hash: Hash) -> LedgerKey { LedgerKey(.acceptedHead, hash.bytes) }
    static func replaced(_ hash: Hash) -> LedgerKey { LedgerKey(.replaced, hash.bytes) }

    static func reference(_ key: Hash, chain: Chain, from: Address) -> LedgerKey {
        LedgerKey(.reference, bigEndian(chain.id), from.bytes.bytes, key.bytes)
    }

    static func nonce(_ nonce: LedgerNonce, from: Address) -> LedgerKey {
        LedgerKey(.nonce, from.bytes.bytes, bigEndian(nonce.number), nonce.token?.bytes.bytes ?? [])
    }

    static func series(of token: Address?, chain: Chain, from: Address) -> LedgerKey {
        LedgerKey(.series, bigEndian(chain.id), from.bytes.bytes, token?.bytes.bytes ?? [])
    }

    static func digest(_ hash: Hash, from: Address) -> LedgerKey { LedgerKey(.digest, from.bytes.bytes, hash.bytes) }

    /// - Parameter safe: the Safe that spends it, which is counted by itself; `nil` for whoever signs.
    static func currency(_ currency: Address, chain: Chain, bySafe safe: Address? = nil) -> LedgerKey {
        LedgerKey(.currency, bigEndian(chain.id), currency.bytes.bytes, safe?.bytes.bytes ?? [])
    }

    /// By what an entry is found.
    static func places(of entry: LedgerEntry, _ hash: Hash) -> [LedgerKey] {
        var keys = [line(hash)]
        if entry.subject == .begin { return keys + [acceptedHead(entry.previous)] }
        if let replaced = entry.replaces { keys.append(.replaced(replaced)) }
        if entry.subject == .payment, let key = entry.referenceKey {
            keys.append(reference(key, chain: entry.chain, from: entry.from))
        }
        if entry.subject == .blind {
            keys += entry.transactions.map { digest($0.signingHash, from: entry.from) }
        }
        return keys + entry.nonces.map { nonce($0, from: entry.from) }
    }
}

extension LedgerEntry {
    /// The nonces that it uses up, each once.
    var nonces: Set<LedgerNonce> { Set(transactions.compactMap(nonce(of:))) }
}

func bigEndian(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
