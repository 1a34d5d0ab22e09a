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
        var bytes: [UInt8] = []
        append(length(of: value), to: &bytes) { writer in value.encodeRLP(into: &writer) }
        return bytes
    }

    /// The encoding of a list, after a byte of another layer (the type of a transaction, EIP-2718) if there is one.
    @inlinable
    public static func encode<List: RLPList>(_ list: List, after type: UInt8? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        encode(list, after: type, into: &bytes)
        return bytes
    }

    /// Replaces what the buffer holds by the encoding of a list; allocates only when the buffer is too small.
    @inlinable
    public static func encode<List: RLPList>(_ list: List, after type: UInt8? = nil, into buffer: inout [UInt8]) {
        let payload = payloadLength(of: list)
        if !buffer.isEmpty { buffer.removeAll(keepingCapacity: true) }
        append((type == nil ? 0 : 1) + prefixLength(payload) + payload, to: &buffer) { writer in
            if let type { writer.append(type) }
            writer.appendPrefix(0xc0, payload)
            list.encodeItems(into: &writer)
        }
    }

    /// The encoding of the list of a value's fields, after a byte of another layer if there is one.
    @inlinable @inline(__always)
    public static func encode<Fields: RLPFields>(
        _ value: Fields.Value, as fields: Fields.Type, after type: UInt8?
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        encode(value, as: fields, after: type, into: &bytes)
        return bytes
    }

    /// Replaces what the buffer holds by the encoding of the list of a value's fields: few, so that there may be some room
    /// too much, and nothing needs to be measured first.
    @inlinable @inline(__always)
    public static func encode<Fields: RLPFields>(
        _ value: Fields.Value, as fields: Fields.Type, after type: UInt8?, into buffer: inout [UInt8]
    ) {
        var bound = RLPBound()
        fields.encodeItems(of: value, into: &bound)
        let most = bound.count
        if !buffer.isEmpty { buffer.removeAll(keepingCapacity: true) }
        append(atMost: (type == nil ? 0 : 1) + prefixLength(most) + most, to: &buffer) { writer in
            if let type { writer.append(type) }
            let start = unsafe writer.beginList(atMost: most)
            fields.encodeItems(of: value, into: &writer)
            unsafe writer.endList(start, atMost: most)
        }
    }

    /// Appends as many bytes as were measured.
    @inlinable @inline(__always)
    static func append(_ count: Int, to buffer: inout [UInt8], _ write: (inout RLPWriter) -> Void) {
        append(atMost: count, to: &buffer) { writer in
            write(&writer)
            writer.finish()
        }
    }

    /// Appends what is written. Appending to an empty array allocates faster than the initializers that take a capacity.
    @inlinable @inline(__always)
    static func append(atMost count: Int, to buffer: inout [UInt8], _ write: (inout RLPWriter) -> Void) {
        buffer.append(addingCapacity: count + RLPWriter.slack) { output in
            unsafe output.withUnsafeMutableBufferPointer { memory, written in
                guard let start = UnsafeMutableRawPointer(memory.baseAddress) else { return }
                var writer = unsafe RLPWriter(start + written, count: count)
                write(&writer)
                written = unsafe writer.next - start
            }
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

/// Any RLP as a tree, for showing it and for making it from text. Known structures are read with `RLPReader` instead.
public indirect enum RLPItem: Hashable, Sendable {
    case bytes([UInt8])
    case list([RLPItem])

    /// How many lists may lie within each other; no structure of Ethereum comes near it.
    public static let maximumDepth = 128

    /// Reads one item that is the whole input.
    public init(decoding input: [UInt8]) throws(RLPError) {
        var reader = RLPReader(input)
        self = try reader.item()
        try reader.finish()
    }
}

extension RLPReader {
    /// The next item, whatever it is.
    public mutating func item() throws(RLPError) -> RLPItem { try item(depth: 0) }

    private mutating func item(depth: Int) throws(RLPError) -> RLPItem {
        guard isAtList else { return .bytes(Array(try bytes())) }
        guard depth < RLPItem.maximumDepth else { throw RLPError(.tooDeep, at: position) }
        var list = try list()
        var items: [RLPItem] = []
        while !list.isAtEnd { items.append(try list.item(depth: depth + 1)) }
        return .list(items)
    }
}

extension RLPItem: RLPEncodable {
    public func encodeRLP(into sink: inout some RLPOutput) {
        switch self {
        case .bytes(let bytes): sink.append(bytes: bytes)
        case .list(let items): sink.append(list: items)
        }
    }
}
