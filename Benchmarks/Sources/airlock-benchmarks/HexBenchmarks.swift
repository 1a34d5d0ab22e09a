import AirlockEthereumTypes
import Operations

/// The conversion of the bytes of a transaction to hexadecimal text and back.
enum HexBenchmarks {
    static func all() throws -> [Benchmark] {
        let bytes = (0..<702).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let text = Hex.encode(bytes)
        let naive = "0x" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try verify("hex/encode", text == naive)
        try verify("hex/decode", Hex.decode(naive) == bytes)
        return [
            Benchmark("hex/encode/702B") { Hex.encode(bytes) },
            Benchmark("hex/decode/702B") { try? Hex.decode(text) },
        ]
    }
}
