import EthereumTypes

/// The first pass: how many bytes the items take.
struct RLPMeasure: RLPSink {
    private(set) var count = 0

    mutating func append(bytes: Span<UInt8>) {
        count += bytes.count == 1 && bytes[0] < 0x80 ? 1 : prefixLength(bytes.count) + bytes.count
    }

    mutating func append(integer: UInt64) { count += integer < 0x80 ? 1 : 1 + integer.byteCount }

    mutating func append(integer: UInt256) { count += integer < 0x80 ? 1 : 1 + integer.byteCount }

    mutating func append(list: some RLPList) {
        let payload = payloadLength(of: list)
        count += prefixLength(payload) + payload
    }
}

/// How many bytes the items of a list take.
func payloadLength(of list: some RLPList) -> Int {
    var measure = RLPMeasure()
    list.encodeItems(into: &measure)
    return measure.count
}

/// One byte up to a length of 55; above, one more for each byte of the length.
private func prefixLength(_ length: Int) -> Int { length < 56 ? 1 : 1 + UInt64(length).byteCount }

extension UInt64 {
    /// How many bytes the number needs without leading zeros; none for zero.
    var byteCount: Int { (64 - leadingZeroBitCount + 7) / 8 }
}
