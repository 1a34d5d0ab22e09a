/// The digits of bytes, many at a time and the rest one by one.
enum HexDigits {
    /// Writes two lower-case digits for each byte. There must be room for them.
    static func write(_ bytes: Span<UInt8>, to text: UnsafeMutableRawBufferPointer) {
        let source = unsafe bytes.bytes
        var index = 0
        while index + 16 <= bytes.count {
            let group = unsafe source.unsafeLoadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            var pairs = SIMD32<UInt8>()
            pairs.evenHalf = digits(group &>> 4)
            pairs.oddHalf = digits(group & 15)
            unsafe text.storeBytes(of: pairs, toByteOffset: index * 2, as: SIMD32<UInt8>.self)
            index += 16
        }
        while index < bytes.count {
            unsafe text[index * 2] = digit(bytes[index] >> 4)
            unsafe text[index * 2 + 1] = digit(bytes[index] & 15)
            index += 1
        }
    }

    /// Reads digits in either case, two for each byte; whether all of them were digits. There must be an even number
    /// of them, and room for the bytes.
    static func read(_ text: Span<UInt8>, to bytes: UnsafeMutableRawBufferPointer) -> Bool {
        let source = unsafe text.bytes
        var index = 0
        var allDigits = eightTimes(0x80)
        while index + 8 <= text.count {
            let group = unsafe source.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let (four, areDigits) = fourBytes(UInt64(littleEndian: group))
            allDigits &= areDigits
            unsafe bytes.storeBytes(of: four.littleEndian, toByteOffset: index / 2, as: UInt32.self)
            index += 8
        }
        guard allDigits == eightTimes(0x80) else { return false }
        while index < text.count {
            guard let high = nibble(text[index]), let low = nibble(text[index + 1]) else { return false }
            unsafe bytes[index / 2] = high << 4 | low
            index += 2
        }
        return true
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

    /// The same without a comparison, which the compiler takes apart: adding 6 carries into bit 4 from ten on.
    @inline(__always)
    private static func digits(_ nibbles: SIMD16<UInt8>) -> SIMD16<UInt8> {
        let isLetter = 0 &- ((nibbles &+ 6) &>> 4)
        return nibbles &+ UInt8(ascii: "0") &+ (isLetter & (UInt8(ascii: "a") - UInt8(ascii: "0") - 10))
    }

    /// The bytes of eight digits, the first in the lowest byte of the word; and 0x80 for each that is a digit.
    private static func fourBytes(_ characters: UInt64) -> (bytes: UInt32, areDigits: UInt64) {
        // Bit 7 of a sum says whether a character is at or above a bound, as long as the character is below 0x80.
        let ascii = characters & eightTimes(0x7f)
        let lower = ascii | eightTimes(0x20)
        let isDecimal = (ascii &+ eightTimes(0x80 - 0x30)) & ~(ascii &+ eightTimes(0x80 - 0x3a))
        let isLetter = (lower &+ eightTimes(0x80 - 0x61)) & ~(lower &+ eightTimes(0x80 - 0x67)) & eightTimes(0x80)
        // The low nibble of a decimal digit is its value; that of a letter is nine less.
        let values = (ascii & eightTimes(0x0f)) &+ (isLetter &>> 7) &* 9
        var bytes = (values &<< 4 | values &>> 8) & 0x00ff_00ff_00ff_00ff
        bytes = (bytes | bytes &>> 8) & 0x0000_ffff_0000_ffff
        bytes = bytes | bytes &>> 16
        return (UInt32(truncatingIfNeeded: bytes), (isDecimal | isLetter) & ~characters & eightTimes(0x80))
    }

    private static func eightTimes(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }
}
