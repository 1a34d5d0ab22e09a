public import AirlockEthereumTypes

/// A value of one of the types of the contract ABI.
public enum ABIValue: Hashable, Sendable {
    case uint(UInt256)
    case int(Int256)
    case address(Address)
    case bool(Bool)
    /// A value of one of the types `bytes1` to `bytes32`, or the 24 bytes of a `function`.
    case fixedBytes([UInt8])
    case bytes([UInt8])
    case string(String)
    /// The elements of an array of fixed or variable length.
    case array([ABIValue])
    case tuple([ABIValue])

    /// Compares values. Strings are compared byte by byte, as a contract compares them. Swift's own comparison of
    /// strings uses canonical equivalence, so it would treat different bytes as equal.
    public static func == (one: ABIValue, other: ABIValue) -> Bool {
        switch (one, other) {
        case (.uint(let one), .uint(let other)): one == other
        case (.int(let one), .int(let other)): one == other
        case (.address(let one), .address(let other)): one == other
        case (.bool(let one), .bool(let other)): one == other
        case (.fixedBytes(let one), .fixedBytes(let other)), (.bytes(let one), .bytes(let other)): one == other
        case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
        case (.array(let one), .array(let other)), (.tuple(let one), .tuple(let other)): one == other
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .uint(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .address(let value): hasher.combine(value)
        case .bool(let value): hasher.combine(value)
        case .fixedBytes(let value), .bytes(let value): hasher.combine(value)
        case .string(let value): hasher.combine(Array(value.utf8))
        case .array(let values), .tuple(let values): hasher.combine(values)
        }
    }

    /// A short name of the value's type, such as `an unsigned integer`, for error messages.
    var kind: String {
        switch self {
        case .uint: "an unsigned integer"
        case .int: "a signed integer"
        case .address: "an address"
        case .bool: "a boolean"
        case .fixedBytes(let bytes): "bytes\(bytes.count)"
        case .bytes: "bytes"
        case .string: "a string"
        case .array: "an array"
        case .tuple: "a tuple"
        }
    }
}

extension ABIType {
    /// Throws if the value, or a part of it, does not have this type.
    func check(_ value: ABIValue) throws(ABIError) {
        switch (kind, value) {
        case (.uint(let bits), .uint(let number)):
            guard 256 - number.leadingZeroBitCount <= bits else { throw outOfRange(number.description) }
        case (.int(let bits), .int(let number)):
            guard number.bitCount <= bits else { throw outOfRange(number.description) }
        case (.fixedBytes(let count), .fixedBytes(let bytes)) where bytes.count == count: break
        case (.function, .fixedBytes(let bytes)) where bytes.count == 24: break
        case (.address, .address), (.bool, .bool), (.bytes, .bytes), (.string, .string): break
        case (.array(let element, let count), .array(let values)):
            guard values.count == count else { throw wrongCount(values.count, count) }
            try element.check(all: values)
        case (.list(let element), .array(let values)):
            try element.check(all: values)
        case (.tuple(let parameters), .tuple(let values)):
            try parameters.check(values)
        default:
            throw ABIError(.typeMismatch, at: .value(""), saw: value.kind, expected: description)
        }
    }

    private func check(all values: [ABIValue]) throws(ABIError) {
        for (index, value) in values.enumerated() {
            do throws(ABIError) { try check(value) } catch { throw error.inside(index) }
        }
    }

    private func outOfRange(_ number: String) -> ABIError {
        ABIError(.outOfRange, at: .value(""), saw: number, expected: description)
    }
}

extension ABIParameters {
    /// Throws if there is not exactly one value for each parameter, or if a value does not have the parameter's type.
    func check(_ values: [ABIValue]) throws(ABIError) {
        guard values.count == elements.count else { throw wrongCount(values.count, elements.count) }
        for (index, (parameter, value)) in zip(elements, values).enumerated() {
            do throws(ABIError) { try parameter.type.check(value) } catch { throw error.inside(index) }
        }
    }
}

private func wrongCount(_ count: Int, _ expected: Int) -> ABIError {
    ABIError(.wrongCount, at: .value(""), saw: "\(count)", expected: "\(expected)")
}
