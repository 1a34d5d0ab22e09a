public import AirlockEthereumTypes
import AirlockKeccak

/// A short code that is computed from all signing hashes of a payment. The offline machine and the online machine both
/// compute the code and show it, and the user compares the two codes.
public enum ComparisonCode {
    /// The digits and letters of a code, without letters that are easily confused with others (Crockford's base 32).
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".unicodeScalars)

    /// Returns the code for the given signing hashes. The hashes are concatenated in order and hashed with Keccak-256.
    /// The code is the first 60 bits of the result, written as three groups of four characters.
    public static func code(over signingHashes: [Hash]) -> String {
        var hasher = Keccak256()
        for hash in signingHashes { hasher.update(hash.inline.span) }
        return code(hasher)
    }

    fileprivate static func code(_ hasher: Keccak256) -> String {
        let digest = Hash(hasher.finish())
        var bits: UInt64 = 0
        for index in 0..<8 { bits = bits << 8 | UInt64(digest[index]) }
        let letters = (0..<12).map { Character(alphabet[Int(bits >> UInt64(59 - $0 * 5) & 31)]) }
        return [letters[0..<4], letters[4..<8], letters[8..<12]].map { String($0) }.joined(separator: "-")
    }
}

/// One comparison code for many payments. `airlock` shows the code of the payments that it signed. `airlock-relay send`
/// shows the code of the payments that it is going to send.
public struct BatchComparisonCode: Sendable {
    private var hasher = Keccak256()
    /// The payments that were added. Each payment is identified by Swift's `hashValue` of its first signing hash.
    /// Swift's hash function uses a different random seed in each process, so nobody can construct two payments with
    /// the same `hashValue`. If two payments have the same `hashValue` by chance, the second one is left out of the
    /// code. The tool on the other machine uses another seed, so it includes this payment, and the two codes differ.
    private var known = HashValues()

    public init() {}

    /// The number of payments. A payment that is added twice counts once.
    public var count: Int { known.count }

    /// Adds the next payment. The code depends on the order of the payments. Therefore add them in the order in which
    /// `airlock` wrote them or `airlock-relay` sends them.
    ///
    /// - Parameter signingHashes: the signing hashes of the payment's transactions, in order.
    public mutating func add(_ signingHashes: [Hash]) {
        guard let head = signingHashes.first, known.insert(head.hashValue) else { return }
        for hash in signingHashes { hasher.update(hash.inline.span) }
    }

    /// The comparison code of all payments that were added so far.
    public var code: String { ComparisonCode.code(hasher) }
}

/// A set of hash values that takes about half of the memory of a `Set`, because a batch can have a million payments.
/// The latest values are in a `Set`, and the older values are in sorted arrays.
private struct HashValues: Sendable {
    private static let arrayCount = 1 << 16

    private var latest: Set<Int> = []
    private var sorted: [[Int]] = []

    var count: Int { sorted.count * Self.arrayCount + latest.count }

    /// Inserts a value. Returns `false` if the set already contains the value.
    mutating func insert(_ value: Int) -> Bool {
        guard !sorted.contains(where: { Self.contains($0, value) }), latest.insert(value).inserted else { return false }
        if latest.count == Self.arrayCount {
            sorted.append(latest.sorted())
            latest.removeAll(keepingCapacity: true)
        }
        return true
    }

    /// Searches a sorted array. The search halves the range until one element remains.
    private static func contains(_ values: [Int], _ value: Int) -> Bool {
        var (low, high) = (0, values.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if values[middle] <= value { low = middle } else { high = middle }
        }
        return values[low] == value
    }
}
