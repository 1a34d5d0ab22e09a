internal import AirlockEthereumTypes
internal import AirlockDiagnostics
internal import AirlockStrictJSON

/// The values of Ethereum's JSON-RPC. Quantities have no leading zeros, data has an even number of digits.
extension ObjectReader {
    mutating func quantity(_ key: String) -> UInt256? { string(key, { try UInt256(quantity: $0) }) }

    mutating func optionalQuantity(_ key: String) -> UInt256? { optionalString(key, { try UInt256(quantity: $0) }) }

    /// A quantity that counts something: blocks, gas, seconds.
    mutating func count(_ key: String) -> UInt64? { string(key, smallQuantity) }

    mutating func optionalCount(_ key: String) -> UInt64? { optionalString(key, smallQuantity) }

    mutating func hash(_ key: String) -> Hash? { string(key, { try Hash(hex: $0) }) }

    mutating func optionalHash(_ key: String) -> Hash? { optionalString(key, { try Hash(hex: $0) }) }

    /// A hash that may be left out, and otherwise is the one that is known.
    mutating func require(_ key: String, _ known: Hash?) {
        guard let known, let said = optionalHash(key), said != known else { return }
        record([Problem(RPCRule.otherReceipt, at: pointer(to: key), saw: "\(said)", expected: "\(known)")])
    }

    mutating func address(_ key: String) -> Address? { string(key, { try Address($0) }) }

    mutating func optionalAddress(_ key: String) -> Address? { optionalString(key, { try Address($0) }) }

    mutating func data(_ key: String) -> [UInt8]? { string(key, { try Hex.decode($0) }) }

    mutating func quantities(_ key: String) -> [UInt256]? { strings(key, { try UInt256(quantity: $0) }) }

    /// An element of an array in an array.
    mutating func quantity(of element: JSONValue) -> UInt256? {
        do {
            return try UInt256(quantity: element.string ?? element.text)
        } catch {
            record(error.problems.map { $0.at(element.pointer) })
            return nil
        }
    }

    /// An object that must be said, and may be null: nothing yet, as nodes say of what they do not know.
    mutating func nullable<Value>(_ key: String, _ read: (inout ObjectReader) -> Value?) -> Value?? {
        guard let member = value(key) else { return nil }
        if member.isNull { return .some(nil) }
        return object(key, read).map { .some($0) }
    }
}

private func smallQuantity(_ text: String) throws(ValueError) -> UInt64 {
    guard let small = UInt64(exactly: try UInt256(quantity: text)) else {
        throw ValueError(.tooLarge, saw: text, expected: "at most 64 bits")
    }
    return small
}
