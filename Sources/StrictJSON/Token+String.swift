extension Token {
    /// Reads a string from its opening quote to after its closing one (RFC 8259, section 7).
    /// - Returns: whether it has escapes.
    static func string(_ bytes: Span<UInt8>, _ at: inout Int, in place: Place) throws(Failure) -> Bool {
        var escaped = false
        at += 1
        while true {
            skipPlain(bytes, &at)
            guard at < bytes.count else { throw Failure(.unfinished, at: at, in: place) }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                return escaped
            case UInt8(ascii: "\\"):
                escaped = true
                try escape(bytes, &at, in: place)
            case 0..<0x20: throw Failure(.controlCharacter, at: at, in: place)
            case 0x80...: try scalar(bytes, &at, in: place)
            default: at += 1
            }
        }
    }

    private static func escape(_ bytes: Span<UInt8>, _ at: inout Int, in place: Place) throws(Failure) {
        let start = at
        at += 1
        switch byte(bytes, at) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        case UInt8(ascii: "u"):
            at -= 1
            let unit = try codeUnit(bytes, &at, in: place)
            guard unit & 0xf800 == 0xd800 else { return }
            // RFC 8259, section 8.2: behaviour for a lone surrogate is unpredictable, so there is none here.
            guard unit < 0xdc00, byte(bytes, at) == UInt8(ascii: "\\"), byte(bytes, at + 1) == UInt8(ascii: "u"),
                try codeUnit(bytes, &at, in: place) & 0xfc00 == 0xdc00
            else { throw Failure(.loneSurrogate, at: start, in: place) }
        default:
            throw at < bytes.count
                ? Failure(.badEscape, at: start, in: place) : Failure(.unfinished, at: at, in: place)
        }
    }

    /// Reads `\u` and its four digits.
    private static func codeUnit(_ bytes: Span<UInt8>, _ at: inout Int, in place: Place) throws(Failure) -> UInt16 {
        let start = at
        var unit: UInt16 = 0
        at += 2
        for _ in 0..<4 {
            guard at < bytes.count else { throw Failure(.unfinished, at: at, in: place) }
            guard let digit = hexadecimalDigit(bytes[at]) else { throw Failure(.badEscape, at: start, in: place) }
            unit = unit << 4 | UInt16(digit)
            at += 1
        }
        return unit
    }

    /// Reads one scalar of two to four bytes (RFC 3629, section 4: no overlong forms, no surrogates, none above 10FFFF).
    private static func scalar(_ bytes: Span<UInt8>, _ at: inout Int, in place: Place) throws(Failure) {
        let second: ClosedRange<UInt8>
        let length: Int
        switch bytes[at] {
        case 0xc2...0xdf: (second, length) = (0x80...0xbf, 2)
        case 0xe0: (second, length) = (0xa0...0xbf, 3)
        case 0xed: (second, length) = (0x80...0x9f, 3)
        case 0xe1...0xef: (second, length) = (0x80...0xbf, 3)
        case 0xf0: (second, length) = (0x90...0xbf, 4)
        case 0xf1...0xf3: (second, length) = (0x80...0xbf, 4)
        case 0xf4: (second, length) = (0x80...0x8f, 4)
        default: throw Failure(.badUTF8, at: at, in: place)
        }
        guard second.contains(byte(bytes, at + 1)),
            length < 3 || byte(bytes, at + 2) & 0xc0 == 0x80,
            length < 4 || byte(bytes, at + 3) & 0xc0 == 0x80
        else { throw Failure(.badUTF8, at: at, in: place) }
        at += length
    }
}
