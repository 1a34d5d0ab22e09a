public import AirlockABI
import AirlockDiagnostics
import AirlockStrictJSON

/// What a reverted call returned, taken apart: a known error and its arguments.
public struct ContractRevert: Hashable, Sendable {
    public let error: ContractError
    /// Nothing when what follows the selector is not what the error declares.
    public let arguments: [ABIValue]?

    /// Nothing when the error is not a known one.
    public init?(_ data: [UInt8]) {
        guard let error = ContractError.matching(data) else { return nil }
        self.error = error
        self.arguments = (try? ABIRevert(error.signature)).flatMap { try? $0.decode(data) }
    }

    /// `InsufficientBalance(250)`, safe to print: what came from the contract went through the escaper.
    public var text: String {
        let shown = arguments?.map { value in
            if case .string = value { return escaped(value.json.text, limit: 200) }
            return escaped(value.json.text.filter { $0 != "\"" }, limit: 200)
        }
        return "\(error.name)(\(shown?.joined(separator: ", ") ?? "..."))"
    }
}
