import AirlockEthereumTypes
import AirlockDiagnostics
public import AirlockStrictJSON

/// Values as people and scripts write them: integers as decimal strings, bytes as `0x` and digits, booleans as
/// booleans, arrays and tuples as arrays.
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
