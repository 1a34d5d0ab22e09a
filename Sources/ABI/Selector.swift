public import AirlockEthereumTypes
import AirlockKeccak

/// The four bytes that name a function or an error: the first of the hash of its signature.
public struct Selector: Hashable, Sendable {
    public let bytes: FixedBytes<4>

    /// From a canonical signature such as `transfer(address,uint256)`: hashed as it stands, not read.
    public init(signature: String) {
        let hash = Hash.topic(signature: signature)
        bytes = FixedBytes { hash[$0] }
    }

    /// The first four bytes of call data or of what a revert returned; `nil` when there are fewer.
    public init?(of data: Span<UInt8>) {
        guard data.count >= 4 else { return nil }
        bytes = FixedBytes { data[$0] }
    }
}

extension Selector: CustomStringConvertible {
    /// `0x` and eight lower-case digits.
    public var description: String { bytes.description }
}

extension FixedBytes<32> {
    /// The first topic of an event, from a canonical signature: hashed as it stands, not read.
    public static func topic(signature: String) -> Hash { .keccak(Array(signature.utf8)) }
}
