internal import AirlockCHex

/// The digits of bytes, by the fastest kernel for this CPU.
enum HexDigits {
    /// Writes two lower-case digits for each byte. There must be room for them.
    static func write(_ bytes: Span<UInt8>, to text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= bytes.count * 2)
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe airlock_hex_encode(start, bytes.count, text.baseAddress)
        }
    }

    /// Reads digits in either case, two for each byte; whether all of them were digits. There must be an even number
    /// of them, and room for the bytes.
    static func read(_ text: Span<UInt8>, to bytes: UnsafeMutableRawBufferPointer) -> Bool {
        let count = text.count / 2
        precondition(text.count % 2 == 0 && bytes.count >= count)
        return unsafe text.withUnsafeBytes { text in
            guard let start = text.baseAddress else { return true }
            return unsafe airlock_hex_decode(start, count, bytes.baseAddress) != 0
        }
    }

    /// The value of one digit, in either case.
    static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
