/// A signed integer of 256 bits, stored in two's complement as in the EVM.
public struct Int256: Hashable, Sendable {
    /// The bits of this number, interpreted as an unsigned integer.
    public let bitPattern: UInt256

    public init(bitPattern: UInt256) { self.bitPattern = bitPattern }

    public init(_ value: Int64) {
        let low = UInt64(bitPattern: value)
        bitPattern = value < 0 ? UInt256(low, .max, .max, .max) : UInt256(low)
    }

    public static let min = Int256(bitPattern: UInt256(0, 0, 0, 1 << 63))
    public static let max = Int256(bitPattern: UInt256(.max, .max, .max, .max >> 1))

    public var isNegative: Bool { bitPattern.w3 >> 63 == 1 }

    /// The absolute value of the number.
    public var magnitude: UInt256 { isNegative ? Self.negated(bitPattern) : bitPattern }

    /// The number of bits that the value needs in two's complement, including the sign bit.
    public var bitCount: Int {
        let ones = isNegative ? UInt256.max.subtractingReportingOverflow(bitPattern).partialValue : bitPattern
        return 257 - ones.leadingZeroBitCount
    }

    private static func negated(_ value: UInt256) -> UInt256 {
        UInt256.zero.subtractingReportingOverflow(value).partialValue
    }
}

extension Int256: Comparable {
    public static func < (left: Int256, right: Int256) -> Bool {
        left.isNegative == right.isNegative ? left.bitPattern < right.bitPattern : left.isNegative
    }
}

extension Int256: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self.init(value) }
}

extension Int256: CustomStringConvertible {
    /// Reads decimal digits after an optional minus sign. Refuses a plus sign, spaces, leading zeros and `-0`.
    public init(decimal text: some StringProtocol) throws(ValueError) {
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        // The sign is cut off as a byte, because a combining character after it would be part of the same `Character`.
        let digits = String(decoding: text.utf8.dropFirst(isNegative ? 1 : 0), as: UTF8.self)
        let magnitude: UInt256
        do {
            magnitude = try UInt256(decimal: digits)
        } catch {
            throw ValueError(error.rule, saw: text, expected: "a decimal integer from -2^255 to 2^255 - 1")
        }
        guard !isNegative || !magnitude.isZero else {
            throw ValueError(.notDecimal, saw: text, expected: "0")
        }
        let value = Int256(bitPattern: isNegative ? Self.negated(magnitude) : magnitude)
        guard value.isNegative == isNegative else {
            throw ValueError(.tooLarge, saw: text, expected: "-2^255 to 2^255 - 1")
        }
        self = value
    }

    /// The value in decimal digits. A negative value begins with a minus sign.
    public var description: String { isNegative ? "-\(magnitude)" : bitPattern.description }
}
