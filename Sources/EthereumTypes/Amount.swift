/// Converts amounts to text and from text exactly, without floating-point numbers.
public enum Amount {
    /// Reads a decimal amount and returns it in the smallest unit. With 6 decimals, `12.5` is 12500000. Any number of
    /// decimals is allowed. If the number is negative, every amount is refused as too precise.
    public static func parse(_ text: String, decimals: Int) throws(ValueError) -> UInt256 {
        let zero = UInt8(ascii: "0")
        let characters = Array(text.utf8)
        let point = characters.firstIndex(of: UInt8(ascii: ".")) ?? characters.endIndex
        let whole = characters[..<point]
        var fraction = characters[point...].dropFirst()
        guard isDigits(whole), point == characters.endIndex || isDigits(fraction), whole.count == 1 || whole[0] != zero
        else { throw ValueError(.notAmount, saw: text, expected: "a decimal number such as 12.5") }
        while fraction.last == zero { fraction.removeLast() }
        guard fraction.count <= decimals else {
            throw ValueError(.tooPrecise, saw: text, expected: "at most \(decimals) decimals")
        }
        let digits = (whole + fraction).drop { $0 == zero }
        guard !digits.isEmpty else { return .zero }
        let zeros = decimals - fraction.count
        // The number 2^256 - 1 has 78 digits. So no more zeros than these are written, whatever `decimals` is.
        guard zeros <= 78 - digits.count,
            let value = try? UInt256(
                decimal: String(decoding: digits + repeatElement(zero, count: zeros), as: UTF8.self))
        else { throw ValueError(.tooLarge, saw: text, expected: "at most 2^256 - 1 of the smallest unit") }
        return value
    }

    /// Reads a decimal amount and returns it in the smallest unit. With 6 decimals, `12.5` is 12500000. Any number of
    /// decimals is allowed. If the number is negative, every amount is refused as too precise.
    @inlinable
    public static func parse(_ text: some StringProtocol, decimals: Int) throws(ValueError) -> UInt256 {
        try parse(String(text), decimals: decimals)
    }

    /// Writes an amount in decimal, without trailing zeros. The value is given in the smallest unit: with 6 decimals,
    /// 12500000 is written as `12.5`.
    ///
    /// A token has 0 to 255 decimals (ERC-20: `uint8`). For any other number of decimals, the amount is written with an
    /// exponent: with 300 decimals, 5 is written as `5e-300`.
    public static func format(_ value: UInt256, decimals: Int) -> String {
        guard 0...255 ~= decimals else { return "\(value)e\(decimals < 0 ? "" : "-")\(decimals.magnitude)" }
        let digits = value.description
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        let whole = padded.dropLast(decimals)
        var fraction = padded.suffix(decimals)
        while fraction.last == "0" { fraction = fraction.dropLast() }
        return fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
    }

    /// Reads an amount of native currency with its unit, such as `1.5gwei`, `30wei` or `0.004eth`. On Polygon, the unit
    /// is `pol` instead of `eth`. Where `eth` is a unit, `ether` is one too. A number without a unit is an integer in
    /// wei.
    public static func parseNative(_ text: some StringProtocol, on chain: Chain) throws(ValueError) -> UInt256 {
        try parse(String(text), units: nativeUnits(on: chain))
    }

    /// The units of native currency on a chain, each with its number of decimals.
    package static func nativeUnits(on chain: Chain) -> [(name: String, decimals: Int)] {
        let symbol = chain.nativeSymbol.lowercased()
        return [("wei", 0), ("gwei", 9), (symbol, 18)] + (symbol == "eth" ? [("ether", 18)] : [])
    }

    /// Reads an amount of a token, such as `12.5USDC`. A number without a unit is an integer in the token's smallest
    /// unit.
    public static func parseToken(
        _ text: some StringProtocol, symbol: String, decimals: Int
    ) throws(ValueError) -> UInt256 {
        try parse(String(text), units: [(symbol, decimals)])
    }

    /// Reads a decimal number and a unit, with at most one space between them. The unit can be in upper or lower case.
    /// A number without a unit must be an integer in the smallest unit.
    private static func parse(
        _ text: String, units: [(name: String, decimals: Int)]
    ) throws(ValueError) -> UInt256 {
        let numberEnd = text.utf8.firstIndex { !isDigit($0) && $0 != UInt8(ascii: ".") } ?? text.endIndex
        let number = text[..<numberEnd]
        let rest = text[numberEnd...]
        // The space is cut off as a byte, because a combining character after it would be part of one `Character` with
        // the space.
        let hasSpace = rest.utf8.count > 1 && rest.utf8.first == UInt8(ascii: " ")
        let unit = hasSpace ? rest[rest.utf8.index(after: rest.startIndex)...] : rest
        let names = units.map(\.name).joined(separator: ", ")
        guard !unit.isEmpty else {
            do { return try UInt256(decimal: number) } catch {
                guard error.rule == .notDecimal else { throw error }
                throw ValueError(.notAmount, saw: text, expected: "an integer, or a number and one of \(names)")
            }
        }
        guard let known = units.first(where: { isSame($0.name, unit) }) else {
            throw ValueError(.wrongUnit, saw: text, expected: names)
        }
        return try parse(number, decimals: known.decimals)
    }

    /// Whether two names are equal. The case of ASCII letters is ignored.
    private static func isSame(_ left: String, _ right: Substring) -> Bool {
        left.utf8.elementsEqual(right.utf8) { left, right in
            left == right || left ^ right == 0x20 && UInt8(ascii: "a")...UInt8(ascii: "z") ~= left | 0x20
        }
    }

    private static func isDigits(_ text: ArraySlice<UInt8>) -> Bool { !text.isEmpty && text.allSatisfy(isDigit) }

    private static func isDigit(_ character: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= character }
}
