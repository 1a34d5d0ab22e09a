/// The English words of BIP-39 by their number.
enum WordList {
    static let words = "\(englishWords)".split(separator: " ").map { Array($0.utf8) }

    /// The number of a word, found by halving; `nil` when it is none.
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

/// Whether a text could be a mnemonic, so that it is never shown.
public enum MnemonicWords {
    /// Is it four words or more, all of them BIP-39's? A part of a mnemonic is a secret too.
    public static func make(up text: String) -> Bool {
        let words = text.split { $0.isWhitespace }
        return words.count > 3
            && words.allSatisfy { WordList.index(of: Array($0.lowercased().utf8).span) != nil }
    }
}
