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
