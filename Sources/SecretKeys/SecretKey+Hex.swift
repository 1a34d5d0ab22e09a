import AirlockSecp256k1
import AirlockGcrypt
import AirlockDiagnostics

extension SecretKey {
    /// Reads 64 hexadecimal digits, with or without `0x`, without branching on a digit.
    public init(hex text: Span<UInt8>) throws(SecretKeyError) {
        var digits = text
        if digits.count == 66, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x") {
            digits = digits.extracting(droppingFirst: 2)
        }
        guard digits.count == 64 else { throw SecretKeyError(.notHex) }
        var bytes: SecureBytes
        do { bytes = try SecureBytes(count: 32) } catch { throw SecretKeyError(error.problems.first) }
        var wrong: Int16 = 0
        bytes.withMutableBytes { bytes in
            for index in 0..<32 {
                let high = nibble(digits[index * 2], &wrong)
                let low = nibble(digits[index * 2 + 1], &wrong)
                bytes[index] = UInt8(truncatingIfNeeded: high << 4 | low)
            }
        }
        // What is no digit makes the key zero, which is none: so only the engine decides whether there is a key, and it
        // does not branch on one. Which rule was broken is asked when there is nothing left to keep.
        let mask = UInt8(truncatingIfNeeded: ~((wrong | (0 &- wrong)) &>> 15))
        bytes.withMutableBytes { bytes in
            for index in bytes.indices { bytes[index] &= mask }
        }
        do { try self.init(bytes) } catch {
            throw error.rule == .outOfRange && wrong != 0 ? SecretKeyError(.notHex) : error
        }
    }
}

/// The value of a digit; what is none leaves bits in `wrong`.
private func nibble(_ character: UInt8, _ wrong: inout Int16) -> Int16 {
    let digit = Int16(character) &- 0x30
    let letter = Int16(character | 0x20) &- 0x61
    // All ones where the character is in the range, else zero: both differences are then not negative.
    let isDigit = ~((digit | (9 &- digit)) &>> 15)
    let isLetter = ~((letter | (5 &- letter)) &>> 15)
    wrong |= ~(isDigit | isLetter)
    return digit & isDigit | (letter &+ 10) & isLetter
}
