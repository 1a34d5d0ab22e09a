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
    /// The encoding of a value, after a byte of another layer (the type of a transaction, EIP-2718) if there is one.
    public static func encode(_ value: some RLPEncodable, after type: UInt8? = nil) -> [UInt8] {
        let count = length(of: value) + (type == nil ? 0 : 1)
        return [UInt8](capacity: count) { output in
            if let type { output.append(type) }
            value.encodeRLP(into: &output)
        }
    }

    /// Replaces what the buffer holds by the encoding of a value; allocates only when the buffer is too small.
    public static func encode(_ value: some RLPEncodable, after type: UInt8? = nil, into buffer: inout [UInt8]) {
        let count = length(of: value) + (type == nil ? 0 : 1)
        buffer.removeAll(keepingCapacity: true)
        buffer.append(addingCapacity: count) { output in
            if let type { output.append(type) }
            value.encodeRLP(into: &output)
        }
    }

    /// How many bytes the encoding takes.
    public static func length(of value: some RLPEncodable) -> Int {
        var measure = RLPMeasure()
        value.encodeRLP(into: &measure)
        return measure.count
    }
}
