extension UInt256: CustomStringConvertible {
    /// Reads decimal digits: no sign, no spaces, no leading zeros.
    public init(decimal text: some StringProtocol) throws(ValueError) {
        let digits = text.utf8
        guard !digits.isEmpty, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { throw ValueError(.notDecimal, saw: text, expected: "decimal digits without leading zeros") }
        // Up to nineteen digits at a time fit into 64 bits.
        var value = UInt256.zero
        var rest = digits[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(19)
            rest = rest.dropFirst(19)
            var low: UInt64 = 0
            var scale: UInt64 = 1
            for digit in chunk {
                low = low &* 10 &+ UInt64(digit &- UInt8(ascii: "0"))
                scale &*= 10
            }
            let (scaled, tooLong) = value.multipliedReportingOverflow(by: UInt256(scale))
            let (sum, tooLarge) = scaled.addingReportingOverflow(UInt256(low))
            guard !tooLong, !tooLarge else {
                throw ValueError(.tooLarge, saw: text, expected: "at most 2^256 - 1")
            }
            value = sum
        }
        self = value
    }

    /// Reads the quantities of JSON-RPC: `0x`, then hexadecimal digits without leading zeros; zero is `0x0`.
    public init(quantity text: some StringProtocol) throws(ValueError) {
        let digits = text.utf8.dropFirst(2)
        guard text.hasPrefix("0x"), !digits.isEmpty, digits.allSatisfy({ Hex.nibble($0) != nil }),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { throw ValueError(.notHexQuantity, saw: text, expected: "0x and digits without leading zeros") }
        guard digits.count <= 64 else { throw ValueError(.tooLarge, saw: text, expected: "at most 64 digits") }
        var limbs = InlineArray<4, UInt64>(repeating: 0)
        for (place, digit) in digits.reversed().enumerated() {
            limbs[place / 16] |= UInt64(Hex.nibble(digit) ?? 0) << UInt64(place % 16 * 4)
        }
        self.init(limbs[0], limbs[1], limbs[2], limbs[3])
    }

    /// Decimal digits.
    public var description: String {
        if w1 | w2 | w3 == 0 { return String(w0) }
        var chunks: [UInt64] = []
        var rest = self
        while !rest.isZero {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
            chunks.append(remainder)
            rest = quotient
        }
        var text = String(chunks.removeLast())
        for chunk in chunks.reversed() {
            let digits = String(chunk)
            text += String(repeating: "0", count: 19 - digits.utf8.count) + digits
        }
        return text
    }

    /// `0x` and hexadecimal digits without leading zeros.
    public var quantity: String {
        var text = "0x"
        var started = false
        for limb in [w3, w2, w1, w0] where started || limb != 0 {
            let digits = String(limb, radix: 16)
            if started { text += String(repeating: "0", count: 16 - digits.utf8.count) }
            text += digits
            started = true
        }
        return started ? text : "0x0"
    }
}
