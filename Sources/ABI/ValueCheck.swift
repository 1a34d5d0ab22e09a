import AirlockEthereumTypes

extension ABIType {
    /// Throws unless the value, to its last part, is one of this type.
    func check(_ value: ABIValue) throws(ABIError) {
        switch (kind, value) {
        case (.uint(let bits), .uint(let number)):
            guard 256 - number.leadingZeroBitCount <= bits else { throw outOfRange(number.description) }
        case (.int(let bits), .int(let number)):
            guard number.bitCount <= bits else { throw outOfRange(number.description) }
        case (.fixedBytes(let count), .fixedBytes(let bytes)) where bytes.count == count: break
        case (.function, .fixedBytes(let bytes)) where bytes.count == 24: break
        case (.address, .address), (.bool, .bool), (.bytes, .bytes), (.string, .string): break
        case (.array(let element, let count), .array(let values)):
            guard values.count == count else { throw wrongCount(values.count, count) }
            try element.check(all: values)
        case (.list(let element), .array(let values)):
            try element.check(all: values)
        case (.tuple(let parameters), .tuple(let values)):
            try parameters.check(values)
        default:
            throw ABIError(.typeMismatch, at: .value(""), saw: value.kind, expected: description)
        }
    }

    private func check(all values: [ABIValue]) throws(ABIError) {
        for (index, value) in values.enumerated() {
            do throws(ABIError) { try check(value) } catch { throw error.inside(index) }
        }
    }

    private func outOfRange(_ number: String) -> ABIError {
        ABIError(.outOfRange, at: .value(""), saw: number, expected: description)
    }
}

extension ABIParameters {
    /// Throws unless there is one value for each parameter, and each is one of its type.
    func check(_ values: [ABIValue]) throws(ABIError) {
        guard values.count == elements.count else { throw wrongCount(values.count, elements.count) }
        for (index, (parameter, value)) in zip(elements, values).enumerated() {
            do throws(ABIError) { try parameter.type.check(value) } catch { throw error.inside(index) }
        }
    }
}

private func wrongCount(_ count: Int, _ expected: Int) -> ABIError {
    ABIError(.wrongCount, at: .value(""), saw: "\(count)", expected: "\(expected)")
}
