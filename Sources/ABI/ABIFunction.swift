public import AirlockEthereumTypes

/// A function of a contract: its name, arguments, results and mutability.
public struct ABIFunction: Hashable, Sendable {
    /// The state mutability of a function: whether a call reads or changes the state of the chain, and whether it
    /// accepts native currency.
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

    /// Reads a signature such as `transfer(address,uint256)`, or a whole declaration in Solidity:
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

    /// The canonical signature of the function, such as `transfer(address,uint256)`. The selector is the first four
    /// bytes of the signature's hash.
    public var signature: String { "\(name)\(inputs)" }

    /// Encodes call data: the selector and the arguments.
    public func encodeCall(_ arguments: [ABIValue]) throws(ABIError) -> [UInt8] {
        try inputs.encode(arguments, after: selector)
    }

    /// Decodes the arguments in call data.
    public func decodeCall(_ data: Span<UInt8>) throws(ABIError) -> [ABIValue] {
        try inputs.decode(data, after: selector)
    }

    /// Decodes the arguments in call data.
    public func decodeCall(_ data: [UInt8]) throws(ABIError) -> [ABIValue] { try decodeCall(data.span) }
}

/// An error of a contract, such as `InvalidNonce()`. A call that reverts with this error returns the encoded error.
public struct ABIRevert: Hashable, Sendable {
    public let name: String
    public let inputs: ABIParameters
    public let selector: Selector

    init(_ name: String, _ inputs: ABIParameters) {
        self.name = name
        self.inputs = inputs
        selector = Selector(signature: "\(name)\(inputs)")
    }

    /// Reads the signature of an error, such as `InsufficientBalance(uint256)`, or a declaration, such as
    /// `error InsufficientBalance(uint256 difference)`.
    public init(_ text: String) throws(ABIError) {
        var parser = SignatureParser(text)
        let name = try parser.declaredName("error")
        let inputs = try parser.parameters()
        try parser.finish()
        self.init(name, inputs)
    }

    /// The canonical signature of the error, such as `InsufficientBalance(uint256)`. The selector is the first four
    /// bytes of the signature's hash.
    public var signature: String { "\(name)\(inputs)" }

    /// Encodes the error as the data that a reverted call returns.
    public func encode(_ arguments: [ABIValue]) throws(ABIError) -> [UInt8] {
        try inputs.encode(arguments, after: selector)
    }

    /// Decodes the arguments in the data that a reverted call returned.
    public func decode(_ data: Span<UInt8>) throws(ABIError) -> [ABIValue] {
        try inputs.decode(data, after: selector)
    }

    /// Decodes the arguments in the data that a reverted call returned.
    public func decode(_ data: [UInt8]) throws(ABIError) -> [ABIValue] { try decode(data.span) }
}

/// The selector of a function or an error: the first four bytes of the hash of its signature.
public struct Selector: Hashable, Sendable {
    public let bytes: FixedBytes<4>

    /// Computes the selector from a signature, such as `transfer(address,uint256)`. The signature must be canonical,
    /// but the initializer does not check this.
    public init(signature: String) {
        let hash = Hash.topic(signature: signature)
        bytes = FixedBytes { hash[$0] }
    }

    /// Reads the selector at the start of call data or revert data. Returns `nil` if the data has fewer than four
    /// bytes.
    public init?(of data: Span<UInt8>) {
        guard data.count >= 4 else { return nil }
        bytes = FixedBytes { data[$0] }
    }
}

extension Selector: CustomStringConvertible {
    /// The selector as text: `0x` and eight lower-case hexadecimal digits.
    public var description: String { bytes.description }
}
