public import AirlockEthereumTypes

/// A value that encodes as one item of RLP.
public protocol RLPEncodable {
    /// Appends the value as one item.
    func encodeRLP(into sink: inout some RLPOutput)
}

/// A value that encodes as a list.
public protocol RLPList: RLPEncodable {
    /// Appends the items of the list, in order, without the list's own prefix.
    func encodeItems(into sink: inout some RLPOutput)
}

extension RLPList {
    @inlinable
    public func encodeRLP(into sink: inout some RLPOutput) { sink.append(list: self) }
}

/// Encodes a value as a list, for values that are more than a list: a typed transaction, for example, is a type byte
/// and a list of fields.
public protocol RLPFields<Value> {
    associatedtype Value
    /// Appends the items of the list, in order, without the list's own prefix.
    static func encodeItems(of value: Value, into sink: inout some RLPOutput)
}

/// Receives the items of an encoding. One sink counts their exact size, one computes an upper bound, and one writes
/// them. A value describes its items once for all sinks, so these cannot disagree.
public protocol RLPSink: ~Copyable, ~Escapable {
    /// A byte string.
    mutating func append(bytes: Span<UInt8>)
    /// A byte string of 20 bytes.
    mutating func append(address: Address)
    /// An integer: big-endian without leading zeros. Zero is the empty string.
    mutating func append(integer: UInt64)
    /// An integer: big-endian without leading zeros. Zero is the empty string.
    mutating func append(integer: UInt256)
    mutating func append(list: some RLPList)
    mutating func appendEmptyList()
}

extension RLPSink where Self: ~Copyable & ~Escapable {
    @inlinable @inline(__always)
    public mutating func append(bytes: [UInt8]) { append(bytes: bytes.span) }

    /// A byte string of fixed length, with its leading zeros.
    @inlinable @inline(__always)
    public mutating func append<let count: Int>(bytes: FixedBytes<count>) { append(bytes: bytes.inline.span) }
}

/// A sink that can be neither copied nor stored, for parameters of type `inout some RLPOutput`.
public typealias RLPOutput = RLPSink & ~Copyable & ~Escapable

extension Array: RLPEncodable, RLPList where Element: RLPEncodable {
    @inlinable
    public func encodeItems(into sink: inout some RLPOutput) {
        for element in self { element.encodeRLP(into: &sink) }
    }
}

extension UInt64: RLPEncodable {
    @inlinable
    public func encodeRLP(into sink: inout some RLPOutput) { sink.append(integer: self) }
}

extension UInt256: RLPEncodable {
    @inlinable
    public func encodeRLP(into sink: inout some RLPOutput) { sink.append(integer: self) }
}

extension FixedBytes: RLPEncodable {
    @inlinable
    public func encodeRLP(into sink: inout some RLPOutput) { sink.append(bytes: self) }
}

extension Address: RLPEncodable {
    @inlinable
    public func encodeRLP(into sink: inout some RLPOutput) { sink.append(address: self) }
}
