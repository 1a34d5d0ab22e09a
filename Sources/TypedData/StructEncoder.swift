public import AirlockEthereumTypes
import AirlockKeccak

/// Encodes a struct member by member, as EIP-712's `encodeData`: the hash of the type, then a word for each member.
///
/// ```swift
/// var permitted = StructEncoder("TokenPermissions(address token,uint256 amount)")
/// permitted.append(token)
/// permitted.append(amount)
/// ```
public struct StructEncoder: Sendable {
    /// What has been encoded; its hash is the struct's.
    public private(set) var bytes: [UInt8]

    /// - Parameter encodeType: the struct's type and all that it refers to, as EIP-712's `encodeType` writes them.
    public init(_ encodeType: String) { self.init(typeHash: .keccak(Array(encodeType.utf8))) }

    public init(typeHash: Hash) { bytes = typeHash.bytes }

    /// EIP-712's `hashStruct`.
    public var hash: Hash { .keccak(bytes) }

    public mutating func append(_ value: UInt256) { bytes += value.word.bytes }

    public mutating func append(_ value: Int256) { bytes += value.bitPattern.word.bytes }

    public mutating func append(_ value: Bool) { append(UInt256(value ? 1 : 0)) }

    public mutating func append(_ value: Address) {
        bytes += repeatElement(0, count: 12)
        bytes += value.bytes.bytes
    }

    /// A `bytes32`, the hash of a struct, or the hash of an array.
    public mutating func append(_ word: Hash) { bytes += word.bytes }

    public mutating func append(string: String) { append(.keccak(Array(string.utf8))) }

    public mutating func append(bytes value: [UInt8]) { append(.keccak(value)) }
}
