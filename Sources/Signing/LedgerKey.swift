import AirlockEthereumTypes
import AirlockPaymentFiles
import Synchronization

/// A lookup key for ledger entries. It consists of a kind and 23 bytes. The bytes are taken from a hash, or from an
/// address and a number. Two different queries can have the same key only by a collision, which in practice nobody can
/// construct. In addition, each entry that is read is compared with the query. This comparison is not made in two
/// cases. For sums and highest nonces, the index stores only a number and no entry. ``Ledger/knows(_:)`` only looks for
/// the key, and reads no entry.
struct LedgerKey: Hashable, Comparable, Sendable {
    enum Kind: UInt8 {
        /// Finds an entry by the hash of its line.
        case line
        /// Finds the first entry of a ledger that continues after a lost ledger. The bytes of the key come from the
        /// hash of the lost ledger's last line.
        case acceptedHead
        case reference
        /// Finds the entries with a nonce, on any chain. The chain is not part of the key, because a transaction
        /// without a chain is valid on all chains.
        case nonce
        /// Finds the highest nonce of a series. A series consists of all nonces that are counted together, such as the
        /// nonces of an account's transactions on one chain. For a key of this kind, the index stores the nonce and not
        /// the position of an entry.
        case series
        /// Finds the entries that replace a transaction.
        case replaced
        /// Finds the entries for a digest that was signed without a request.
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

    /// Makes a key from a number and the last 15 bytes of an address.
    private init(_ kind: Kind, _ address: Address, _ number: UInt64) {
        let bytes = address.bytes.inline
        words = (UInt64(kind.rawValue) << 56, 0, number)
        for index in 0..<7 { words.0 |= UInt64(bytes[5 + index]) << (48 - 8 * index) }
        for index in 0..<8 { words.1 |= UInt64(bytes[12 + index]) << (56 - 8 * index) }
    }

    /// Makes a key from data of any length, by hashing the data.
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
    /// Returns the lookup key for the reference of a request. The key finds the entries for this request on any chain
    /// and of any account.
    static func reference(_ key: Hash) -> LedgerKey { LedgerKey(.reference, key) }
    /// Returns the lookup key for a digest that was signed without a request. The key finds entries of any account.
    static func digest(_ hash: Hash) -> LedgerKey { LedgerKey(.digest, hash) }

    static func nonce(_ nonce: LedgerNonce, from: Address) -> LedgerKey {
        guard let token = nonce.token else { return LedgerKey(.nonce, from, nonce.number) }
        return LedgerKey(.nonce, hashing: from.bytes.bytes, bigEndian(nonce.number), token.bytes.bytes)
    }

    static func series(of token: Address?, chain: Chain, from: Address) -> LedgerKey {
        sums.key(Sum(kind: .series, chain: chain, address: from, other: token))
    }

    /// Returns the lookup key for the amounts of a currency that were spent on a chain.
    ///
    /// - Parameter safe: the Safe that spends the currency, or `nil` if the signer's own account spends it. The amounts
    ///   of each Safe are counted separately.
    static func currency(_ currency: Address, chain: Chain, bySafe safe: Address? = nil) -> LedgerKey {
        sums.key(Sum(kind: .currency, chain: chain, address: currency, other: safe))
    }

    /// A query for a sum or for a highest nonce. The lookup key is a hash of the whole query, because the index returns
    /// only a number, and a number alone does not show to which query it belongs.
    private struct Sum: Hashable {
        let kind: Kind
        let chain: Chain
        let address: Address
        let other: Address?

        var key: LedgerKey {
            LedgerKey(kind, hashing: bigEndian(chain.id), address.bytes.bytes, other?.bytes.bytes ?? [])
        }
    }

    /// A cache of the lookup keys for sums and highest nonces. The lines of a batch use the same few keys again and
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

    /// Returns all lookup keys with which this entry can be found.
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
    /// The nonces that the entry uses, without duplicates.
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

/// The nonce of a transaction or of a permit. Transactions are counted by the account, and permits are counted by the
/// token. So nonce 7 of a transaction does not conflict with nonce 7 of a permit.
struct LedgerNonce: Hashable, Sendable {
    /// The token that counts the nonce. `nil` for the nonce of a transaction.
    let token: Address?
    let number: UInt64
}

extension LedgerEntry {
    /// Returns the nonce of a transaction or message in this entry. Returns `nil` if the message has no nonce.
    func nonce(of transaction: Transaction) -> LedgerNonce? {
        guard let number = transaction.nonce else { return nil }
        // An entry that records a permit contains only amounts of the permit's token. So the first amount shows which
        // token counts the nonce.
        let isPermit = transaction.role == Payment.Role.permit.rawValue
        return LedgerNonce(token: isPermit ? spends.first?.currency : nil, number: number)
    }

    func uses(_ nonce: LedgerNonce) -> Bool { transactions.contains { self.nonce(of: $0) == nonce } }
}
