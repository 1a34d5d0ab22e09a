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
        let digest = Hash(hasher.finish())
        var bits: UInt64 = 0
        for index in 0..<8 { bits = bits << 8 | UInt64(digest[index]) }
        let letters = (0..<12).map { Character(alphabet[Int(bits >> UInt64(59 - $0 * 5) & 31)]) }
        return [letters[0..<4], letters[4..<8], letters[8..<12]].map { String($0) }.joined(separator: "-")
    }
}
