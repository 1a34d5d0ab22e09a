/// Amounts in words: exact both ways, never through a floating-point number.
public enum Amount {
    /// Reads `12.5` as a number of units of that many decimals: 12500000 for 6.
    public static func parse(_ text: some StringProtocol, decimals: Int) throws(ValueError) -> UInt256 {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard let whole = parts.first, isDigits(whole), isDigits(fraction),
            whole.utf8.count == 1 || whole.utf8.first != UInt8(ascii: "0")
        else { throw ValueError(.notAmount, saw: text, expected: "a decimal number such as 12.5") }
        let significant = fraction.utf8.reversed().drop { $0 == UInt8(ascii: "0") }.count
        guard significant <= decimals else {
            throw ValueError(.tooPrecise, saw: text, expected: "at most \(decimals) decimals")
        }
        let padding = String(repeating: "0", count: decimals - significant)
        let digits = (String(whole) + fraction.prefix(significant) + padding).drop { $0 == "0" }
        guard let value = try? UInt256(decimal: digits.isEmpty ? "0" : digits) else {
            throw ValueError(.tooLarge, saw: text, expected: "at most 2^256 - 1 of the smallest unit")
        }
        return value
    }

    /// `12.5` for 12500000 of 6 decimals: all digits that count, no others.
    public static func format(_ value: UInt256, decimals: Int) -> String {
        let digits = value.description
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        let whole = padded.dropLast(decimals)
        var fraction = padded.suffix(decimals)
        while fraction.last == "0" { fraction = fraction.dropLast() }
        return fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
    }

    /// Reads an amount of native money: `1.5gwei`, `0.004eth` (`pol` on Polygon), `30wei`; a plain integer is wei.
    public static func parseNative(_ text: some StringProtocol, on chain: Chain) throws(ValueError) -> UInt256 {
        let symbol = chain.nativeSymbol.lowercased()
        let units = [("gwei", 9), ("wei", 0), (symbol, 18)]
        let (number, unit) = split(text)
        if unit.isEmpty { return try UInt256(decimal: number) }
        guard let decimals = units.first(where: { $0.0 == unit.lowercased() })?.1 else {
            throw ValueError(.wrongUnit, saw: text, expected: "wei, gwei or \(symbol)")
        }
        return try parse(number, decimals: decimals)
    }

    /// Reads an amount of a token: `12.5USDC`; a plain integer is atomic units.
    public static func parseToken(
        _ text: some StringProtocol, symbol: String, decimals: Int
    ) throws(ValueError) -> UInt256 {
        let (number, unit) = split(text)
        if unit.isEmpty { return try UInt256(decimal: number) }
        guard unit.lowercased() == symbol.lowercased() else {
            throw ValueError(.wrongUnit, saw: text, expected: symbol)
        }
        return try parse(number, decimals: decimals)
    }

    /// The number before the first letter, and the unit from there on; one space between them is allowed.
    private static func split<Text: StringProtocol>(_ text: Text) -> (Text.SubSequence, Text.SubSequence) {
        let end = text.firstIndex { !("0"..."9" ~= $0 || $0 == ".") } ?? text.endIndex
        let unit = text[end...]
        return (text[..<end], unit.hasPrefix(" ") ? unit.dropFirst() : unit)
    }

    private static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
}
