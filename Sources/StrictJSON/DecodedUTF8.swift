/// The UTF-8 of a string that the scanner has accepted, with its escapes resolved, one byte at a time.
struct DecodedUTF8: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var at: Int
    private let end: Int
    private var pending: IndexingIterator<Unicode.Scalar.UTF8View>?

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.at = range.lowerBound
        self.end = range.upperBound
    }

    mutating func next() -> UInt8? {
        if let byte = pending?.next() { return byte }
        guard at < end else { return nil }
        let byte = bytes[at]
        at += 1
        guard byte == UInt8(ascii: "\\") else { return byte }
        let letter = bytes[at]
        at += 1
        switch letter {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0c
        case UInt8(ascii: "n"): return 0x0a
        case UInt8(ascii: "r"): return 0x0d
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"):
            pending = escapedScalar().utf8.makeIterator()
            return pending?.next()
        default: return letter
        }
    }

    /// The scalar whose first four hexadecimal digits start here (RFC 8259, section 7).
    private mutating func escapedScalar() -> Unicode.Scalar {
        var value = codeUnit()
        if value & 0xfc00 == 0xd800 {
            at += 2
            value = 0x10000 + (value & 0x3ff) << 10 + (codeUnit() & 0x3ff)
        }
        // The scanner lets no lone surrogate through.
        return Unicode.Scalar(value) ?? "\u{fffd}"
    }

    private mutating func codeUnit() -> UInt32 {
        defer { at += 4 }
        return bytes[at..<at + 4].reduce(0) { $0 << 4 | UInt32(hexadecimalDigit($1) ?? 0) }
    }
}

/// The value of a hexadecimal digit of either case.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
