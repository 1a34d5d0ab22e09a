/// Secret text as files and keyboards give it.
extension Span<UInt8> {
    /// Where the text begins: some editors put a byte order mark before it.
    var textStart: Int { count >= 3 && self[0] == 0xEF && self[1] == 0xBB && self[2] == 0xBF ? 3 : 0 }

    /// The text without the end of its line, LF or CRLF.
    var line: Range<Int> {
        var end = count
        if end > textStart, self[end - 1] == 0x0A { end -= 1 }
        if end > textStart, end < count, self[end - 1] == 0x0D { end -= 1 }
        return textStart..<end
    }

    /// The text without any white space after it.
    var text: Range<Int> {
        var end = count
        while end > textStart, [0x20, 0x0A, 0x0D].contains(self[end - 1]) { end -= 1 }
        return textStart..<end
    }

    /// Printable ASCII, which has one form of normalization only.
    var isASCII: Bool { indices.allSatisfy { 0x20...0x7E ~= self[$0] } }

    /// Whether both hold the same bytes, in a time that depends on their count alone.
    func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return indices.reduce(0) { $0 | (self[$1] ^ other[$1]) } == 0
    }
}
