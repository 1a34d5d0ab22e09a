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

extension MnemonicWords {
    /// Does a text hold a whole mnemonic, whatever stands before, after and between its words other than letters?
    public static func areHidden(in text: String) -> Bool {
        var run: [[UInt8]] = []
        for word in text.utf8.split(whereSeparator: { !isLetter($0) }) {
            let word = word.map { $0 | 0x20 }
            if WordList.index(of: word.span) == nil { run = [] } else { run.append(word) }
            if run.count > 24 { run.removeFirst() }
            for count in Mnemonic.wordCounts where count <= run.count {
                let phrase = Array(run.suffix(count).joined(separator: [UInt8(ascii: " ")]))
                if (try? isMnemonic(phrase)) == true { return true }
            }
        }
        return false
    }

    private static func isMnemonic(_ phrase: [UInt8]) throws -> Bool {
        _ = try Mnemonic(phrase.span)
        return true
    }

    /// What is no ASCII is a letter of another word.
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
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
