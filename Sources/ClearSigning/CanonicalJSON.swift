import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// The canonical form of JSON (RFC 8785). An attestation covers the hash of this form.
public enum CanonicalJSON {
    /// Returns the Keccak-256 hash of the canonical form. ERC-8176 calls it the descriptor hash.
    public static func hash(_ value: JSONValue) throws(DescriptorError) -> Hash { .keccak(try encode(value)) }

    /// Returns the canonical form. Refuses a number whose value changes when it is converted to a double and back to
    /// text, because other implementations would write a different number.
    public static func encode(_ value: JSONValue) throws(DescriptorError) -> [UInt8] {
        do { return try canonical(value).bytes } catch { throw DescriptorError(error) }
    }

    private static func canonical(_ value: JSONValue) throws(Problem) -> JSONOutput {
        switch value.kind {
        case .number:
            guard let text = value.number, let number = canonicalNumber(text) else {
                throw Problem(DescriptorRule.notCanonical, at: value.pointer, saw: value.text)
            }
            return .number(number)
        case .array:
            var elements: [JSONOutput] = []
            for element in value.children { elements.append(try canonical(element)) }
            return .array(elements)
        case .object:
            // Sort the members of the object by name. RFC 8785, section 3.2.3: "property name strings are sorted by
            // their UTF-16 code units".
            let members = (value.members ?? []).sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            var sorted: [(String, JSONOutput)] = []
            for member in members { sorted.append((member.key, try canonical(member.value))) }
            return .object(sorted)
        case .null, .boolean, .string: return value.json
        }
    }

    /// Writes a number as ECMAScript's `Number::toString` does (RFC 8785, section 3.2.2.3). Returns `nil` if the value
    /// changes when the number is converted to a double and back to text.
    static func canonicalNumber(_ text: String) -> String? {
        guard text.utf8.count <= 64, let written = Decimal(text), let double = Double(text), double.isFinite,
            let nearest = Decimal("\(double)"), written == nearest
        else { return nil }
        return written.text
    }

    /// A decimal number: its significant digits and the position of the decimal point. The value is 0.digits ×
    /// 10^point.
    private struct Decimal: Equatable {
        var isNegative = false
        var digits: [UInt8] = []
        var point = 0

        init?(_ text: String) {
            var rest = text.utf8[...]
            if rest.first == UInt8(ascii: "-") {
                isNegative = true
                rest = rest.dropFirst()
            }
            let mantissa = rest.prefix { $0 | 0x20 != UInt8(ascii: "e") }
            if mantissa.count < rest.count {
                let exponent = rest.dropFirst(mantissa.count + 1)
                guard let value = Int(String(decoding: exponent, as: UTF8.self)), -1000...1000 ~= value else {
                    return nil
                }
                point = value
            }
            let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
            point += whole.count
            digits = Array(whole) + Array(mantissa.dropFirst(whole.count + 1))
            let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
            digits.removeFirst(zeros)
            point -= zeros
            while digits.last == UInt8(ascii: "0") { digits.removeLast() }
            // Write zero without a sign, because ECMAScript writes -0 as 0.
            if digits.isEmpty { (isNegative, point) = (false, 0) }
        }

        var text: String {
            guard !digits.isEmpty else { return "0" }
            let digits = String(decoding: digits, as: UTF8.self)
            let count = digits.utf8.count
            func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
            var text = isNegative ? "-" : ""
            switch point {
            case count...21 where count <= point: text += digits + zeros(point - count)
            case 1...21: text += "\(digits.prefix(point)).\(digits.dropFirst(point))"
            case -5...0: text += "0.\(zeros(-point))\(digits)"
            default:
                let exponent = point - 1
                let fraction = digits.dropFirst()
                text += digits.prefix(1) + (fraction.isEmpty ? "" : ".\(fraction)")
                text += "e\(exponent < 0 ? "-" : "+")\(abs(exponent))"
            }
            return text
        }
    }
}
