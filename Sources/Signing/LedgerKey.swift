import AirlockEthereumTypes
import AirlockPaymentFiles
import Synchronization

/// By what entries are found: a kind, and 23 bytes of what is looked for: of a hash that it is, of a hash over it, or of
/// an address and a number. That is too long for two that are alike to be made, and of all but sums what is
/// found is compared in full nevertheless.
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

    private(set) var words: (UInt64, UInt64, UInt64)

    /// Of a hash.
    init(_ kind: Kind, _ hash: Hash) {
        let bytes = hash.inline
        words = (UInt64(kind.rawValue) << 56, 0, 0)
        for index in 0..<7 { words.0 |= UInt64(bytes[index]) << (48 - 8 * index) }
        for index in 0..<8 {
            words.1 |= UInt64(bytes[7 + index]) << (56 - 8 * index)
            words.2 |= UInt64(bytes[15 + index]) << (56 - 8 * index)
        }
    }

    /// Of the end of an address, and a number.
    private init(_ kind: Kind, _ address: Address, _ number: UInt64) {
        let bytes = address.bytes.inline
        words = (UInt64(kind.rawValue) << 56, 0, number)
        for index in 0..<7 { words.0 |= UInt64(bytes[5 + index]) << (48 - 8 * index) }
        for index in 0..<8 { words.1 |= UInt64(bytes[12 + index]) << (56 - 8 * index) }
    }

    /// Of a hash over what is too long.
    private init(_ kind: Kind, hashing parts: [UInt8]...) { self.init(kind, .keccak(Array(parts.joined()))) }

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
    static func line(_ hash: Hash) -> LedgerKey { LedgerKey(.line, hash) }
    static func acceptedHead(_ hash: Hash) -> LedgerKey { LedgerKey(.acceptedHead, hash) }
    static func replaced(_ hash: Hash) -> LedgerKey { LedgerKey(.replaced, hash) }
    /// On whatever chain, and from whomever.
    static func reference(_ key: Hash) -> LedgerKey { LedgerKey(.reference, key) }
    /// By whomever.
    static func digest(_ hash: Hash) -> LedgerKey { LedgerKey(.digest, hash) }

    static func nonce(_ nonce: LedgerNonce, from: Address) -> LedgerKey {
        guard let token = nonce.token else { return LedgerKey(.nonce, from, nonce.number) }
        return LedgerKey(.nonce, hashing: from.bytes.bytes, bigEndian(nonce.number), token.bytes.bytes)
    }

    static func series(of token: Address?, chain: Chain, from: Address) -> LedgerKey {
        sums.key(Sum(kind: .series, chain: chain, address: from, other: token))
    }

    /// - Parameter safe: the Safe that spends it, which is counted by itself; `nil` for whoever signs.
    static func currency(_ currency: Address, chain: Chain, bySafe safe: Address? = nil) -> LedgerKey {
        sums.key(Sum(kind: .currency, chain: chain, address: currency, other: safe))
    }

    /// What is found by these is a sum, which says nothing of what it is of. So they are of a hash over all of it.
    private struct Sum: Hashable {
        let kind: Kind
        let chain: Chain
        let address: Address
        let other: Address?

        var key: LedgerKey {
            LedgerKey(kind, hashing: bigEndian(chain.id), address.bytes.bytes, other?.bytes.bytes ?? [])
        }
    }

    /// A batch asks for the few that it has with every line.
    private final class Sums: Sendable {
        private let known = Mutex<[Sum: LedgerKey]>([:])

        func key(_ sum: Sum) -> LedgerKey {
            known.withLock { known in
                if let key = known[sum] { return key }
                if known.count == 256 { known = [:] }
                let key = sum.key
                known[sum] = key
                return key
            }
        }
    }

    private static let sums = Sums()

    /// By what an entry is found.
    static func places(of entry: LedgerEntry, _ hash: Hash) -> [LedgerKey] {
        var keys: [LedgerKey] = []
        keys.reserveCapacity(4)
        keys.append(line(hash))
        if entry.subject == .begin { return keys + [acceptedHead(entry.previous)] }
        if let replaced = entry.replaces { keys.append(.replaced(replaced)) }
        if entry.subject == .payment, let key = entry.referenceKey {
            keys.append(reference(key))
        }
        if entry.subject == .blind {
            keys += entry.transactions.map { digest($0.signingHash) }
        }
        for number in entry.nonces { keys.append(nonce(number, from: entry.from)) }
        return keys
    }
}

extension LedgerEntry {
    /// The nonces that it uses up, each once.
    var nonces: [LedgerNonce] {
        var nonces: [LedgerNonce] = []
        for transaction in transactions {
            // Those of one nonce stand in one row, or nearly so.
            if let nonce = nonce(of: transaction), !nonces.reversed().contains(nonce) { nonces.append(nonce) }
        }
        return nonces
    }
}

func bigEndian(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }

/// A number that is good for one signature: of an account's transactions, or of its permits of one token. The two are
/// counted apart, so that nonce 7 of the one says nothing of nonce 7 of the other.
struct LedgerNonce: Hashable, Sendable {
    /// The token that counts it; `nil` for the account's own.
    let token: Address?
    let number: UInt64
}

extension LedgerEntry {
    /// `nil` for what has no nonce.
    func nonce(of transaction: Transaction) -> LedgerNonce? {
        guard let number = transaction.nonce else { return nil }
        // A permit is of the token that is spent, and nothing else is spent by it.
        let isPermit = transaction.role == Payment.Role.permit.rawValue
        return LedgerNonce(token: isPermit ? spends.first?.currency : nil, number: number)
    }

    func uses(_ nonce: LedgerNonce) -> Bool { transactions.contains { self.nonce(of: $0) == nonce } }
}
