public import EthereumTypes

/// A value that is one item of RLP.
public protocol RLPEncodable {
    /// Appends itself, as one item.
    func encodeRLP(into sink: inout some RLPOutput)
}

/// A value whose item is a list.
public protocol RLPList: RLPEncodable {
    /// Appends the items of the list, in order, without the list's own prefix.
    func encodeItems(into sink: inout some RLPOutput)
}

extension RLPList {
    @inlinable
    public func encodeRLP(into sink: inout some RLPOutput) { sink.append(list: self) }
}

/// Where items go. There are two sinks, one that only measures and one that writes: one description of a value serves
/// both passes, so they cannot disagree.
public protocol RLPSink: ~Copyable, ~Escapable {
    /// A byte string.
    mutating func append(bytes: Span<UInt8>)
    /// An integer: big-endian, without leading zeros; zero is the empty string.
    mutating func append(integer: UInt64)
    /// An integer: big-endian, without leading zeros; zero is the empty string.
    mutating func append(integer: UInt256)
    mutating func append(list: some RLPList)
}

extension RLPSink where Self: ~Copyable & ~Escapable {
    @inlinable
    public mutating func append(bytes: [UInt8]) { append(bytes: bytes.span) }

    /// A byte string of fixed length; leading zeros stay.
    @inlinable
    public mutating func append<let count: Int>(bytes: FixedBytes<count>) { append(bytes: bytes.inline.span) }
}

/// A sink, which can be neither copied nor kept: `inout some RLPOutput`.
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
    public func encodeRLP(into sink: inout some RLPOutput) { sink.append(bytes: bytes) }
}
