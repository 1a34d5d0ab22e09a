import AirlockABI
import AirlockEthereumTypes
import AirlockStrictJSON

/// Decodes ABI data. The first bytes of the input choose the types, and the other bytes are the data.
func feedABI(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    var chooser = TypeChooser(rest: bytes[...])
    let text = chooser.parameters(depth: 0)
    let data = Array(chooser.rest)
    let parameters: ABIParameters
    do { parameters = try ABIParameters(text) } catch {
        try require(error.rule == .elementsWithoutSize || error.rule == .typeTooLarge, "a chosen type is a type")
        return false
    }
    try require(parameters.description == text, "a type is written as it was read")
    let values: [ABIValue]
    do { values = try parameters.decode(data) } catch {
        guard case .offset(0...data.count) = error.place else {
            throw BrokenInvariant(description: "what is refused lies inside of the data")
        }
        return false
    }
    try require((try? parameters.encode(values)) == data, "what is decoded encodes to the same bytes")
    let json = try? JSONDocument(JSONOutput.array(values.map(\.json)).bytes).root
    try require(json.flatMap { try? parameters.values(from: $0) } == values, "values are read from JSON as they were")
    for (parameter, value) in zip(parameters.elements, values) {
        try require((try? parameter.type.topic(of: value)) != nil, "every value can be a topic")
    }
    _ = try? parameters.encodePacked(values)
    return true
}

/// A generator of ABI types. Each byte of the input makes one choice. When no byte is left, the generator always makes
/// the first choice, such as `bool`.
private struct TypeChooser {
    var rest: ArraySlice<UInt8>

    mutating func parameters(depth: Int) -> String {
        "(\((0..<choice(of: 5)).map { _ in type(depth: depth) }.joined(separator: ",")))"
    }

    private mutating func type(depth: Int) -> String {
        switch choice(of: depth < 4 ? 11 : 8) {
        case 0: "bool"
        case 1: "uint\(8 + 8 * choice(of: 32))"
        case 2: "int\(8 + 8 * choice(of: 32))"
        case 3: "bytes\(1 + choice(of: 32))"
        case 4: "address"
        case 5: "function"
        case 6: "bytes"
        case 7: "string"
        case 8: type(depth: depth + 1) + "[]"
        case 9: type(depth: depth + 1) + "[\(choice(of: 256))]"
        default: parameters(depth: depth + 1)
        }
    }

    private mutating func choice(of count: Int) -> Int { Int(rest.popFirst() ?? 0) % count }
}
