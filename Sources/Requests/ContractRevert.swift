public import AirlockABI
public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockStrictJSON

/// An error that a contract can return when it reverts.
public struct ContractError: Cause {
    /// The name of the error and the types of its parameters, such as `InsufficientBalance(uint256)`.
    public let signature: String
    /// What the error means, as a sentence without a full stop.
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

    /// The two standard errors of Solidity. Every Solidity contract can revert with them.
    public static let solidity = [
        ContractError("Error(string)", "the contract says why in its own words"),
        ContractError("Panic(uint256)", "the contract broke an assertion of its own"),
    ]
}

/// The decoded revert data of a call: a known error and its arguments.
public struct ContractRevert: Hashable, Sendable {
    public let error: ContractError
    /// The arguments of the error; `nil` if the revert data does not match the error's declaration.
    public let arguments: [ABIValue]?

    /// Decodes revert data. Returns `nil` if the data does not begin with the selector of an error in `errors`.
    public init?(_ data: [UInt8], among errors: some Sequence<ContractError>) {
        guard data.count >= 4, let selector = FixedBytes<4>(Array(data.prefix(4))),
            let error = errors.first(where: { $0.selector.bytes == selector })
        else { return nil }
        self.error = error
        self.arguments = (try? ABIRevert(error.signature)).flatMap { try? $0.decode(data) }
    }

    /// The error as text, such as `InsufficientBalance(250)`. Text from the contract is escaped, so it is safe to
    /// print.
    public var text: String {
        let shown = arguments?.map { value in
            if case .string = value { return escaped(value.json.text, limit: 200) }
            return escaped(value.json.text.filter { $0 != "\"" }, limit: 200)
        }
        return "\(error.name)(\(shown?.joined(separator: ", ") ?? "..."))"
    }
}
