/// Hexadecimal text and bytes.
public enum Hex {
    /// Reads an even number of hexadecimal digits, in either case, after `0x`.
    public static func decode(_ text: some StringProtocol) throws(ValueError) -> [UInt8] {
        guard text.hasPrefix("0x") else {
            throw ValueError(.notHex, saw: text, expected: "0x and an even number of hexadecimal digits")
        }
        return try decode(digits: text.dropFirst(2))
    }

    /// Reads an even number of hexadecimal digits, in either case, with nothing before them.
    public static func decode(digits: some StringProtocol) throws(ValueError) -> [UInt8] {
        var bytes: [UInt8] = []
        let utf8 = digits.utf8
        bytes.reserveCapacity(utf8.count / 2)
        var high: UInt8?
        for character in utf8 {
            guard let nibble = nibble(character) else { throw notHex(digits) }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        guard high == nil else { throw notHex(digits) }
        return bytes
    }

    /// Lower-case digits, with `0x` before them unless told otherwise.
    public static func encode(_ bytes: Span<UInt8>, prefix: Bool = true) -> String {
        let start = prefix ? 2 : 0
        return unsafe String(unsafeUninitializedCapacity: start + bytes.count * 2) { text in
            if prefix {
                unsafe text.initializeElement(at: 0, to: UInt8(ascii: "0"))
                unsafe text.initializeElement(at: 1, to: UInt8(ascii: "x"))
            }
            for index in 0..<bytes.count {
                let byte = bytes[index]
                unsafe text.initializeElement(at: start + index * 2, to: digit(byte >> 4))
                unsafe text.initializeElement(at: start + index * 2 + 1, to: digit(byte & 15))
            }
            return start + bytes.count * 2
        }
    }

    /// Lower-case digits, with `0x` before them unless told otherwise.
    public static func encode(_ bytes: [UInt8], prefix: Bool = true) -> String { encode(bytes.span, prefix: prefix) }

    /// The value of one digit, in either case.
    static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &- 10 &+ nibble
    }

    private static func notHex(_ digits: some StringProtocol) -> ValueError {
        ValueError(.notHex, saw: digits, expected: "an even number of hexadecimal digits")
    }
}
