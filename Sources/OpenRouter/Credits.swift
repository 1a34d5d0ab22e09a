internal import AirlockDiagnostics
public import AirlockEthereumTypes
internal import AirlockHTTP
internal import AirlockStrictJSON

/// The credits of an account.
public struct Credits: Hashable, Sendable {
    /// All credits that were ever bought, in dollars.
    public let total: Dollars
    /// All credits that were ever used, in dollars.
    public let used: Dollars
    /// The remaining credits. The service does not return this number, so it is computed as `total` minus `used`,
    /// without rounding.
    public let balance: Dollars

    init(_ response: HTTPResponse, from url: HTTPURL) throws(OpenRouterError) {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(response.body).root } catch {
            throw OpenRouterError(malformed: error.problems, at: url)
        }
        var reader = ObjectReader(root)
        let read = reader.object("data") { data -> Credits? in
            let total = data.number("total_credits") { try Dollars(number: $0) }
            let used = data.number("total_usage") { try Dollars(number: $0) }
            guard let total, let used else { return nil }
            guard let balance = total.subtracting(used) else { return nil }
            return Credits(total: total, used: used, balance: balance)
        }
        guard let read else { throw OpenRouterError(malformed: reader.problems, at: url) }
        self = read
    }

    private init(total: Dollars, used: Dollars, balance: Dollars) {
        self.total = total
        self.used = used
        self.balance = balance
    }
}

/// An exact amount of US dollars. A balance is negative if more credits were used than bought.
public struct Dollars: Hashable, Sendable {
    /// The absolute value of the amount, in units of 10^-56 dollars. The unit is so small that it loses no digits: a
    /// `double` from 10^-39 to 10^20, printed with at most 17 significant digits, is an integer in this unit.
    private let magnitude: UInt256
    private let isNegative: Bool
    private static let decimals = 56

    private init(_ magnitude: UInt256, isNegative: Bool) {
        self.magnitude = magnitude
        self.isNegative = isNegative && !magnitude.isZero
    }

    /// Reads an amount that a user types, such as `12.5`.
    public init(_ text: String) throws(ValueError) {
        self.init(try Amount.parse(text, decimals: Self.decimals), isNegative: false)
    }

    /// Reads a JSON number, such as `-1.5e-05`. It may have a sign and an exponent (RFC 8259 §6).
    public init(number text: String) throws(ValueError) {
        let isNegative = text.hasPrefix("-")
        let parts = text.dropFirst(isNegative ? 1 : 0).split(maxSplits: 1) { $0 == "e" || $0 == "E" }
        let numerals = (parts.first ?? "").split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let (whole, fraction) = (numerals.first ?? "", numerals.count == 2 ? numerals[1] : "")
        let isZero = !(whole + fraction).contains { $0 != "0" }
        // An exponent that does not fit into an `Int` is replaced by `Int.max`, which the next check refuses.
        let shift = parts.count == 1 || isZero ? 0 : Int(parts[1]) ?? .max
        guard -100...100 ~= shift else {
            throw ValueError(.tooLarge, saw: text, expected: "an exponent between -100 and 100")
        }
        let left = String(repeating: "0", count: max(0, -shift)) + whole
        let all = left + fraction + String(repeating: "0", count: max(0, shift))
        let point = all.index(all.startIndex, offsetBy: left.count + shift)
        let before = all[..<point].drop { $0 == "0" }
        let plain = (before.isEmpty ? "0" : before) + "." + all[point...] + "0"
        do { self.init(try Amount.parse(plain, decimals: Self.decimals), isNegative: isNegative) } catch {
            throw ValueError(error.rule, saw: text, expected: error.expected)
        }
    }

    /// Subtracts `other` from this amount. Returns `nil` if the result overflows.
    func subtracting(_ other: Dollars) -> Dollars? {
        if isNegative != other.isNegative {
            return magnitude.adding(other.magnitude).map { Dollars($0, isNegative: isNegative) }
        }
        if let rest = magnitude.subtracting(other.magnitude) { return Dollars(rest, isNegative: isNegative) }
        return other.magnitude.subtracting(magnitude).map { Dollars($0, isNegative: !isNegative) }
    }
}

extension Dollars: Comparable, CustomStringConvertible {
    public static func < (left: Dollars, right: Dollars) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? left.magnitude > right.magnitude : left.magnitude < right.magnitude
    }

    /// The amount in decimal, such as `-0.00001`, without trailing zeros and without an exponent.
    public var description: String {
        (isNegative ? "-" : "") + Amount.format(magnitude, decimals: Self.decimals)
    }
}
