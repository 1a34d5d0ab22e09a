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
        panic,
    ]

    static let panic = ContractError("Panic(uint256)", "the contract stopped with a panic code that is not known")
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

    /// What the revert means, as a sentence without a full stop. The meaning of a panic depends on its code.
    public var meaning: String {
        guard error.signature == ContractError.panic.signature, case .uint(let code)? = arguments?.first else {
            return error.meaning
        }
        return Self.panics[code] ?? error.meaning
    }

    /// The panic codes of Solidity ("Panic via assert and Error via require" in its documentation).
    private static let panics: [UInt256: String] = [
        0x01: "the contract broke an assertion of its own (panic code 0x01)",
        0x11: "an arithmetic operation of the contract overflowed (panic code 0x11)",
        0x12: "the contract divided by zero (panic code 0x12)",
        0x21: "the contract converted a number to an enum that has no such value (panic code 0x21)",
        0x22: "the contract read a byte array in its storage that is encoded wrongly (panic code 0x22)",
        0x31: "the contract took an element from an empty array (panic code 0x31)",
        0x32: "the contract used an index outside of an array (panic code 0x32)",
        0x41: "the contract asked for too much memory (panic code 0x41)",
        0x51: "the contract called a function that was never set (panic code 0x51)",
    ]

    /// The error as text, such as `InsufficientBalance(250)`. Text from the contract is escaped, so it is safe to
    /// print.
    public var text: String { text(limit: 200) }

    /// The error as text, like ``text``. Each argument is truncated to at most `limit` characters.
    public func text(limit: Int) -> String {
        let shown = arguments?.map { value in
            if case .string = value { return escaped(value.json.text, limit: limit) }
            return escaped(value.json.text.filter { $0 != "\"" }, limit: limit)
        }
        return "\(error.name)(\(shown?.joined(separator: ", ") ?? "..."))"
    }
}
