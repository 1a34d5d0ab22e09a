import AirlockEthereumTypes
import AirlockPaymentFiles
import Synchronization

/// A lookup key for ledger entries. It consists of a kind and 23 bytes. The bytes come from a hash, from a hash over
/// longer data, or from an address and a number. In practice, nobody can construct a collision. In addition, each entry
/// that is found is compared in full with the query. The two exceptions are sums and highest nonces, which are only
/// numbers and contain nothing to compare.
struct LedgerKey: Hashable, Comparable, Sendable {
    enum Kind: UInt8 {
        /// Finds an entry by the hash of its line.
        case line
        /// Finds the first entry of a ledger that continues after a lost ledger. The bytes of the key come from the
        /// hash of the lost ledger's last line.
        case acceptedHead
        case reference
        /// Finds the entries with a nonce, on any chain. A transaction without a chain is valid on all chains.
        case nonce
        /// Finds the highest nonce of a series. A series consists of all nonces that are counted together. For this
        /// kind of key, the index stores the nonce itself and not the position of an entry.
        case series
        /// Finds the entry that replaces a transaction.
        case replaced
        /// Finds an entry by the digest that was signed without a request.
        case digest
        /// Finds the total amounts of a currency that were spent on a chain.
        case currency
    }

    private(set) var words: (UInt64, UInt64, UInt64)

    /// Makes a key from the first 23 bytes of a hash.
    init(_ kind: Kind, _ hash: Hash) {
        let (first, second, third, _) = UInt256(hash).bigEndianWords
        words = (UInt64(kind.rawValue) << 56 | first >> 8, first << 56 | second >> 8, second << 56 | third >> 8)
    }

    /// Makes a key from the last bytes of an address, and a number.
    private init(_ kind: Kind, _ address: Address, _ number: UInt64) {
        let bytes = address.bytes.inline
        words = (UInt64(kind.rawValue) << 56, 0, number)
        for index in 0..<7 { words.0 |= UInt64(bytes[5 + index]) << (48 - 8 * index) }
        for index in 0..<8 { words.1 |= UInt64(bytes[12 + index]) << (56 - 8 * index) }
    }

    /// Makes a key from data that are too long for a key. The data are hashed.
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
    /// The lookup key for the reference of a request. It finds entries on any chain and from any account.
    static func reference(_ key: Hash) -> LedgerKey { LedgerKey(.reference, key) }
    /// The lookup key for a digest that was signed without a request. It finds entries of any account.
    static func digest(_ hash: Hash) -> LedgerKey { LedgerKey(.digest, hash) }

    static func nonce(_ nonce: LedgerNonce, from: Address) -> LedgerKey {
        guard let token = nonce.token else { return LedgerKey(.nonce, from, nonce.number) }
        return LedgerKey(.nonce, hashing: from.bytes.bytes, bigEndian(nonce.number), token.bytes.bytes)
    }

    static func series(of token: Address?, chain: Chain, from: Address) -> LedgerKey {
        sums.key(Sum(kind: .series, chain: chain, address: from, other: token))
    }

    /// The lookup key for the amounts of a currency that were spent on a chain.
    ///
    /// - Parameter safe: the Safe that spends the currency. Its spends are counted separately. `nil` for the signer's
    ///   own account.
    static func currency(_ currency: Address, chain: Chain, bySafe safe: Address? = nil) -> LedgerKey {
        sums.key(Sum(kind: .currency, chain: chain, address: currency, other: safe))
    }

    /// A query for a sum or for a highest nonce. The index returns only a number for such a query, and the number does
    /// not show to which query it belongs. For this reason the lookup key is a hash of the whole query.
    private struct Sum: Hashable {
        let kind: Kind
        let chain: Chain
        let address: Address
        let other: Address?

        var key: LedgerKey {
            LedgerKey(kind, hashing: bigEndian(chain.id), address.bytes.bytes, other?.bytes.bytes ?? [])
        }
    }

    /// Caches the lookup keys for sums and highest nonces, because the lines of a batch use the same few keys again and
    /// again.
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

    /// All keys with which this entry can be found.
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
    /// The nonces that the entry uses, without repetitions.
    var nonces: [LedgerNonce] {
        var nonces: [LedgerNonce] = []
        for transaction in transactions {
            // The array of nonces is searched backwards, because transactions with the same nonce are usually next to
            // each other.
            if let nonce = nonce(of: transaction), !nonces.reversed().contains(nonce) { nonces.append(nonce) }
        }
        return nonces
    }
}

func bigEndian(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }

/// A nonce of an account's transactions, or of its permits of one token. The two are counted separately. So nonce 7 of
/// a transaction does not conflict with nonce 7 of a permit.
struct LedgerNonce: Hashable, Sendable {
    /// The token that counts the nonce. `nil` for the nonce of the account's transactions.
    let token: Address?
    let number: UInt64
}

extension LedgerEntry {
    /// The nonce of a transaction in this entry. `nil` if the transaction has no nonce.
    func nonce(of transaction: Transaction) -> LedgerNonce? {
        guard let number = transaction.nonce else { return nil }
        // A ledger entry for a permit spends only the token of this permit. So the first amount of the entry is an
        // amount of this token.
        let isPermit = transaction.role == Payment.Role.permit.rawValue
        return LedgerNonce(token: isPermit ? spends.first?.currency : nil, number: number)
    }

    func uses(_ nonce: LedgerNonce) -> Bool { transactions.contains { self.nonce(of: $0) == nonce } }
}
