import AirlockKeccak

/// Prints the digests of messages of 0 to 300 bytes. Each message is hashed as a whole and in two parts. If two builds
/// print the same text, their digests are equal.
@main
struct PrintDigests {
    static func main() {
        for length in 0...300 {
            let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) }
            var hasher = Keccak256()
            hasher.update(Array(message.prefix(length / 3)))
            hasher.update(Array(message.dropFirst(length / 3)))
            print(hexadecimal(Keccak256.hash(message)) + " " + hexadecimal(hasher.finish()))
        }
    }

    static func hexadecimal(_ digest: Keccak256.Digest) -> String {
        var digits: [UInt8] = []
        for byte in digest.bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }
}
