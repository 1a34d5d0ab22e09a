import AirlockEthereumTypes

extension ABIParameters {
    /// The arguments as the specification encodes them: head and tail.
    public func encode(_ values: [ABIValue]) throws(ABIError) -> [UInt8] { try encode(values, after: nil) }

    func encode(_ values: [ABIValue], after selector: Selector?) throws(ABIError) -> [UInt8] {
        try check(values)
        return ABIWriter.encode(selector, words: headSize / 32) { write(values, to: &$0) }
    }

    /// The values must have been checked.
    fileprivate func write(_ values: [ABIValue], to writer: inout ABIWriter) {
        for (parameter, value) in zip(elements, values) { parameter.type.write(value, to: &writer) }
    }
}

extension ABIType {
    /// The value must have been checked.
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
