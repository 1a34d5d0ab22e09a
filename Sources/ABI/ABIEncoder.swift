public import AirlockEthereumTypes

extension ABIParameters {
    /// Encodes the arguments as the ABI specification requires: first the head, then the tail.
    public func encode(_ values: [ABIValue]) throws(ABIError) -> [UInt8] { try encode(values, after: nil) }

    func encode(_ values: [ABIValue], after selector: Selector?) throws(ABIError) -> [UInt8] {
        try check(values)
        return ABIWriter.encode(selector, words: headSize / 32) { write(values, to: &$0) }
    }

    /// Writes the values of the parameters. The caller must have called `check` with these values before.
    fileprivate func write(_ values: [ABIValue], to writer: inout ABIWriter) {
        for (parameter, value) in zip(elements, values) { parameter.type.write(value, to: &writer) }
    }
}

extension ABIType {
    /// Writes one value. The caller must have checked before that the value has this type.
    fileprivate func write(_ value: ABIValue, to writer: inout ABIWriter) {
        switch value {
        case .uint(let number): writer.append(number)
        case .int(let number): writer.append(number.bitPattern)
        case .address(let address): writer.append(address)
        case .bool(let bool): writer.append(bool)
        case .fixedBytes(let bytes): writer.append(leftAligned: bytes.span)
        case .bytes(let bytes): writer.append(bytes: bytes.span)
        case .string(let string): writer.append(bytes: Array(string.utf8).span)
        case .array(let values): write(all: values, to: &writer)
        case .tuple(let values):
            guard case .tuple(let parameters) = kind else { return }
            if isDynamic {
                writer.tuple(words: parameters.headSize / 32) { parameters.write(values, to: &$0) }
            } else {
                parameters.write(values, to: &writer)
            }
        }
    }

    private func write(all values: [ABIValue], to writer: inout ABIWriter) {
        switch kind {
        case .list(let element):
            writer.array(count: values.count, words: element.headSize / 32) { writer in
                for value in values { element.write(value, to: &writer) }
            }
        case .array(let element, let count) where isDynamic:
            writer.tuple(words: count * element.headSize / 32) { writer in
                for value in values { element.write(value, to: &writer) }
            }
        case .array(let element, _):
            for value in values { element.write(value, to: &writer) }
        default: return
        }
    }
}

/// Encodes values without offsets and lengths. The result is used for hashing and cannot be decoded.
extension ABIParameters {
    /// Encodes the values as Solidity's `abi.encodePacked` does (the specification's non-standard packed mode). Each
    /// value takes only as many bytes as its type needs. Exception: the elements of an array are padded to 32 bytes.
    /// Solidity's `abi.encodePacked` does not support nested arrays. This function pads the elements of nested arrays
    /// to 32 bytes too.
    public func encodePacked(_ values: [ABIValue]) throws(ABIError) -> [UInt8] {
        try check(values)
        var bytes: [UInt8] = []
        for (index, (parameter, value)) in zip(elements, values).enumerated() {
            guard parameter.type.isPackable else {
                throw ABIError(.notPackable, at: .value("/\(index)"), saw: parameter.type.description)
            }
            parameter.type.pack(value, to: &bytes)
        }
        return bytes
    }
}

extension ABIType {
    /// Whether the type has a packed encoding. Structs, and arrays of `bytes` or `string`, have no packed encoding.
    fileprivate var isPackable: Bool {
        switch kind {
        case .tuple: false
        case .array(let element, _), .list(let element):
            element.kind != .bytes && element.kind != .string && element.isPackable
        default: true
        }
    }

    /// Appends the packed encoding of a value. The caller must have checked that the value has this type, and that the
    /// type has a packed encoding.
    fileprivate func pack(_ value: ABIValue, to bytes: inout [UInt8]) {
        switch (kind, value) {
        case (.uint(let bits), .uint(let number)):
            bytes += number.word.bytes.suffix(bits / 8)
        case (.int(let bits), .int(let number)):
            bytes += number.bitPattern.word.bytes.suffix(bits / 8)
        case (_, .address(let address)): bytes += address.bytes.bytes
        case (_, .bool(let bool)): bytes.append(bool ? 1 : 0)
        case (_, .array(let values)):
            for value in values { value.appendInPlace(to: &bytes) }
        case (_, .fixedBytes(let plain)), (_, .bytes(let plain)): bytes += plain
        case (_, .string(let string)): bytes += string.utf8
        default: return
        }
    }

    /// Returns the topic of an indexed event argument (the specification's "Encoding of Indexed Event Parameters"). If
    /// the value fits in a word, the topic is the value. Otherwise the topic is the Keccak-256 hash of the value's
    /// encoding without offsets and lengths. In this encoding, each part of an array or tuple is padded to 32 bytes. An
    /// argument of the type `bytes` or `string` is hashed without padding.
    ///
    /// The encoder of typed data (EIP-712) uses this function for elementary values, because EIP-712 encodes these
    /// values in the same manner. It does not use this function for arrays and structs, because EIP-712 encodes these
    /// differently.
    public func topic(of value: ABIValue) throws(ABIError) -> Hash {
        try check(value)
        var bytes: [UInt8] = []
        switch value {
        case .bytes(let plain): return .keccak(plain)
        case .string(let string): return .keccak(Array(string.utf8))
        case .array, .tuple:
            value.appendInPlace(to: &bytes)
            return .keccak(bytes)
        default:
            value.appendInPlace(to: &bytes)
            return Hash(bytes) ?? .zero
        }
    }

    /// Decodes an indexed event argument from its topic. If values of this type do not fit in a word, the topic is only
    /// the hash of the argument, and the result is this hash.
    func value(ofTopic topic: Hash) throws(ABIError) -> ABIValue {
        switch kind {
        case .bytes, .string, .array, .list, .tuple: .fixedBytes(topic.bytes)
        default: try value(of: ABIWord(UInt256(topic), at: 0))
        }
    }
}

extension ABIValue {
    /// Appends the value without offsets and lengths. Every elementary value, also inside an array or tuple, is padded
    /// to a multiple of 32 bytes.
    fileprivate func appendInPlace(to bytes: inout [UInt8]) {
        switch self {
        case .uint(let number): bytes += number.word.bytes
        case .int(let number): bytes += number.bitPattern.word.bytes
        case .address(let address): bytes += [UInt8](repeating: 0, count: 12) + address.bytes.bytes
        case .bool(let bool): bytes += UInt256(bool ? 1 : 0).word.bytes
        case .fixedBytes(let plain), .bytes(let plain): appendFilledUp(plain, to: &bytes)
        case .string(let string): appendFilledUp(Array(string.utf8), to: &bytes)
        case .array(let values), .tuple(let values):
            for value in values { value.appendInPlace(to: &bytes) }
        }
    }

    private func appendFilledUp(_ plain: [UInt8], to bytes: inout [UInt8]) {
        bytes += plain
        bytes += [UInt8](repeating: 0, count: -plain.count & 31)
    }
}
