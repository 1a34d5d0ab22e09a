import AirlockEthereumTypes

/// Decodes ABI data in the strict mode of the ABI specification. Data is accepted only if the encoder would write the
/// same bytes. Every offset points to the end of the values before it, and every byte belongs to exactly one value.
/// No byte is decoded twice, and every part of an array's element has bytes of its own. So short data cannot cause a
/// long decoding time: the number of values is at most the number of parts of the type, plus
/// ``ABIType/maximumDepth`` + 1 for each word of the data.
extension ABIParameters {
    /// Decodes the values of the parameters. Throws if the data is not exactly what the encoder writes for these
    /// values.
    public func decode(_ data: Span<UInt8>) throws(ABIError) -> [ABIValue] { try decode(data, from: 0) }

    /// Decodes the values of the parameters. Throws if the data is not exactly what the encoder writes for these
    /// values.
    public func decode(_ data: [UInt8]) throws(ABIError) -> [ABIValue] { try decode(data.span) }

    func decode(_ data: Span<UInt8>, after selector: Selector) throws(ABIError) -> [ABIValue] {
        try selector.require(in: data)
        return try decode(data, from: 4)
    }

    private func decode(_ data: Span<UInt8>, from start: Int) throws(ABIError) -> [ABIValue] {
        var cursor = ABICursor(start: start)
        let values = try cursor.tuple(self, data)
        guard cursor.tail == data.count else { throw ABIError(.trailingData, at: .offset(cursor.tail)) }
        return values
    }
}

extension Selector {
    /// Throws if the data does not begin with this selector.
    func require(in data: Span<UInt8>) throws(ABIError) {
        guard data.count >= 4 else {
            throw ABIError(.tooShort, at: .offset(data.count), expected: "a selector of 4 bytes")
        }
        guard let found = Selector(of: data), found == self else {
            let saw = Selector(of: data)?.description
            throw ABIError(.wrongSelector, at: .offset(0), saw: saw, expected: description)
        }
    }
}

extension ABICursor {
    mutating func tuple(_ parameters: ABIParameters, _ data: Span<UInt8>) throws(ABIError) -> [ABIValue] {
        let outside = try enter(headSize: parameters.headSize, data)
        defer { leave(to: outside) }
        return try parts(parameters, data)
    }

    private mutating func sequence(
        of element: ABIType, count: Int, _ data: Span<UInt8>
    ) throws(ABIError) -> [ABIValue] {
        let outside = try enter(headSize: count * element.headSize, data)
        defer { leave(to: outside) }
        return try repeated(element, count: count, data)
    }

    private mutating func parts(_ parameters: ABIParameters, _ data: Span<UInt8>) throws(ABIError) -> [ABIValue] {
        var values: [ABIValue] = []
        values.reserveCapacity(parameters.elements.count)
        for parameter in parameters.elements { values.append(try value(parameter.type, data)) }
        return values
    }

    private mutating func repeated(
        _ element: ABIType, count: Int, _ data: Span<UInt8>
    ) throws(ABIError) -> [ABIValue] {
        var values: [ABIValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try value(element, data)) }
        return values
    }

    private mutating func value(_ type: ABIType, _ data: Span<UInt8>) throws(ABIError) -> ABIValue {
        guard type.isDynamic else {
            switch type.kind {
            case .tuple(let parameters): return .tuple(try parts(parameters, data))
            case .array(let element, let count): return .array(try repeated(element, count: count, data))
            default: return try type.value(of: word(data))
            }
        }
        switch type.kind {
        case .string: return .string(try string(data))
        case .bytes: return .bytes(try bytes(data))
        default: break
        }
        try followOffset(data)
        switch type.kind {
        case .tuple(let parameters): return .tuple(try tuple(parameters, data))
        case .array(let element, let count): return .array(try sequence(of: element, count: count, data))
        case .list(let element):
            let count = try length(of: element.headSize, data)
            return .array(try sequence(of: element, count: count, data))
        default: return .bytes([])
        }
    }
}

extension ABIType {
    /// Reads a word as a value of this type. The type must be elementary and static.
    func value(of word: ABIWord) throws(ABIError) -> ABIValue {
        switch kind {
        case .uint(let bits): .uint(try word.uint(bits: bits))
        case .int(let bits): .int(try word.int(bits: bits))
        case .address: .address(try word.address())
        case .bool: .bool(try word.bool())
        case .fixedBytes(let count): .fixedBytes(try word.leftAligned(count))
        default: .fixedBytes(try word.leftAligned(24))
        }
    }
}
