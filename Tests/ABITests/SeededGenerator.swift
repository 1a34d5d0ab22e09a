import AirlockABI
import AirlockEthereumTypes

/// A SplitMix64 generator. For the same seed, it makes the same types and values on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func type(depth: Int) -> String {
        let base: String
        switch Int.random(in: depth > 0 ? 0...11 : 0...7, using: &self) {
        case 0: base = "uint\(8 * Int.random(in: 1...32, using: &self))"
        case 1: base = "int\(8 * Int.random(in: 1...32, using: &self))"
        case 2: base = "address"
        case 3: base = "bool"
        case 4: base = "bytes\(Int.random(in: 1...32, using: &self))"
        case 5: base = "bytes"
        case 6: base = "string"
        case 7: base = "function"
        case 8: base = type(depth: depth - 1) + "[]"
        case 9: base = type(depth: depth - 1) + "[\(Int.random(in: 1...3, using: &self))]"
        default:
            let parts = (0..<Int.random(in: 1...3, using: &self)).map { _ in type(depth: depth - 1) }
            base = "(\(parts.joined(separator: ",")))"
        }
        return base
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255, using: &self) } }

    mutating func value(of type: ABIType) -> ABIValue {
        switch type.kind {
        case .uint(let bits): .uint(UInt256(bigEndian: bytes(bits / 8).span) ?? 0)
        case .int(let bits):
            // The first bit of the bytes is the sign. `signed` extends the bytes to 256 bits. It does not use the
            // codec, because the tests check the codec.
            .int(signed(bytes(bits / 8)))
        case .address: .address(Address(FixedBytes(bytes(20)) ?? .zero))
        case .bool: .bool(.random(using: &self))
        case .fixedBytes(let count): .fixedBytes(bytes(count))
        case .function: .fixedBytes(bytes(24))
        case .bytes: .bytes(bytes(.random(in: 0...70, using: &self)))
        case .string:
            .string(text(.random(in: 0...20, using: &self)))
        case .array(let element, let count): .array((0..<count).map { _ in value(of: element) })
        case .list(let element):
            .array((0..<Int.random(in: 0...3, using: &self)).map { _ in value(of: element) })
        case .tuple(let parameters): .tuple(parameters.elements.map { value(of: $0.type) })
        }
    }

    private mutating func text(_ count: Int) -> String {
        String((0..<count).map { _ in "aé€🚀\u{0}".randomElement(using: &self) ?? "a" })
    }

    private func signed(_ bytes: [UInt8]) -> Int256 {
        let filling: UInt8 = (bytes.first ?? 0) >> 7 == 1 ? 0xff : 0
        let word = [UInt8](repeating: filling, count: 32 - bytes.count) + bytes
        return Int256(bitPattern: UInt256(bigEndian: word.span) ?? 0)
    }
}
