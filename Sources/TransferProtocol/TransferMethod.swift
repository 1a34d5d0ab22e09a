public import ABI
public import Problems

/// The functions of the contract by which a charge can be paid.
public enum TransferMethod: String, CaseIterable, Sendable {
    case transferNative
    case transferTokenPreApproved
    case wrapAndTransfer
    case swapAndTransferUniswapV3Native

    /// What it does, as the review says it.
    public var summary: String {
        switch self {
        case .transferNative: "pays in the chain's native currency"
        case .transferTokenPreApproved: "takes the token from the payer, who has approved the contract for it before"
        case .wrapAndTransfer: "wraps the payer's native currency and pays in its wrapped form"
        case .swapAndTransferUniswapV3Native:
            "swaps the payer's native currency for the token on Uniswap V3 and pays; what is left comes back"
        }
    }

    /// Reads a function's name; nothing for `auto`, which leaves the choice to the charge.
    public static func choice(_ text: String) throws(Problem) -> TransferMethod? {
        guard text != "auto" else { return nil }
        guard let method = TransferMethod(rawValue: text) else {
            let names = ["auto"] + allCases.map(\.rawValue)
            throw Problem(PaymentRule.unknownMethod, saw: text, expected: "one of \(names.joined(separator: ", "))")
        }
        return method
    }

    /// Does it spend native currency, besides the network fee?
    public var spendsNative: Bool { self != .transferTokenPreApproved }

    /// The fee tiers of Uniswap V3 pools.
    public static let poolFees: [UInt64] = [100, 500, 3000, 10000]
    public static let defaultPoolFee: UInt64 = 500
}

extension TransferMethod {
    /// The function as the contract declares it, with the names of its arguments.
    public var function: ABIFunction {
        switch self {
        case .transferNative: Self.transferNativeFunction
        case .transferTokenPreApproved: Self.transferTokenPreApprovedFunction
        case .wrapAndTransfer: Self.wrapAndTransferFunction
        case .swapAndTransferUniswapV3Native: Self.swapNativeFunction
        }
    }

    // Each is read once, when it is first used.
    private static let transferNativeFunction = declared("transferNative(\(intent)) payable")
    private static let transferTokenPreApprovedFunction = declared("transferTokenPreApproved(\(intent))")
    private static let wrapAndTransferFunction = declared("wrapAndTransfer(\(intent)) payable")
    private static let swapNativeFunction = declared(
        "swapAndTransferUniswapV3Native(\(intent), uint24 poolFeesTier) payable")

    private static let intent = """
        (uint256 recipientAmount, uint256 deadline, address recipient, address recipientCurrency, \
        address refundDestination, uint256 feeAmount, bytes16 id, address operator, bytes signature, bytes prefix) intent
        """

    private static func declared(_ text: String) -> ABIFunction {
        do { return try ABIFunction("function \(text)") } catch { preconditionFailure("\(text): \(error)") }
    }
}
