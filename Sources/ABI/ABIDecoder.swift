import AirlockEthereumTypes

/// Decoding follows the specification's strict mode: only the encoding that encoding gives is read. So every offset
/// points at the end of what came before it, every byte belongs to one value, and the work is bounded by the data.
extension ABIParameters {
    /// The values that the data encode, and nothing else.
    public func decode(_ data: Span<UInt8>) throws(ABIError) -> [ABIValue] { try decode(data, from: 0) }

    /// The values that the data encode, and nothing else.
    public func decode(_ data: [UInt8]) throws(ABIError) -> [ABIValue] { try decode(data.span) }

    func decode(_ data: Span<UInt8>, after selector: Selector) throws(ABIError) -> [ABIValue] {
        guard data.count >= 4 else {
            throw ABIError(.tooShort, at: .offset(data.count), expected: "a selector of 4 bytes")
        }
        guard let found = Selector(of: data), found == selector else {
            let saw = Selector(of: data)?.description
            throw ABIError(.wrongSelector, at: .offset(0), saw: saw, expected: selector.description)
        }
        return try decode(data, from: 4)
    }

    private func decode(_ data: Span<UInt8>, from start: Int) throws(ABIError) -> [ABIValue] {
        var cursor = Cursor(start: start)
        let values = try cursor.tuple(self, data)
        guard cursor.tail == data.count else { throw ABIError(.trailingData, at: .offset(cursor.tail)) }
        return values
    }
}

/// The places of the current tuple: what a recursive descent carries along.
private struct Cursor {
    /// Where the tuple begins: its offsets count from here.
    var start: Int
    /// The next word of the head.
    var head: Int
    /// The end of what has been decoded: the one place that an offset may point at.
    var tail: Int

    init(start: Int) {
        self.start = start
        head = start
        tail = start
    }

    // MARK: Heads

    /// Decodes a head that begins at the tail's end, and its tails.
    private mutating func nested<Result>(
        headSize: Int, _ data: Span<UInt8>, _ body: (inout Cursor, Span<UInt8>) throws(ABIError) -> Result
    ) throws(ABIError) -> Result {
        guard headSize <= data.count - tail else { throw ABIError(.tooShort, at: .offset(data.count)) }
        var inner = Cursor(start: tail)
        inner.tail += headSize
        let result = try body(&inner, data)
        tail = inner.tail
        return result
    }

    mutating func tuple(_ parameters: ABIParameters, _ data: Span<UInt8>) throws(ABIError) -> [ABIValue] {
        try nested(headSize: parameters.headSize, data) { inner, data throws(ABIError) in
            try inner.parts(parameters, data)
        }
    }

    private mutating func sequence(
        of element: ABIType, count: Int, _ data: Span<UInt8>
    ) throws(ABIError) -> [ABIValue] {
        try nested(headSize: count * element.headSize, data) { inner, data throws(ABIError) in
            try inner.repeated(element, count: count, data)
        }
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

    // MARK: Values

    private mutating func value(_ type: ABIType, _ data: Span<UInt8>) throws(ABIError) -> ABIValue {
        guard type.isDynamic else {
            switch type.kind {
            case .tuple(let parameters): return .tuple(try parts(parameters, data))
            case .array(let element, let count): return .array(try repeated(element, count: count, data))
            default:
                defer { head += 32 }
                return try type.value(of: .at(head, in: data), at: head)
            }
        }
        try followOffset(data)
        switch type.kind {
        case .tuple(let parameters): return .tuple(try tuple(parameters, data))
        case .array(let element, let count): return .array(try sequence(of: element, count: count, data))
        case .list(let element):
            let count = try length(of: element.headSize, data)
            return .array(try sequence(of: element, count: count, data))
        case .string:
            let place = tail + 32
            let bytes = try bytes(data)
            guard let string = String(validating: bytes, as: UTF8.self) else {
                throw ABIError(.badUTF8, at: .offset(place))
            }
            return .string(string)
        default: return .bytes(try bytes(data))
        }
    }

    /// Strict mode: offsets are as small as they can be without overlap, and there are no gaps.
    private mutating func followOffset(_ data: Span<UInt8>) throws(ABIError) {
        let offset = UInt256.at(head, in: data)
        guard let place = Int(exactly: offset), place <= data.count - start else {
            throw ABIError(.offsetOutside, at: .offset(head), saw: offset.description)
        }
        guard start + place == tail else {
            throw ABIError(.wrongOffset, at: .offset(head), saw: offset.description, expected: "\(tail - start)")
        }
        head += 32
    }

    /// Reads a length: of that many elements of that size, all of which must be there.
    private mutating func length(of size: Int, _ data: Span<UInt8>) throws(ABIError) -> Int {
        guard data.count - tail >= 32 else { throw ABIError(.tooShort, at: .offset(data.count)) }
        let length = UInt256.at(tail, in: data)
        guard let count = Int(exactly: length), count <= (data.count - tail - 32) / size else {
            throw ABIError(.lengthTooLarge, at: .offset(tail), saw: length.description)
        }
        tail += 32
        return count
    }

    private mutating func bytes(_ data: Span<UInt8>) throws(ABIError) -> [UInt8] {
        let count = try length(of: 1, data)
        let padded = (count + 31) & ~31
        guard padded <= data.count - tail else { throw ABIError(.tooShort, at: .offset(data.count)) }
        for place in tail + count..<tail + padded where data[place] != 0 {
            throw ABIError(.dirtyPadding, at: .offset(place))
        }
        let span = data.extracting(tail..<tail + count)
        tail += padded
        return unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }
}

extension UInt256 {
    /// The word at that place, which must be inside the data.
    fileprivate static func at(_ place: Int, in data: Span<UInt8>) -> UInt256 {
        let word = unsafe data.bytes.extracting(place..<place + 32)
        func lane(_ offset: Int) -> UInt64 {
            unsafe UInt64(bigEndian: word.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        return UInt256(bigEndianWords: (lane(0), lane(8), lane(16), lane(24)))
    }
}

extension ABIType {
    /// The value of an elementary static type in a word.
    func value(of word: UInt256, at place: Int) throws(ABIError) -> ABIValue {
        switch kind {
        case .uint(let bits):
            guard 256 - word.leadingZeroBitCount <= bits else { throw outOfRange(word.description, at: place) }
            return .uint(word)
        case .int(let bits):
            let number = Int256(bitPattern: word)
            guard number.bitCount <= bits else { throw outOfRange(number.description, at: place) }
            return .int(number)
        case .address:
            guard word.leadingZeroBitCount >= 96 else { throw ABIError(.dirtyPadding, at: .offset(place)) }
            return .address(Address(lowBytesOf: word.word))
        case .bool:
            guard let bit = UInt64(exactly: word), bit <= 1 else {
                throw ABIError(.notBoolean, at: .offset(place), saw: word.description)
            }
            return .bool(bit == 1)
        case .fixedBytes(let count): return .fixedBytes(try leftAligned(word, count, at: place))
        default: return .fixedBytes(try leftAligned(word, 24, at: place))
        }
    }

    private func leftAligned(_ word: UInt256, _ count: Int, at place: Int) throws(ABIError) -> [UInt8] {
        let bytes = word.word.bytes
        for index in count..<32 where bytes[index] != 0 {
            throw ABIError(.dirtyPadding, at: .offset(place + index))
        }
        return Array(bytes.prefix(count))
    }

    private func outOfRange(_ number: String, at place: Int) -> ABIError {
        ABIError(.outOfRange, at: .offset(place), saw: number, expected: description)
    }
}
