/// Functions that read one token of a JSON text. Each function gets the position of the token's first byte, and moves
/// the position past the token. It throws if the token is malformed.
enum Token {}

/// The byte at a position, or 0 after the end of the text. No token of JSON begins with the byte 0.
@inline(__always)
func byte(_ bytes: Span<UInt8>, _ at: Int) -> UInt8 {
    at < bytes.count ? bytes[at] : 0
}

/// Returns the error for an unexpected byte, with the given rule. If there is no byte because the text ends here, the
/// error has the rule `unfinished` instead.
func unexpected(_ rule: JSONRule, _ bytes: Span<UInt8>, _ at: Int, in place: Place) -> Failure {
    Failure(at < bytes.count ? rule : .unfinished, at: at, in: place)
}

/// Skips white space. RFC 8259, section 2: white space is only space, tab, line feed and carriage return.
@inline(__always)
func skipSpace(_ bytes: Span<UInt8>, _ at: inout Int) {
    while at < bytes.count {
        switch bytes[at] {
        case 0x20, 0x09, 0x0a, 0x0d: at += 1
        default: return
        }
    }
}

/// Reads eight bytes as an integer, in little-endian order.
@inline(__always)
func load(_ bytes: Span<UInt8>, _ at: Int) -> UInt64 {
    // This call of `unsafeLoadUnaligned` is safe. It checks the bounds, and any eight bytes are a valid `UInt64`.
    unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
}

/// Skips ASCII characters that need no escape in a string. It reads eight bytes at a time, so up to seven such
/// characters can remain at the end of the text.
@inline(__always)
func skipPlain(_ bytes: Span<UInt8>, _ at: inout Int) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    while at + 8 <= bytes.count {
        let word = load(bytes, at)
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5c)
        // For every byte of `x` that is below n, `(x &- n) & ~x` sets the top bit of this byte. A borrow can also set
        // the top bits of higher bytes by mistake. This is harmless, because only the lowest byte with a set top bit is
        // used.
        let special =
            (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word
        let found = special & (ones &* 0x80)
        guard found == 0 else {
            at += found.trailingZeroBitCount >> 3
            return
        }
        at += 8
    }
}

extension Token {
    /// Reads a number (RFC 8259, section 6). The value is not computed, because the document stores the number as text.
    static func number(_ bytes: Span<UInt8>, _ at: inout Int) throws(Failure) {
        let start = at
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        let first = byte(bytes, at)
        if first == UInt8(ascii: "I") || first == UInt8(ascii: "N") { throw Failure(.notFinite, at: start, in: .value) }
        let count = try digits(bytes, &at)
        if first == UInt8(ascii: "0"), count > 1 { throw Failure(.leadingZero, at: at - count, in: .value) }
        if byte(bytes, at) == UInt8(ascii: ".") {
            at += 1
            _ = try digits(bytes, &at)
        }
        if byte(bytes, at) | 0x20 == UInt8(ascii: "e") {
            at += 1
            if byte(bytes, at) == UInt8(ascii: "+") || byte(bytes, at) == UInt8(ascii: "-") { at += 1 }
            _ = try digits(bytes, &at)
        }
    }

    /// Whether the whole text is one JSON number.
    static func isNumber(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var at = 0
        guard !bytes.isEmpty, (try? number(bytes.span, &at)) != nil else { return false }
        return at == bytes.count
    }

    /// Reads one or more digits. Returns the number of digits.
    private static func digits(_ bytes: Span<UInt8>, _ at: inout Int) throws(Failure) -> Int {
        let start = at
        while case UInt8(ascii: "0")...UInt8(ascii: "9") = byte(bytes, at) { at += 1 }
        guard at > start else { throw Failure(.missingDigit, at: at, in: .value) }
        return at - start
    }

    /// Reads `null`, `true` or `false` (RFC 8259, section 3). For any other text, the error names the rule that the
    /// text breaks.
    static func literal(_ bytes: Span<UInt8>, _ at: inout Int) throws(Failure) -> Node.Kind {
        if skip("null", bytes, &at) { return .null }
        if skip("true", bytes, &at) { return .true }
        if skip("false", bytes, &at) { return .false }
        let rule: JSONRule =
            switch byte(bytes, at) {
            case UInt8(ascii: "+"): .plusSign
            case UInt8(ascii: "."): .missingDigit
            case UInt8(ascii: "I"), UInt8(ascii: "N"): .notFinite
            default: .missingValue
            }
        throw unexpected(rule, bytes, at, in: .value)
    }

    private static func skip(_ word: StaticString, _ bytes: Span<UInt8>, _ at: inout Int) -> Bool {
        guard at + word.utf8CodeUnitCount <= bytes.count else { return false }
        for position in 0..<word.utf8CodeUnitCount
        where unsafe bytes[at + position] != word.utf8Start[position] {
            return false
        }
        at += word.utf8CodeUnitCount
        return true
    }
}

extension Token {
    /// Reads a string with its quotes (RFC 8259, section 7).
    /// - Returns: whether the string has escapes.
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
            // RFC 8259, section 8.2: the behavior of software with a lone surrogate is unpredictable. So this reader
            // refuses it.
            guard unit < 0xdc00, byte(bytes, at) == UInt8(ascii: "\\"), byte(bytes, at + 1) == UInt8(ascii: "u"),
                try codeUnit(bytes, &at, in: place) & 0xfc00 == 0xdc00
            else { throw Failure(.loneSurrogate, at: start, in: place) }
        default:
            throw at < bytes.count
                ? Failure(.badEscape, at: start, in: place) : Failure(.unfinished, at: at, in: place)
        }
    }

    /// Reads an escape `\u` with its four hexadecimal digits.
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

    /// Reads one Unicode scalar of two to four bytes. RFC 3629, section 4, allows no overlong forms, no surrogates and
    /// no scalars above 10FFFF.
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
