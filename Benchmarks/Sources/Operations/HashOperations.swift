import AirlockEthereumTypes
@_spi(Kernels) import AirlockKeccak

/// The operations that hash with every kernel that the processor supports, and those that convert bytes to and from
/// hexadecimal text.
public enum HashOperations {
    /// Whether the processor supports all kernels that were in use when the reference instruction counts were recorded.
    public static var isUsual: Bool {
        Set(["avx2-x4", "bmi2"]).isSubset(of: Kernel.all.filter(\.isSupported).map(\.description))
    }

    /// Each row has the length of a message in bytes, and its Keccak-256 hash. The messages consist of the bytes 0, 1,
    /// 2 ….
    private static let hashes = [
        (32, "0x8ae1aa597fa146ebd3aa2ceddf360668dea5e526567e92b0321816a4e895bd2d"),
        (136, "0x7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e"),
        (516, "0x2d8507a045cf3f8e749eb50c9fb173f57c82ba7891f834ba2b8f3fa8cbdd49f1"),
    ]

    public static func all() throws -> [Operation] {
        let bytes = (0..<702).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let text = Hex.encode(bytes)
        let naive = "0x" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try verify("hex/encode", text == naive)
        try verify("hex/decode", Hex.decode(naive) == bytes)
        return try Kernel.all.filter(\.isSupported).flatMap { try hashing($0) } + [
            Operation("hex/encode/702B") { Hex.encode(bytes) },
            Operation("hex/decode/702B") { try Hex.decode(text) },
        ]
    }

    /// Returns one operation for each message length. Each operation hashes as many messages as the kernel can hash at
    /// the same time.
    private static func hashing(_ kernel: Kernel) throws -> [Operation] {
        try hashes.map { count, hash in
            let name = "keccak/\(kernel)/\(count)B"
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            let messages = Array(repeating: message, count: kernel.width)
            let digests = Keccak256.hash(many: messages, by: [kernel])
            try verify(name, digests.map { Hash($0) } == Array(repeating: Hash(hex: hash), count: kernel.width))
            if kernel.width > 1 { return Operation(name) { Keccak256.hash(many: messages, by: [kernel]) } }
            try verify(name, Keccak256.hash(message.span, by: kernel) == digests[0])
            return Operation(name) { Keccak256.hash(message.span, by: kernel) }
        }
    }
}
