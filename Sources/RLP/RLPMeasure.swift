public import AirlockEthereumTypes

/// The first pass: how many bytes the items take, exactly. Nothing overflows: every byte of a string lies in memory already, and
/// the second pass would be stopped at its end.
@usableFromInline
struct RLPMeasure: RLPSink {
    @usableFromInline var count = 0

    @usableFromInline init() {}

    @inlinable @inline(__always)
    mutating func append(bytes: Span<UInt8>) {
        count &+= bytes.count == 1 && bytes[0] < 0x80 ? 1 : prefixLength(bytes.count) &+ bytes.count
    }

    @inlinable @inline(__always)
    mutating func append(address: Address) { count &+= 21 }

    @inlinable @inline(__always)
    mutating func append(integer: UInt64) { count &+= integer < 0x80 ? 1 : 1 &+ integer.byteCount }

    @inlinable @inline(__always)
    mutating func append(integer: UInt256) {
        if let small = UInt64(exactly: integer) { append(integer: small) } else { count &+= 1 &+ integer.byteCount }
    }

    @inlinable @inline(__always)
    mutating func appendEmptyList() { count &+= 1 }

    @inlinable
    mutating func append(list: some RLPList) {
        let payload = payloadLength(of: list)
        count &+= prefixLength(payload) &+ payload
    }
}

/// The first pass over a few fields: how many bytes they take at most. Integers are not looked at, so that next to nothing
/// is left of this pass: a sum of constants, and the lengths of the strings.
@usableFromInline
struct RLPBound: RLPSink {
    @usableFromInline var count = 0

    @usableFromInline init() {}

    @inlinable @inline(__always)
    mutating func append(bytes: Span<UInt8>) { count &+= 9 &+ bytes.count }

    @inlinable @inline(__always)
    mutating func append(address: Address) { count &+= 21 }

    @inlinable @inline(__always)
    mutating func append(integer: UInt64) { count &+= 9 }

    @inlinable @inline(__always)
    mutating func append(integer: UInt256) { count &+= 33 }

    @inlinable @inline(__always)
    mutating func appendEmptyList() { count &+= 1 }

    @inlinable
    mutating func append(list: some RLPList) { count &+= 9 &+ payloadLength(of: list) }
}

/// How many bytes the items of a list take.
@inlinable
func payloadLength(of list: some RLPList) -> Int {
    var measure = RLPMeasure()
    list.encodeItems(into: &measure)
    return measure.count
}

/// One byte up to a length of 55; above, one more for each byte of the length.
@inlinable
func prefixLength(_ length: Int) -> Int { length < 56 ? 1 : 1 &+ UInt64(truncatingIfNeeded: length).byteCount }

extension UInt64 {
    /// How many bytes the number needs without leading zeros; none for zero.
    @inlinable var byteCount: Int { (71 &- leadingZeroBitCount) &>> 3 }
}
