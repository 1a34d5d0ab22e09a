public import AirlockEthereumTypes
import AirlockKeccak

/// A short code over all signing hashes of a payment, which both machines show: a person compares it by eye or voice.
public enum ComparisonCode {
    /// Letters and digits that are not mistaken for one another when read aloud or written down.
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

/// A code over many payments: `airlock` shows it of what it signed, and `airlock-relay send` of what it will send.
public struct BatchComparisonCode: Sendable {
    private var hasher = Keccak256()
    /// What Swift's own hasher makes of the first hash of each: it has another key in each process, so that nobody can make
    /// two payments that are taken for one. Where two are by chance, the code differs from that of the other tool.
    private var known: Set<Int> = []

    public init() {}

    /// How many payments there are; one that comes twice counts once.
    public var count: Int { known.count }

    /// Adds the next payment. The code depends on the order, which is that of the output.
    ///
    /// - Parameter signingHashes: of its transactions, in their order.
    public mutating func add(_ signingHashes: [Hash]) {
        guard let head = signingHashes.first, known.insert(head.hashValue).inserted else { return }
        for hash in signingHashes { hasher.update(hash.inline.span) }
    }

    /// The code over all payments so far.
    public var code: String { ComparisonCode.code(hasher) }
}
