public import AirlockEthereumTypes
import AirlockKeccak

/// A short code over all signing hashes of a payment. Both machines show it, and the user compares them.
public enum ComparisonCode {
    /// Digits and letters without those that are easily confused (Crockford's base 32).
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".unicodeScalars)

    /// 60 bits of the hash over all signing hashes in order, as three groups of four.
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

/// A code over many payments: `airlock` shows it for those that it signed, and `airlock-relay send` for those that it
/// will send.
public struct BatchComparisonCode: Sendable {
    private var hasher = Keccak256()
    /// The value of Swift's own hasher for the first hash of each payment. Its key is random in each process, so that
    /// nobody can construct two payments that count as one. If two collide by chance, the code differs from that of the
    /// other tool.
    private var known: Set<Int> = []

    public init() {}

    /// The number of payments. A payment that is added twice counts once.
    public var count: Int { known.count }

    /// Adds the next payment. The code depends on the order, which must be that of the output.
    ///
    /// - Parameter signingHashes: the signing hashes of its transactions, in order.
    public mutating func add(_ signingHashes: [Hash]) {
        guard let head = signingHashes.first, known.insert(head.hashValue).inserted else { return }
        for hash in signingHashes { hasher.update(hash.inline.span) }
    }

    /// The code over all payments so far.
    public var code: String { ComparisonCode.code(hasher) }
}
