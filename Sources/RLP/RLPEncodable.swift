public import AirlockEthereumTypes

/// A value that can be encoded as one item of RLP.
public protocol RLPEncodable {
    /// Appends the value to the encoding, as one item.
    func encodeRLP(into sink: inout some RLPOutput)
}

/// A value that is encoded as a list.
public protocol RLPList: RLPEncodable {
    /// Appends the items of the list, in order. This function must not append the prefix of the list, because the
    /// caller appends it.
    func encodeItems(into sink: inout some RLPOutput)
}

extension RLPList {
    @inlinable
    public func encodeRLP(into sink: inout some RLPOutput) { sink.append(list: self) }
}

/// Encodes some fields of a value as a list. Use this if the list is only a part of the value's encoding. For example,
/// a typed transaction is encoded as a type byte and a list of fields.
public protocol RLPFields<Value> {
    associatedtype Value
    /// Appends the items of the list, in order. This function must not append the prefix of the list, because the
    /// caller appends it.
    static func encodeItems(of value: Value, into sink: inout some RLPOutput)
}

/// A destination for the items of an encoding. One destination counts the exact size of the items, one computes an
/// upper bound of the size, and one writes the items. A value uses the same code to append its items to each of the
/// three destinations. Therefore the computed size is always sufficient for the written items.
public protocol RLPSink: ~Copyable, ~Escapable {
    /// Appends a byte string.
    mutating func append(bytes: Span<UInt8>)
    /// Appends an address, which is a byte string of 20 bytes.
    mutating func append(address: Address)
    /// Appends an integer as a big-endian byte string without leading zeros. Zero is the empty byte string.
    mutating func append(integer: UInt64)
    /// Appends an integer as a big-endian byte string without leading zeros. Zero is the empty byte string.
    mutating func append(integer: UInt256)
    mutating func append(list: some RLPList)
    mutating func appendEmptyList()
}

extension RLPSink where Self: ~Copyable & ~Escapable {
    @inlinable @inline(__always)
    public mutating func append(bytes: [UInt8]) { append(bytes: bytes.span) }

    /// Appends a byte string of fixed length. Unlike an integer, it keeps its leading zeros.
    @inlinable @inline(__always)
    public mutating func append<let count: Int>(bytes: FixedBytes<count>) { append(bytes: bytes.inline.span) }
}

/// The type constraint for a parameter that is a destination of an encoding, as in `inout some RLPOutput`. It also
/// allows destinations that cannot be copied (`~Copyable`), and destinations that must not leave their scope
/// (`~Escapable`).
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
