/// The English words of BIP-39 by their number.
enum WordList {
    static let words = "\(englishWords)".split(separator: " ").map { Array($0.utf8) }

    /// The number of a word, found by halving; nothing when it is none.
    static func index(of word: Span<UInt8>) -> Int? {
        var range = words[...]
        while !range.isEmpty {
            let middle = range.startIndex + range.count / 2
            let candidate = words[middle]
            switch order(word, candidate.span) {
            case 0: return middle
            case ..<0: range = range[..<middle]
            default: range = range[(middle + 1)...]
            }
        }
        return nil
    }

    /// Below zero when `left` comes first, zero when both are the same.
    private static func order(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return Int(left[index]) - Int(right[index])
        }
        return left.count - right.count
    }
}
