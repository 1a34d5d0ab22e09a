extension Token {
    /// Reads a number (RFC 8259, section 6). Its value is nobody's business here: the text is kept.
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

    /// Whether a text is one JSON number and nothing else.
    static func isNumber(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var at = 0
        guard !bytes.isEmpty, (try? number(bytes.span, &at)) != nil else { return false }
        return at == bytes.count
    }

    /// Reads at least one digit.
    private static func digits(_ bytes: Span<UInt8>, _ at: inout Int) throws(Failure) -> Int {
        let start = at
        while case UInt8(ascii: "0")...UInt8(ascii: "9") = byte(bytes, at) { at += 1 }
        guard at > start else { throw Failure(.missingDigit, at: at, in: .value) }
        return at - start
    }

    /// Reads `null`, `true` or `false` (RFC 8259, section 3); says what is wrong with anything else.
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
