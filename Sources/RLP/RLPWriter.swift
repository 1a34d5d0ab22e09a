public import EthereumTypes

/// The second pass: memory of the measured length, written once from front to back. Every write is checked against its
/// end, so a value that measures and writes differently stops the program instead of spilling over.
extension OutputSpan: RLPSink where Element == UInt8 {
    @inlinable
    public mutating func append(bytes: Span<UInt8>) {
        if bytes.count == 1, bytes[0] < 0x80 { return append(bytes[0]) }
        appendPrefix(0x80, bytes.count)
        copy(bytes)
    }

    @inlinable @inline(__always)
    public mutating func append(integer: UInt64) {
        if integer < 0x80 { return append(integer == 0 ? 0x80 : UInt8(integer)) }
        append(0x80 + UInt8(integer.byteCount))
        appendBigEndian(integer)
    }

    @inlinable
    public mutating func append(integer: UInt256) {
        if let small = UInt64(exactly: integer) { return append(integer: small) }
        append(0x80 + UInt8(integer.byteCount))
        let (first, second, third, fourth) = integer.bigEndianWords
        var started = appendLimb(first, started: false)
        started = appendLimb(second, started: started)
        started = appendLimb(third, started: started)
        _ = appendLimb(fourth, started: started)
    }

    /// The next 64 bits of an integer: whole when bits of it came before, else without leading zeros.
    @inlinable
    mutating func appendLimb(_ limb: UInt64, started: Bool) -> Bool {
        if started { append(firstBytes: 8, of: limb) } else { appendBigEndian(limb) }
        return started || limb != 0
    }

    @inlinable
    public mutating func append(list: some RLPList) { append(list, ofPayload: payloadLength(of: list)) }

    /// A list whose payload was measured before.
    @inlinable
    mutating func append(_ list: some RLPList, ofPayload length: Int) {
        appendPrefix(0xc0, length)
        list.encodeItems(into: &self)
    }

    /// The form of the prefix that the length calls for: in one byte up to 55, else the length of the length first.
    @inlinable
    mutating func appendPrefix(_ kind: UInt8, _ length: Int) {
        if length < 56 { return append(kind + UInt8(length)) }
        append(kind + 55 + UInt8(UInt64(length).byteCount))
        appendBigEndian(UInt64(length))
    }

    /// Without leading zeros.
    @inlinable
    mutating func appendBigEndian(_ integer: UInt64) {
        let count = integer.byteCount
        append(firstBytes: count, of: integer &<< UInt64(truncatingIfNeeded: 64 &- count &* 8))
    }

    /// The first bytes of a big-endian word.
    @inlinable @inline(__always)
    mutating func append(firstBytes count: Int, of word: UInt64) {
        precondition(count <= freeCapacity)
        unsafe withUnsafeMutableBufferPointer { memory, written in
            if memory.count &- written >= 8 {
                // One store of eight; those too many are written over by what comes next.
                unsafe UnsafeMutableRawBufferPointer(memory)
                    .storeBytes(of: word.bigEndian, toByteOffset: written, as: UInt64.self)
            } else {
                for index in 0..<count {
                    unsafe memory[written + index] = UInt8(truncatingIfNeeded: word >> UInt64(56 - index * 8))
                }
            }
            written &+= count
        }
    }

    @inlinable @inline(__always)
    mutating func copy(_ bytes: Span<UInt8>) {
        precondition(bytes.count <= freeCapacity)
        unsafe withUnsafeMutableBufferPointer { memory, written in
            let rest = unsafe UnsafeMutableBufferPointer(rebasing: memory[written...])
            unsafe bytes.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(rest).copyMemory(from: $0) }
            written &+= bytes.count
        }
    }
}
