extension UInt256: CustomStringConvertible {
    /// Reads decimal digits: no sign, no spaces, no leading zeros.
    public init(decimal text: String) throws(ValueError) {
        let digits = text.utf8Span.span
        if let value = UInt256(decimal: digits) {
            self = value
            return
        }
        var isDecimal = digits.count == 1 || digits.count > 1 && digits[0] != UInt8(ascii: "0")
        for index in 0..<digits.count {
            isDecimal = isDecimal && UInt8(ascii: "0")...UInt8(ascii: "9") ~= digits[index]
        }
        guard isDecimal else {
            throw ValueError(.notDecimal, saw: text, expected: "decimal digits without leading zeros")
        }
        throw ValueError(.tooLarge, saw: text, expected: "at most 2^256 - 1")
    }

    /// Reads decimal digits: no sign, no spaces, no leading zeros.
    @inlinable
    public init(decimal text: some StringProtocol) throws(ValueError) { try self.init(decimal: String(text)) }

    /// Reads the quantities of JSON-RPC: `0x`, then hexadecimal digits without leading zeros; zero is `0x0`.
    public init(quantity text: String) throws(ValueError) {
        let utf8 = text.utf8Span.span
        var isQuantity = Hex.hasPrefix(utf8) && (utf8.count == 3 || utf8.count > 3 && utf8[2] != UInt8(ascii: "0"))
        var limbs: InlineArray<4, UInt64> = [0, 0, 0, 0]
        if isQuantity {
            for index in 2..<utf8.count {
                guard let nibble = HexDigits.nibble(utf8[index]) else {
                    isQuantity = false
                    break
                }
                let place = utf8.count - 1 - index
                if place < 64 { limbs[place / 16] |= UInt64(nibble) << UInt64(place % 16 * 4) }
            }
        }
        guard isQuantity else {
            throw ValueError(.notHexQuantity, saw: text, expected: "0x and digits without leading zeros")
        }
        guard utf8.count <= 66 else { throw ValueError(.tooLarge, saw: text, expected: "at most 64 digits") }
        self.init(limbs[0], limbs[1], limbs[2], limbs[3])
    }

    /// Reads the quantities of JSON-RPC: `0x`, then hexadecimal digits without leading zeros; zero is `0x0`.
    @inlinable
    public init(quantity text: some StringProtocol) throws(ValueError) { try self.init(quantity: String(text)) }

    /// Decimal digits.
    public var description: String {
        let (digits, start) = decimalDigits
        return unsafe String(unsafeUninitializedCapacity: 78 - start) { text in
            for index in start..<78 { unsafe text[index - start] = digits[index] }
            return 78 - start
        }
    }

    /// The digits, and where the first of them stands.
    var decimalDigits: (InlineArray<78, UInt8>, start: Int) {
        // From the last digit to the first, nineteen for each division; 2^256 - 1 has 78.
        var digits = InlineArray<78, UInt8>(repeating: UInt8(ascii: "0"))
        var start = 78
        var rest = self
        while true {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
            var chunk = remainder
            var index = start
            repeat {
                index -= 1
                digits[index] = UInt8(ascii: "0") + UInt8(chunk % 10)
                chunk /= 10
            } while chunk != 0
            if quotient.isZero {
                start = index
                break
            }
            start -= 19
            rest = quotient
        }
        return (digits, start)
    }

    /// `0x` and hexadecimal digits without leading zeros.
    public var quantity: String {
        let digits = Hex.encode(word.inline.span, prefix: false).drop { $0 == "0" }
        return digits.isEmpty ? "0x0" : "0x" + digits
    }
}
