/// A type of the contract ABI. A value of `ABIType` is always valid, because it can be made only by parsing text:
///
/// ```swift
/// let type = try ABIType("(address,uint96[2])[]")
/// ```
public struct ABIType: Hashable, Sendable {
    /// The maximum nesting depth of arrays and tuples.
    public static let maximumDepth = 64
    /// The maximum head size of a type, in bytes. See `headSize`.
    static let maximumSize = 1 << 31

    public indirect enum Kind: Hashable, Sendable {
        case uint(bits: Int)
        case int(bits: Int)
        case address
        case bool
        /// One of the types `bytes1` to `bytes32`.
        case fixedBytes(count: Int)
        /// The type `function`. A value of this type is an address and a selector, and is encoded as `bytes24`.
        case function
        case bytes
        case string
        /// An array of fixed length, such as `uint256[3]`.
        case array(ABIType, count: Int)
        /// An array of any length, such as `uint256[]`.
        case list(ABIType)
        case tuple(ABIParameters)
    }

    public let kind: Kind
    /// Whether values of this type are encoded in the tail, with an offset in the head.
    public let isDynamic: Bool
    /// The number of bytes that a value of this type has in the head. A static value is in the head itself. A dynamic
    /// value has only its offset in the head.
    public let headSize: Int
    /// The number of levels of nested arrays and tuples in this type.
    let depth: Int
    /// Whether the encoding of a value of this type, or of a part of it, is always empty. Examples are `()`, `uint8[0]`
    /// and `(bool,())`.
    let hasPartWithoutSize: Bool

    /// Makes a type. The caller is the parser, which has already checked the parameters of `kind`, for example the
    /// number of bits of an integer.
    init(_ kind: Kind) {
        self.kind = kind
        switch kind {
        case .uint, .int, .address, .bool, .fixedBytes, .function:
            isDynamic = false
            headSize = 32
            depth = 0
            hasPartWithoutSize = false
        case .bytes, .string:
            isDynamic = true
            headSize = 32
            depth = 0
            hasPartWithoutSize = false
        case .list(let element):
            isDynamic = true
            headSize = 32
            depth = element.depth + 1
            hasPartWithoutSize = element.hasPartWithoutSize
        case .array(let element, let count):
            isDynamic = element.isDynamic
            headSize = element.isDynamic ? 32 : count * element.headSize
            depth = element.depth + 1
            hasPartWithoutSize = headSize == 0 || element.hasPartWithoutSize
        case .tuple(let parameters):
            isDynamic = parameters.isDynamic
            headSize = parameters.isDynamic ? 32 : parameters.headSize
            depth = 1 + parameters.elements.reduce(0) { max($0, $1.type.depth) }
            hasPartWithoutSize = headSize == 0 || parameters.elements.contains { $0.type.hasPartWithoutSize }
        }
    }

    /// Reads a type such as `uint256`, `bytes[]` or `(address to, uint256 amount)[2]`.
    public init(_ text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        self = try parser.type()
        try parser.finish()
    }
}

extension ABIType: CustomStringConvertible {
    /// The canonical name of the type: without aliases, parameter names and spaces. Canonical signatures contain this
    /// name.
    public var description: String {
        switch kind {
        case .uint(let bits): "uint\(bits)"
        case .int(let bits): "int\(bits)"
        case .address: "address"
        case .bool: "bool"
        case .fixedBytes(let count): "bytes\(count)"
        case .function: "function"
        case .bytes: "bytes"
        case .string: "string"
        case .array(let element, let count): "\(element)[\(count)]"
        case .list(let element): "\(element)[]"
        case .tuple(let parameters): parameters.description
        }
    }
}

/// An argument of a function or a component of a tuple. It has a type and a name, and the name can be empty.
public struct ABIParameter: Hashable, Sendable {
    public let name: String
    public let type: ABIType

    init(_ name: String, _ type: ABIType) {
        self.name = name
        self.type = type
    }
}

/// The arguments of a function or the components of a tuple.
public struct ABIParameters: Hashable, Sendable {
    public let elements: [ABIParameter]
    /// Whether any parameter has a dynamic type. Values of dynamic types are encoded in the tail.
    public let isDynamic: Bool
    /// The number of bytes in the head of the encoded values.
    public let headSize: Int

    init(_ elements: [ABIParameter]) {
        self.elements = elements
        isDynamic = elements.contains { $0.type.isDynamic }
        headSize = elements.reduce(0) { $0 + $1.type.headSize }
    }

    /// Reads a list of parameters in parentheses, such as `(uint256,(address,bytes)[])`. The parameters can have names.
    public init(_ text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        self = try parser.parameters()
        try parser.finish()
    }

    public static let none = ABIParameters([])

    public var isEmpty: Bool { elements.isEmpty }
}

extension ABIParameters: CustomStringConvertible {
    /// The canonical names of the types, in parentheses.
    public var description: String { "(\(elements.map(\.type.description).joined(separator: ",")))" }
}
