internal import AirlockCHex

/// The digits of bytes: sixteen and more bytes by a kernel, and fewer one by one.
enum HexDigits {
    /// The fastest for this CPU. What it points to is constant.
    private nonisolated(unsafe) static let kernel =
        unsafe (0..<airlock_hex_kernel_count())
        .map { unsafe airlock_hex_kernel_at($0) }.first { unsafe $0?.pointee.is_supported() != 0 } ?? nil

    /// How many bytes a kernel takes at a time.
    private static let group = AIRLOCK_HEX_GROUP

    /// Writes two lower-case digits for each byte. There must be room for them.
    static func write(_ bytes: Span<UInt8>, to text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= bytes.count * 2)
        guard bytes.count >= group, let kernel = unsafe kernel, let text = text.baseAddress else {
            for index in 0..<bytes.count {
                unsafe text[index * 2] = digit(bytes[index] >> 4)
                unsafe text[index * 2 + 1] = digit(bytes[index] & 15)
            }
            return
        }
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe kernel.pointee.encode(start, bytes.count / group, text)
            // The last group whole, whatever part of it is done.
            let last = bytes.count - group
            unsafe kernel.pointee.encode(start + last, 1, text + 2 * last)
        }
    }

    /// Reads digits in either case, two for each byte; whether all of them were digits. There must be an even number
    /// of them, and room for the bytes.
    static func read(_ text: Span<UInt8>, to bytes: UnsafeMutableRawBufferPointer) -> Bool {
        let count = text.count / 2
        precondition(text.count % 2 == 0 && bytes.count >= count)
        guard count >= group, let kernel = unsafe kernel, let bytes = bytes.baseAddress else {
            for index in 0..<count {
                guard let high = nibble(text[index * 2]), let low = nibble(text[index * 2 + 1]) else { return false }
                unsafe bytes[index] = high << 4 | low
            }
            return true
        }
        return unsafe text.withUnsafeBytes { text in
            guard let start = text.baseAddress else { return false }
            let last = count - group
            return unsafe kernel.pointee.decode(start, count / group, bytes) != 0
                && kernel.pointee.decode(start + 2 * last, 1, bytes + last) != 0
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

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &- 10 &+ nibble
    }
}
