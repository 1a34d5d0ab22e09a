/// CRC-32 as in ISO-HDLC (zlib, PNG): of bytewords, and of the message in parts.
public enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
    }

    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    }
}

/// SHA-256 (FIPS 180-4) of the few public bytes that seed a generator: small, and not made for speed or for secrets.
enum SHA256 {
    /// The first 64.
    private static let primes: [UInt64] = (2...311).filter { candidate in
        (2..<candidate).allSatisfy { candidate % $0 != 0 }
    }

    /// The first 32 bits of the fractional part of a prime's square root or cube root.
    private static func fraction(_ prime: UInt64, root: Int) -> UInt32 {
        // The largest x with x^root at most prime * 2^(32 * root), found bit by bit; its low 32 bits are the fraction.
        var x: UInt64 = 0
        for bit in (0..<36).reversed() {
            let candidate = x | 1 << UInt64(bit)
            let square = UInt128(candidate) * UInt128(candidate)
            let isBelow =
                root == 2
                ? square <= UInt128(prime) << 64
                : square * UInt128(candidate) <= UInt128(prime) << 96
            if isBelow { x = candidate }
        }
        return UInt32(truncatingIfNeeded: x)
    }

    private static let roundConstants = primes.map { fraction($0, root: 3) }
    private static let initial = primes.prefix(8).map { fraction($0, root: 2) }

    static func hash(_ message: [UInt8]) -> [UInt8] {
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        padded += bigEndian(UInt64(message.count) * 8)
        var state = initial
        for block in stride(from: 0, to: padded.count, by: 64) {
            compress(padded[block..<block + 64], into: &state)
        }
        return state.flatMap { bigEndian($0) }
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { start in
            block[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (near, far) = (words[index - 2], words[index - 15])
            let first = rotate(far, 7) ^ rotate(far, 18) ^ (far >> 3)
            let second = rotate(near, 17) ^ rotate(near, 19) ^ (near >> 10)
            words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
        }
        var v = state
        for index in 0..<64 {
            let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
            let upper = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)
            let lower = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)
            let first = v[7] &+ upper &+ choice &+ roundConstants[index] &+ words[index]
            v = [first &+ lower &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        for index in 0..<8 { state[index] &+= v[index] }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
}

func bigEndian<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) -> [UInt8] {
    stride(from: Integer.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> Integer($0)) }
}
