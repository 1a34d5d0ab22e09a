/// Initializers that read values directly from the UTF-8 bytes of a larger text, such as a JSON document. They are
/// faster than the initializers that take a `String`, because they do not make a `String` for each value.
///
/// Each initializer returns `nil` if the text is not a valid value. To get an error with the reason, use the
/// initializer that takes a `String`.
extension FixedBytes {
    /// Reads `0x` and exactly two hexadecimal digits for each byte of the value.
    public init?(hex text: Span<UInt8>) {
        guard Hex.hasPrefix(text) else { return nil }
        self.init(digits: text.extracting(droppingFirst: 2))
    }
}

extension Hex {
    /// Reads `0x` and an even number of hexadecimal digits, in upper or lower case.
    public static func bytes(of text: Span<UInt8>) -> [UInt8]? {
        hasPrefix(text) ? bytes(text.extracting(droppingFirst: 2)) : nil
    }
}

extension Address {
    /// Reads `0x` and 40 hexadecimal digits in upper or lower case. Does not check the EIP-55 checksum. Use this
    /// initializer only if the address is checked in a stronger way afterwards.
    public init?(anyCase text: Span<UInt8>) {
        guard let bytes = FixedBytes<20>(hex: text) else { return nil }
        self.init(bytes)
    }

    /// Reads `0x` and 40 hexadecimal digits: all lower case, all upper case, or mixed case with the checksum of EIP-55.
    public init?(_ text: Span<UInt8>) {
        self.init(anyCase: text)
        var hasLower = false
        var hasUpper = false
        for index in 2..<text.count {
            hasLower = hasLower || text[index] >= UInt8(ascii: "a")
            hasUpper = hasUpper || UInt8(ascii: "A")...UInt8(ascii: "F") ~= text[index]
        }
        guard hasLower, hasUpper else { return }
        var right = InlineArray<42, UInt8>(repeating: 0)
        var memory = right.mutableSpan
        unsafe memory.withUnsafeMutableBytes { unsafe write(to: $0) }
        for index in 0..<text.count where text[index] != right[index] { return nil }
    }
}

extension Timestamp {
    /// Reads an RFC 3339 time with any offset. A fraction of a second is dropped.
    public init?(_ text: Span<UInt8>) {
        guard let seconds = Self.parse(text) else { return nil }
        self.init(seconds: seconds)
    }
}

extension UInt256 {
    /// Reads a number in decimal digits, at most 2^256 - 1. Refuses signs, spaces and leading zeros.
    public init?(decimal digits: Span<UInt8>) {
        guard digits.count == 1 || digits.count > 1 && digits[0] != UInt8(ascii: "0") else { return nil }
        // The digits are read in groups of nineteen, because nineteen digits always fit in 64 bits.
        var value = UInt256.zero
        var index = 0
        while index < digits.count {
            let end = min(index + 19, digits.count)
            var low: UInt64 = 0
            var scale: UInt64 = 1
            while index < end {
                let digit = digits[index] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                low = low &* 10 &+ UInt64(digit)
                scale &*= 10
                index += 1
            }
            // No multiplication is needed for the first group of digits, because the value is still zero.
            if index <= 19 {
                value = UInt256(low)
                continue
            }
            let (next, overflow) = value.multipliedReportingOverflow(by: scale, adding: low)
            guard !overflow else { return nil }
            value = next
        }
        self = value
    }
}

extension UInt64 {
    /// Reads a number in decimal digits, at most 2^64 - 1. Refuses signs, spaces and leading zeros.
    public init?(decimal digits: Span<UInt8>) {
        guard let value = UInt256(decimal: digits) else { return nil }
        self.init(exactly: value)
    }
}

extension Chain {
    /// Reads a chain id in decimal digits. Refuses a number that does not fit in 64 bits. Also refuses 0, because no
    /// chain has the id 0 (EIP-155).
    public init?(decimal digits: Span<UInt8>) {
        guard let id = UInt64(decimal: digits), id > 0 else { return nil }
        self.init(id: id)
    }
}

/// Functions that write values as UTF-8 into a larger text, without making a `String` for each value. They write the
/// same text that ``CustomStringConvertible/description`` returns.
extension Hex {
    /// Writes `0x` and lower-case hexadecimal digits.
    public static func append(_ bytes: Span<UInt8>, to text: inout OutputSpan<UInt8>) {
        text.append(UInt8(ascii: "0"))
        text.append(UInt8(ascii: "x"))
        unsafe text.withUnsafeMutableBufferPointer { memory, count in
            let digits = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[count...])
            unsafe HexDigits.write(bytes, to: digits)
            count += bytes.count * 2
        }
    }
}

extension FixedBytes {
    public func append(to text: inout OutputSpan<UInt8>) { Hex.append(inline.span, to: &text) }
}

extension Address {
    public func append(to text: inout OutputSpan<UInt8>) {
        unsafe text.withUnsafeMutableBufferPointer { memory, count in
            unsafe write(to: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[count...]))
            count += 42
        }
    }
}

extension UInt256 {
    /// The number of decimal digits of the largest 256-bit number.
    public static let mostDigits = 78

    public func append(to text: inout OutputSpan<UInt8>) {
        let (digits, start) = decimalDigits
        for index in start..<Self.mostDigits { text.append(digits[index]) }
    }
}

extension Timestamp {
    /// The maximum length of a time that is formatted as text, in characters.
    public static let mostCharacters = 40

    public func append(to text: inout OutputSpan<UInt8>) {
        for character in description.utf8 { text.append(character) }
    }
}
