internal import AirlockCHex

/// Converts bytes to and from hexadecimal text.
public enum Hex {
    /// Reads `0x` and an even number of hexadecimal digits, in upper or lower case.
    public static func decode(_ text: String) throws(ValueError) -> [UInt8] {
        let utf8 = text.utf8Span.span
        guard hasPrefix(utf8), let bytes = bytes(utf8.extracting(droppingFirst: 2)) else {
            throw ValueError(.notHex, saw: text, expected: "0x and an even number of hexadecimal digits")
        }
        return bytes
    }

    /// Reads `0x` and an even number of hexadecimal digits, in upper or lower case.
    @inlinable
    public static func decode(_ text: some StringProtocol) throws(ValueError) -> [UInt8] { try decode(String(text)) }

    /// Reads an even number of hexadecimal digits without `0x`, in upper or lower case.
    public static func decode(digits: String) throws(ValueError) -> [UInt8] {
        guard let bytes = bytes(digits.utf8Span.span) else {
            throw ValueError(.notHex, saw: digits, expected: "an even number of hexadecimal digits")
        }
        return bytes
    }

    /// Reads an even number of hexadecimal digits without `0x`, in upper or lower case.
    @inlinable
    public static func decode(digits: some StringProtocol) throws(ValueError) -> [UInt8] {
        try decode(digits: String(digits))
    }

    /// Writes bytes as lower-case hexadecimal digits. The text begins with `0x` unless `prefix` is false.
    public static func encode(_ bytes: Span<UInt8>, prefix: Bool = true) -> String {
        let start = prefix ? 2 : 0
        return unsafe String(unsafeUninitializedCapacity: start + bytes.count * 2) { text in
            if prefix {
                unsafe text[0] = UInt8(ascii: "0")
                unsafe text[1] = UInt8(ascii: "x")
            }
            let digits = unsafe UnsafeMutableBufferPointer(rebasing: text[start...])
            unsafe HexDigits.write(bytes, to: UnsafeMutableRawBufferPointer(digits))
            return start + bytes.count * 2
        }
    }

    /// Writes bytes as lower-case hexadecimal digits. The text begins with `0x` unless `prefix` is false.
    public static func encode(_ bytes: [UInt8], prefix: Bool = true) -> String { encode(bytes.span, prefix: prefix) }

    /// Whether the text begins with `0x`.
    static func hasPrefix(_ text: Span<UInt8>) -> Bool {
        text.count >= 2 && text[0] == UInt8(ascii: "0") && text[1] == UInt8(ascii: "x")
    }

    /// Reads hexadecimal digits in upper or lower case. Returns `nil` if the number of digits is odd, or if there is
    /// any other character.
    static func bytes(_ digits: Span<UInt8>) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var isHex = true
        // Append to an empty array. Measurements show that this is faster than the initializers that take a capacity.
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: digits.count / 2) { output in
            unsafe output.withUnsafeMutableBufferPointer { memory, count in
                isHex = unsafe HexDigits.read(digits, to: UnsafeMutableRawBufferPointer(memory))
                count = digits.count / 2
            }
        }
        return isHex ? bytes : nil
    }
}

/// Reads and writes hexadecimal digits, with the fastest implementation that this CPU can run.
enum HexDigits {
    /// Writes two lower-case digits for each byte. `text` must have room for all digits.
    static func write(_ bytes: Span<UInt8>, to text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= bytes.count * 2)
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe airlock_hex_encode(start, bytes.count, text.baseAddress)
        }
    }

    /// Reads two digits, in upper or lower case, for each byte. Returns false if a character is not a digit. The number
    /// of characters must be even, and `bytes` must have room for the result.
    static func read(_ text: Span<UInt8>, to bytes: UnsafeMutableRawBufferPointer) -> Bool {
        let count = text.count / 2
        precondition(text.count % 2 == 0 && bytes.count >= count)
        return unsafe text.withUnsafeBytes { text in
            guard let start = text.baseAddress else { return true }
            return unsafe airlock_hex_decode(start, count, bytes.baseAddress) != 0
        }
    }

    /// The value of one hexadecimal digit, in upper or lower case. `nil` for any other character.
    static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
