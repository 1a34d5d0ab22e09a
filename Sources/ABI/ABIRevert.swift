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
