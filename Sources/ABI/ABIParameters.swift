/// A type with its name, of a function's argument or of a tuple's component. The name may be empty.
public struct ABIParameter: Hashable, Sendable {
    public let name: String
    public let type: ABIType

    init(_ name: String, _ type: ABIType) {
        self.name = name
        self.type = type
    }
}

/// The arguments of a function, the components of a tuple: types, and names where they are known.
public struct ABIParameters: Hashable, Sendable {
    public let elements: [ABIParameter]
    /// Whether any element stands in the tail.
    public let isDynamic: Bool
    /// How many bytes the head takes.
    public let headSize: Int

    init(_ elements: [ABIParameter]) {
        self.elements = elements
        isDynamic = elements.contains { $0.type.isDynamic }
        headSize = elements.reduce(0) { $0 + $1.type.headSize }
    }

    /// Reads a list in parentheses: `(uint256,(address,bytes)[])`, with or without names.
    public init(_ text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        self = try parser.parameters()
        try parser.finish()
    }

    public static let none = ABIParameters([])

    public var isEmpty: Bool { elements.isEmpty }
}

extension ABIParameters: CustomStringConvertible {
    /// The canonical types in parentheses.
    public var description: String { "(\(elements.map(\.type.description).joined(separator: ",")))" }
}
