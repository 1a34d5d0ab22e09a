public import EthereumTypes

/// The second pass: memory of the measured length, written once from front to back. Every write is checked against its
/// end, so a value that measures and writes differently stops the program instead of spilling over.
extension OutputSpan: RLPSink where Element == UInt8 {
    public mutating func append(bytes: Span<UInt8>) {
        if bytes.count == 1, bytes[0] < 0x80 { return append(bytes[0]) }
        appendPrefix(0x80, bytes.count)
        copy(bytes)
    }

    public mutating func append(integer: UInt64) {
        if integer == 0 { return append(0x80) }
        if integer >= 0x80 { append(0x80 + UInt8(integer.byteCount)) }
        appendBigEndian(integer)
    }

    public mutating func append(integer: UInt256) {
        if let small = UInt64(exactly: integer) { return append(integer: small) }
        append(0x80 + UInt8(integer.byteCount))
        copy(integer.word.inline.span.extracting(droppingFirst: 32 - integer.byteCount))
    }

    public mutating func append(list: some RLPList) {
        appendPrefix(0xc0, payloadLength(of: list))
        list.encodeItems(into: &self)
    }

    /// The form of the prefix that the length calls for: in one byte up to 55, else the length of the length first.
    private mutating func appendPrefix(_ kind: UInt8, _ length: Int) {
        if length < 56 { return append(kind + UInt8(length)) }
        append(kind + 55 + UInt8(UInt64(length).byteCount))
        appendBigEndian(UInt64(length))
    }

    private mutating func appendBigEndian(_ integer: UInt64) {
        var shift = integer.byteCount * 8
        while shift > 0 {
            shift -= 8
            append(UInt8(truncatingIfNeeded: integer >> UInt64(shift)))
        }
    }

    private mutating func copy(_ bytes: Span<UInt8>) {
        precondition(bytes.count <= freeCapacity)
        unsafe withUnsafeMutableBufferPointer { memory, count in
            unsafe bytes.withUnsafeBufferPointer { source in
                _ = unsafe UnsafeMutableBufferPointer(rebasing: memory[count...]).initialize(fromContentsOf: source)
            }
            count += bytes.count
        }
    }
}
