/// Writes JSON in its canonical form: no white space, members in the given order, and only the escapes that RFC 8259
/// requires. A writer with the option `printable` escapes everything except printable ASCII.
public struct JSONWriter: Sendable {
    /// The bytes written so far.
    public private(set) var bytes: [UInt8] = []
    /// Whether a comma must be written before the next value or member name.
    private var needsComma = false

    /// Whether everything except printable ASCII is escaped.
    private let isPrintable: Bool

    /// Makes an empty writer.
    ///
    /// - Parameters:
    ///   - count: the expected number of bytes. More bytes may be written.
    ///   - isPrintable: whether to escape everything except printable ASCII. Without these escapes, a string can
    ///     contain characters that control a terminal.
    public init(reserving count: Int = 0, printable isPrintable: Bool = false) {
        self.isPrintable = isPrintable
        bytes.reserveCapacity(count)
    }

    /// Writes an object. `body` writes each member: first the name with `key`, then the value.
    public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try container(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// Writes an array. `body` writes the elements of the array.
    public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try container(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    /// Writes the name of a member. The caller must write the member's value next. The caller must not write two
    /// members with the same name in one object.
    public mutating func key(_ key: String) {
        string(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member whose value is a string.
    public mutating func member(_ key: String, _ value: String) {
        self.key(key)
        string(value)
    }

    /// Writes a member whose value is a string that needs no escapes, such as a string of digits. `write` appends this
    /// string directly to the output.
    ///
    /// - Parameters:
    ///   - key: the name of the member. It must need no escapes.
    ///   - count: the maximum number of characters.
    ///   - write: appends the string. It must be printable ASCII without quotes and backslashes.
    public mutating func member(plain key: StaticString, _ count: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        var length = 0
        // The 6 additional bytes are three characters for the name (two quotes and a colon), two quotes for the value,
        // and a comma before the member.
        bytes.append(addingCapacity: key.utf8CodeUnitCount + count + 6) { [needsComma] output in
            if needsComma { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "\""))
            for position in 0..<key.utf8CodeUnitCount { unsafe output.append(key.utf8Start[position]) }
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
            output.append(UInt8(ascii: "\""))
            let start = output.count
            write(&output)
            length = output.count - start
            output.append(UInt8(ascii: "\""))
        }
        assert(bytes.dropLast().suffix(length).allSatisfy { 0x20...0x7e ~= $0 && !Self.mustEscape($0) })
        needsComma = true
    }

    /// Writes the name of a member. The name must not contain characters that JSON escapes. The caller writes the
    /// member's value next.
    public mutating func plainKey(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member whose value is an array of objects. `body` writes the members of each object.
    public mutating func array<Element>(
        _ key: String, _ elements: [Element], _ body: (Element, inout JSONWriter) throws -> Void
    ) rethrows {
        self.key(key)
        try array { writer in
            for element in elements { try writer.object { writer in try body(element, &writer) } }
        }
    }

    /// Writes a line feed. After it, the caller can write another JSON value on the next line.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    public mutating func string(_ string: String) {
        separate()
        quote(string)
    }

    /// Writes a number, which is given as text. If the text is not a JSON number, it is written as a JSON string, so
    /// the output is always valid JSON.
    public mutating func number(_ text: String) {
        separate()
        if Token.isNumber(text) { bytes += text.utf8 } else { quote(text) }
    }

    public mutating func number(_ integer: some BinaryInteger) {
        separate()
        bytes += String(integer).utf8
    }

    public mutating func boolean(_ boolean: Bool) {
        separate()
        bytes += (boolean ? "true" : "false").utf8
    }

    public mutating func null() {
        separate()
        bytes += "null".utf8
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func container(
        _ opening: UInt8, _ closing: UInt8, _ body: (inout JSONWriter) throws -> Void
    ) rethrows {
        separate()
        bytes.append(opening)
        needsComma = false
        try body(&self)
        bytes.append(closing)
        needsComma = true
    }

    /// Writes a string in quotes. RFC 8259, section 7: quotes, backslashes and characters below U+0020 must be escaped.
    private mutating func quote(_ string: String) {
        var string = string
        guard !isPrintable || Self.isPrintable(&string) else { return quotePrintable(string) }
        bytes.append(UInt8(ascii: "\""))
        string.withUTF8 { text in
            var at = 0
            while at < text.count {
                let start = at
                skipPlain(unsafe text.span, &at)
                while unsafe at < text.count && !Self.mustEscape(text[at]) { at += 1 }
                unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<at]))
                guard at < text.count else { break }
                unsafe escape(text[at])
                at += 1
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether all bytes of the text are ASCII, and none is DEL (0x7f). The code tests eight bytes at once. It adds 1
    /// to each byte, because then the top bit is set for DEL too.
    private static func isPrintable(_ string: inout String) -> Bool {
        string.withUTF8 { text in
            let bytes = unsafe text.span
            let ones: UInt64 = 0x0101_0101_0101_0101
            var seen: UInt64 = 0
            var at = 0
            while at + 8 <= bytes.count {
                let word = load(bytes, at)
                seen |= word | (word &+ ones)
                at += 8
            }
            while at < bytes.count {
                seen |= UInt64(bytes[at]) | (UInt64(bytes[at]) + 1)
                at += 1
            }
            return seen & (ones &* 0x80) == 0
        }
    }

    /// Writes a string in quotes, and escapes DEL and everything beyond ASCII. This includes C1 control characters,
    /// bidirectional marks and characters that look like ASCII letters.
    private mutating func quotePrintable(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in string.unicodeScalars {
            if scalar.value >= 0x7f {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    bytes += "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8
                }
            } else if Self.mustEscape(UInt8(scalar.value)) {
                escape(UInt8(scalar.value))
            } else {
                bytes.append(UInt8(scalar.value))
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): bytes += "\\\"".utf8
        case 0x08: bytes += "\\b".utf8
        case 0x09: bytes += "\\t".utf8
        case 0x0a: bytes += "\\n".utf8
        case 0x0c: bytes += "\\f".utf8
        case 0x0d: bytes += "\\r".utf8
        case ..<0x10: bytes += "\\u000\(String(byte, radix: 16))".utf8
        case ..<0x20: bytes += "\\u00\(String(byte, radix: 16))".utf8
        default: bytes += [UInt8(ascii: "\\"), byte]
        }
    }
}
