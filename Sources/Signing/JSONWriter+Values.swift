import AirlockEthereumTypes
import AirlockStrictJSON

/// Members whose values are known to need no escape: a batch writes a dozen of them with every line.
extension JSONWriter {
    mutating func member(_ key: StaticString, _ hash: Hash) {
        member(plain: key, 66) { hash.append(to: &$0) }
    }

    mutating func member(_ key: StaticString, _ address: Address) {
        member(plain: key, 42) { address.append(to: &$0) }
    }

    mutating func member(_ key: StaticString, _ number: UInt256) {
        member(plain: key, UInt256.mostDigits) { number.append(to: &$0) }
    }

    mutating func member(_ key: StaticString, _ time: Timestamp) {
        member(plain: key, Timestamp.mostCharacters) { time.append(to: &$0) }
    }

    /// `0x` and the digits of so many bytes.
    mutating func member(_ key: StaticString, hex bytes: [UInt8]) {
        member(plain: key, 2 + bytes.count * 2) { Hex.append(bytes.span, to: &$0) }
    }
}
