/// Recursive Length Prefix (RLP), Ethereum's encoding of byte strings and nested lists, in its canonical form (yellow
/// paper, appendix B).
///
/// The encoder computes the size, allocates memory once and writes. The decoder accepts only the canonical form, so
/// encoding a decoded value gives the same bytes.
///
/// ```swift
/// let bytes = RLP.encode([1, 2, 3] as [UInt64])   // c3010203
///
/// var reader = RLPReader(bytes)
/// var numbers = try reader.list()
/// let first = try numbers.uint64()
/// ```
public enum RLP {
    /// Encodes a value as RLP.
    @inlinable
    public static func encode(_ value: some RLPEncodable) -> [UInt8] {
        var bytes: [UInt8] = []
        append(length(of: value), to: &bytes) { writer in value.encodeRLP(into: &writer) }
        return bytes
    }

    /// Encodes a list. If `type` is not `nil`, writes this type byte of EIP-2718 before the list.
    @inlinable
    public static func encode<List: RLPList>(_ list: List, after type: UInt8? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        encode(list, after: type, into: &bytes)
        return bytes
    }

    /// Replaces the contents of the buffer with the encoding of a list. Memory is allocated only if the buffer is too
    /// small.
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

    /// Encodes the fields of a value as a list. If `type` is not `nil`, writes this type byte of EIP-2718 before the
    /// list.
    @inlinable @inline(__always)
    public static func encode<Fields: RLPFields>(
        _ value: Fields.Value, as fields: Fields.Type, after type: UInt8?
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        encode(value, as: fields, after: type, into: &bytes)
        return bytes
    }

    /// Replaces the contents of the buffer with the encoding of a value's fields. Memory is reserved for an upper bound
    /// of the size. For a few fields, computing this bound is faster than computing the exact size.
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

    /// Appends the bytes that the function `write` writes. It must write exactly `count` bytes.
    @inlinable @inline(__always)
    static func append(_ count: Int, to buffer: inout [UInt8], _ write: (inout RLPWriter) -> Void) {
        append(atMost: count, to: &buffer) { writer in
            write(&writer)
            writer.finish()
        }
    }

    /// Appends the bytes that the function `write` writes. It must not write more than `count` bytes. The memory is
    /// allocated by appending to the buffer, because this is faster than the array initializers that take a capacity.
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

    /// Returns the size of the value's encoding in bytes.
    @inlinable
    public static func length(of value: some RLPEncodable) -> Int {
        var measure = RLPMeasure()
        value.encodeRLP(into: &measure)
        return measure.count
    }
}

/// Any RLP item as a tree. Use it to print an item, or to build an item from text. To read data of a known structure,
/// use `RLPReader` instead.
public indirect enum RLPItem: Hashable, Sendable {
    case bytes([UInt8])
    case list([RLPItem])

    /// The maximum nesting depth of lists. All structures of Ethereum are nested far less deeply.
    public static let maximumDepth = 128

    /// Decodes one item. The item must be the whole input.
    public init(decoding input: [UInt8]) throws(RLPError) {
        var reader = RLPReader(input)
        self = try reader.item()
        try reader.finish()
    }
}

extension RLPReader {
    /// Reads the next item, which may be a byte string or a list.
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
