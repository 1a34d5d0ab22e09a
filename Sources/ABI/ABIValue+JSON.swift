public import AirlockDiagnostics
import AirlockEthereumTypes
public import AirlockStrictJSON

extension ABIParameters {
    /// Reads a JSON array with one value for each parameter. Integers are decimal strings, or JSON numbers with digits
    /// only. If there are problems, throws one error that lists all problems and the JSON pointer of each problem.
    public func values(from json: JSONValue) throws(ProblemList) -> [ABIValue] {
        var reader = ValueReader()
        let values = reader.values(of: self, from: json)
        if let problems = ProblemList(reader.problems) { throw problems }
        return values
    }
}

extension ABIType {
    /// Reads one value. If the value or its parts have problems, throws one error that lists all problems and the JSON
    /// pointer of each problem.
    ///
    /// With `allowsHexIntegers`, an integer can also be `0x` and hexadecimal digits, with or without leading zeros.
    /// Such integers occur in typed data (EIP-712).
    public func value(from json: JSONValue, allowsHexIntegers: Bool = false) throws(ProblemList) -> ABIValue {
        var reader = ValueReader(allowsHexIntegers: allowsHexIntegers)
        let value = reader.value(of: self, from: json)
        guard let value, reader.problems.isEmpty else {
            throw ProblemList(reader.problems) ?? ProblemList(Problem(ABIRule.typeMismatch, at: json.pointer))
        }
        return value
    }
}

/// Reads values of known types from JSON, and collects all problems. Stops at the problem limit: for each problem, its
/// JSON pointer is searched for from the top-level value, which takes long.
private struct ValueReader {
    private(set) var problems: [Problem] = []
    var allowsHexIntegers = false

    private var isFull: Bool { problems.count >= ObjectReader.problemLimit }

    mutating func values(of parameters: ABIParameters, from json: JSONValue) -> [ABIValue] {
        guard let elements = elements(json, expected: "an array for \(parameters)", count: parameters.elements.count)
        else { return [] }
        var values: [ABIValue] = []
        for (parameter, element) in zip(parameters.elements, elements) where !isFull {
            if let value = value(of: parameter.type, from: element) { values.append(value) }
        }
        return values
    }

    mutating func value(of type: ABIType, from json: JSONValue) -> ABIValue? {
        switch type.kind {
        case .tuple(let parameters): return .tuple(values(of: parameters, from: json))
        case .array(let element, let count): return array(of: element, count: count, type, from: json)
        case .list(let element): return array(of: element, count: nil, type, from: json)
        case .bool:
            guard let bool = json.boolean else { return mismatch(json, "true or false") }
            return .bool(bool)
        case .uint, .int:
            guard let text = json.string ?? json.number else { return mismatch(json, "\(type) as a decimal string") }
            return elementary(type, text, json)
        default:
            guard let text = json.string else { return mismatch(json, "\(type) as a string") }
            return elementary(type, text, json)
        }
    }

    private mutating func array(
        of element: ABIType, count: Int?, _ type: ABIType, from json: JSONValue
    ) -> ABIValue? {
        guard let elements = elements(json, expected: "an array for \(type)", count: count) else { return nil }
        var values: [ABIValue] = []
        for json in elements where !isFull {
            if let value = value(of: element, from: json) { values.append(value) }
        }
        return .array(values)
    }

    /// Reads text as a value of the type. If the text is not a value of this type, the function records a problem and
    /// returns `nil`.
    private mutating func elementary(_ type: ABIType, _ text: String, _ json: JSONValue) -> ABIValue? {
        let isHex = allowsHexIntegers && text.hasPrefix("0x")
        do {
            let value: ABIValue =
                switch type.kind {
                case .uint: .uint(try isHex ? UInt256(quantity: Self.unpadded(text)) : UInt256(decimal: text))
                case .int: .int(try Int256(decimal: isHex ? UInt256(quantity: Self.unpadded(text)).description : text))
                case .address: .address(try Address(text))
                case .string: .string(text)
                case .bytes: .bytes(try Hex.decode(text))
                default: .fixedBytes(try Hex.decode(text))
                }
            try type.check(value)
            return value
        } catch {
            record((error as? any RuleBroken)?.problems.map { $0.at(json.pointer) } ?? [])
            return nil
        }
    }

    /// Removes leading zeros: `0x0001` becomes `0x1`. `0x` without digits stays unchanged, and the parser refuses it
    /// later.
    private static func unpadded(_ text: String) -> String {
        let digits = text.dropFirst(2)
        let rest = digits.drop { $0 == "0" }
        return rest.isEmpty && !digits.isEmpty ? "0x0" : "0x\(rest)"
    }

    private mutating func elements(
        _ json: JSONValue, expected: @autoclosure () -> String, count: Int?
    ) -> [JSONValue]? {
        guard let elements = json.elements else {
            record([Problem(ABIRule.typeMismatch, at: json.pointer, saw: json.text, expected: expected())])
            return nil
        }
        if let count, elements.count != count {
            record([Problem(ABIRule.wrongCount, at: json.pointer, saw: "\(elements.count)", expected: "\(count)")])
            return nil
        }
        return elements
    }

    private mutating func mismatch(_ json: JSONValue, _ expected: @autoclosure () -> String) -> ABIValue? {
        record([Problem(ABIRule.typeMismatch, at: json.pointer, saw: json.text, expected: expected())])
        return nil
    }

    private mutating func record(_ found: @autoclosure () -> [Problem]) {
        guard !isFull else { return }
        problems += found().prefix(ObjectReader.problemLimit - problems.count)
    }
}

/// Writes values as JSON. Integers become decimal strings. Bytes become `0x` and hexadecimal digits. Booleans become
/// JSON booleans. Arrays and tuples become JSON arrays.
extension ABIValue {
    public var json: JSONOutput {
        switch self {
        case .uint(let number): .string(number.description)
        case .int(let number): .string(number.description)
        case .address(let address): .string(address.description)
        case .bool(let bool): .boolean(bool)
        case .fixedBytes(let bytes), .bytes(let bytes): .string(Hex.encode(bytes))
        case .string(let string): .string(string)
        case .array(let values), .tuple(let values): .array(values.map(\.json))
        }
    }
}
