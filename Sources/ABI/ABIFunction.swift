public import AirlockEthereumTypes

/// A function of a contract: how it is called, and what it answers.
public struct ABIFunction: Hashable, Sendable {
    /// What a call may do to the state of the chain.
    public enum Mutability: String, Hashable, Sendable {
        case pure, view, nonpayable, payable
    }

    public let name: String
    public let inputs: ABIParameters
    public let outputs: ABIParameters
    public let mutability: Mutability
    public let selector: Selector

    init(_ name: String, _ inputs: ABIParameters, _ outputs: ABIParameters, _ mutability: Mutability) {
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.mutability = mutability
        selector = Selector(signature: "\(name)\(inputs)")
    }

    /// Reads `transfer(address,uint256)`, or the whole of Solidity's declaration:
    /// `function transfer(address to, uint256 amount) external returns (bool)`.
    public init(_ text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        let name = try parser.declaredName("function")
        let inputs = try parser.parameters()
        var mutability = Mutability.nonpayable
        var outputs = ABIParameters.none
        while let word = parser.modifier() {
            switch word {
            case "external", "public": break
            case "returns":
                outputs = try parser.parameters()
                try parser.finish()
            default:
                guard let known = Mutability(rawValue: word) else {
                    throw parser.syntax(at: word, expected: "view, pure, payable, external, public or returns")
                }
                mutability = known
            }
        }
        try parser.finish()
        self.init(name, inputs, outputs, mutability)
    }

    /// `transfer(address,uint256)`: what the selector is the hash of.
    public var signature: String { "\(name)\(inputs)" }

    /// Call data: the selector and the arguments.
    public func encodeCall(_ arguments: [ABIValue]) throws(ABIError) -> [UInt8] {
        try inputs.encode(arguments, after: selector)
    }

    /// The arguments in call data.
    public func decodeCall(_ data: Span<UInt8>) throws(ABIError) -> [ABIValue] {
        try inputs.decode(data, after: selector)
    }

    /// The arguments in call data.
    public func decodeCall(_ data: [UInt8]) throws(ABIError) -> [ABIValue] { try decodeCall(data.span) }
}

/// An error that a contract declares, and that a reverted call returns: `Error(string)`, `InvalidNonce()`.
public struct ABIRevert: Hashable, Sendable {
    public let name: String
    public let inputs: ABIParameters
    public let selector: Selector

    init(_ name: String, _ inputs: ABIParameters) {
        self.name = name
        self.inputs = inputs
        selector = Selector(signature: "\(name)\(inputs)")
    }

    /// Reads `InsufficientBalance(uint256)`, or `error InsufficientBalance(uint256 difference)`.
    public init(_ text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        let name = try parser.declaredName("error")
        let inputs = try parser.parameters()
        try parser.finish()
        self.init(name, inputs)
    }

    /// `InsufficientBalance(uint256)`: what the selector is the hash of.
    public var signature: String { "\(name)\(inputs)" }

    /// What a reverted call returns.
    public func encode(_ arguments: [ABIValue]) throws(ABIError) -> [UInt8] {
        try inputs.encode(arguments, after: selector)
    }

    /// The arguments in what a reverted call returned.
    public func decode(_ data: Span<UInt8>) throws(ABIError) -> [ABIValue] {
        try inputs.decode(data, after: selector)
    }

    /// The arguments in what a reverted call returned.
    public func decode(_ data: [UInt8]) throws(ABIError) -> [ABIValue] { try decode(data.span) }
}

/// The four bytes that name a function or an error: the first of the hash of its signature.
public struct Selector: Hashable, Sendable {
    public let bytes: FixedBytes<4>

    /// From a canonical signature such as `transfer(address,uint256)`: hashed as it stands, not read.
    public init(signature: String) {
        let hash = Hash.topic(signature: signature)
        bytes = FixedBytes { hash[$0] }
    }

    /// The first four bytes of call data or of what a revert returned; `nil` when there are fewer.
    public init?(of data: Span<UInt8>) {
        guard data.count >= 4 else { return nil }
        bytes = FixedBytes { data[$0] }
    }
}

extension Selector: CustomStringConvertible {
    /// `0x` and eight lower-case digits.
    public var description: String { bytes.description }
}
