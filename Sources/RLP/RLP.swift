/// Recursive Length Prefix, Ethereum's encoding of byte strings and lists of them (yellow paper, appendix B), in its
/// one canonical form.
///
/// Encoding measures, allocates once and writes; decoding is a cursor that refuses all but the canonical form, so what
/// decodes encodes to the same bytes again.
///
/// ```swift
/// let bytes = RLP.encode([1, 2, 3] as [UInt64])   // c3010203
///
/// var reader = RLPReader(bytes)
/// var numbers = try reader.list()
/// let first = try numbers.uint64()
/// ```
public enum RLP {
    /// The encoding of a value.
    @inlinable
    public static func encode(_ value: some RLPEncodable) -> [UInt8] {
        // Appending to an empty array allocates faster than the initializers that take a capacity.
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: length(of: value)) { output in value.encodeRLP(into: &output) }
        return bytes
    }

    /// The encoding of a list, after a byte of another layer (the type of a transaction, EIP-2718) if there is one.
    @inlinable
    public static func encode(_ list: some RLPList, after type: UInt8? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        encode(list, after: type, into: &bytes)
        return bytes
    }

    /// Replaces what the buffer holds by the encoding of a list; allocates only when the buffer is too small.
    @inlinable
    public static func encode(_ list: some RLPList, after type: UInt8? = nil, into buffer: inout [UInt8]) {
        let payload = payloadLength(of: list)
        buffer.removeAll(keepingCapacity: true)
        buffer.append(addingCapacity: 1 + prefixLength(payload) + payload) { output in
            if let type { output.append(type) }
            output.append(list, ofPayload: payload)
        }
    }

    /// How many bytes the encoding takes.
    @inlinable
    public static func length(of value: some RLPEncodable) -> Int {
        var measure = RLPMeasure()
        value.encodeRLP(into: &measure)
        return measure.count
    }
}
