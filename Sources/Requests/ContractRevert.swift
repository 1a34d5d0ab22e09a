public import AirlockABI
public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockStrictJSON

/// An error that a contract reverts with.
public struct ContractError: Cause {
    /// The name with its types: `InsufficientBalance(uint256)`.
    public let signature: String
    /// The meaning of the error, as a sentence without its full stop.
    public let meaning: String
    /// Whether the error means that the payer's allowance for the contract is too low.
    public let isAllowance: Bool

    public var name: String { String(signature.prefix { $0 != "(" }) }
    public var selector: Selector { Selector(signature: signature) }

    public init(_ signature: String, _ meaning: String, isAllowance: Bool = false) {
        self.signature = signature
        self.meaning = meaning
        self.isAllowance = isAllowance
    }

    /// The errors that every Solidity contract can revert with.
    public static let solidity = [
        ContractError("Error(string)", "the contract says why in its own words"),
        ContractError("Panic(uint256)", "the contract broke an assertion of its own"),
    ]
}

/// The decoded data of a reverted call: a known error and its arguments.
public struct ContractRevert: Hashable, Sendable {
    public let error: ContractError
    /// `nil` if the data after the selector do not match the declaration of the error.
    public let arguments: [ABIValue]?

    /// Returns `nil` if the data do not begin with the selector of one of the errors.
    public init?(_ data: [UInt8], among errors: some Sequence<ContractError>) {
        guard data.count >= 4, let selector = FixedBytes<4>(Array(data.prefix(4))),
            let error = errors.first(where: { $0.selector.bytes == selector })
        else { return nil }
        self.error = error
        self.arguments = (try? ABIRevert(error.signature)).flatMap { try? $0.decode(data) }
    }

    /// `InsufficientBalance(250)`, safe to print: text from the contract is escaped.
    public var text: String {
        let shown = arguments?.map { value in
            if case .string = value { return escaped(value.json.text, limit: 200) }
            return escaped(value.json.text.filter { $0 != "\"" }, limit: 200)
        }
        return "\(error.name)(\(shown?.joined(separator: ", ") ?? "..."))"
    }
}
