public import AirlockEthereumTypes

/// A value of some type of the contract ABI.
public enum ABIValue: Hashable, Sendable {
    case uint(UInt256)
    case int(Int256)
    case address(Address)
    case bool(Bool)
    /// Of `bytes1` to `bytes32`, and the 24 bytes of a `function`.
    case fixedBytes([UInt8])
    case bytes([UInt8])
    case string(String)
    /// Of `T[k]` and of `T[]`.
    case array([ABIValue])
    case tuple([ABIValue])

    /// Two values are the same where a contract sees the same: strings of the same bytes, not of the same characters.
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

    /// What the value is, in the words of the types.
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
