/// An unsigned integer of 256 bits: every amount, fee and number of the EVM. Arithmetic says when it overflows.
public struct UInt256: Hashable, Sendable {
    /// 64 bits each, the lowest first.
    @usableFromInline let w0, w1, w2, w3: UInt64

    @inlinable init(_ w0: UInt64, _ w1: UInt64, _ w2: UInt64, _ w3: UInt64) {
        self.w0 = w0
        self.w1 = w1
        self.w2 = w2
        self.w3 = w3
    }

    public static let zero = UInt256(0, 0, 0, 0)
    public static let max = UInt256(.max, .max, .max, .max)

    @inlinable public init(_ value: UInt64) { self.init(value, 0, 0, 0) }

    @inlinable public var isZero: Bool { w0 | w1 | w2 | w3 == 0 }

    @inlinable public var leadingZeroBitCount: Int {
        if w3 != 0 { return w3.leadingZeroBitCount }
        if w2 != 0 { return 64 + w2.leadingZeroBitCount }
        if w1 != 0 { return 128 + w1.leadingZeroBitCount }
        return 192 + w0.leadingZeroBitCount
    }

    /// How many bytes the number needs without leading zeros; none for zero.
    @inlinable public var byteCount: Int { (263 &- leadingZeroBitCount) &>> 3 }
}

extension UInt256: Comparable {
    @inlinable public static func < (left: UInt256, right: UInt256) -> Bool {
        if left.w3 != right.w3 { return left.w3 < right.w3 }
        if left.w2 != right.w2 { return left.w2 < right.w2 }
        if left.w1 != right.w1 { return left.w1 < right.w1 }
        return left.w0 < right.w0
    }
}

extension UInt256: ExpressibleByIntegerLiteral {
    @inlinable public init(integerLiteral value: UInt64) { self.init(value) }
}

extension UInt64 {
    /// `nil` when the value does not fit.
    @inlinable public init?(exactly value: UInt256) {
        guard value.w1 | value.w2 | value.w3 == 0 else { return nil }
        self = value.w0
    }
}

extension Int {
    /// `nil` when the value does not fit.
    @inlinable public init?(exactly value: UInt256) {
        guard let small = UInt64(exactly: value), let int = Int(exactly: small) else { return nil }
        self = int
    }
}
