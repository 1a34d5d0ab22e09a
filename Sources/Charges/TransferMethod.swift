public import AirlockABI
public import AirlockDiagnostics

/// The functions of the payment contract that pay a charge. The payer sends the transaction, except for
/// `subsidizedTransferToken`, which somebody else sends.
public enum TransferMethod: String, CaseIterable, Sendable {
    case transferNative
    case transferToken
    case transferTokenPreApproved
    case wrapAndTransfer
    case unwrapAndTransfer
    case unwrapAndTransferPreApproved
    case swapAndTransferUniswapV3Native
    case swapAndTransferUniswapV3Token
    case swapAndTransferUniswapV3TokenPreApproved
    case subsidizedTransferToken

    /// The ways in which the contract can receive the payer's money.
    public enum Source: Sendable {
        /// The payer pays with native currency, which the transaction sends with the call.
        case native
        /// The payer pays with a token, and has approved the payment contract for this token.
        case approved
        /// The payer pays with a token, has approved Permit2 for this token, and signs a permit for this payment only.
        case permitted
        /// The payer pays with a token, and signs a permit of the token itself (EIP-2612). Somebody else sends the
        /// call.
        case subsidized
    }

    public var source: Source {
        switch self {
        case .transferNative, .wrapAndTransfer, .swapAndTransferUniswapV3Native: .native
        case .transferTokenPreApproved, .unwrapAndTransferPreApproved, .swapAndTransferUniswapV3TokenPreApproved:
            .approved
        case .transferToken, .unwrapAndTransfer, .swapAndTransferUniswapV3Token: .permitted
        case .subsidizedTransferToken: .subsidized
        }
    }

    /// Reads the name of a method, which is the name of the contract's function. Returns `nil` for the name `auto`,
    /// which means that Airlock chooses the method.
    public static func choice(_ text: String) throws(Problem) -> TransferMethod? {
        guard text != "auto" else { return nil }
        guard let method = TransferMethod(rawValue: text) else {
            let names = ["auto"] + allCases.map(\.rawValue)
            throw Problem(PaymentRule.unknownMethod, saw: text, expected: "one of \(names.joined(separator: ", "))")
        }
        return method
    }

    /// Whether someone else sends the call. The payer then signs only a permit, and no transaction.
    public var isSubsidized: Bool { source == .subsidized }

    /// Whether the method spends native currency for the payment itself, not only for the network fee.
    public var spendsNative: Bool { source == .native }

    /// Whether the method buys the requested currency on Uniswap. The amount that such a method spends is known only
    /// after the payment.
    public var isSwap: Bool {
        switch self {
        case .swapAndTransferUniswapV3Native, .swapAndTransferUniswapV3Token,
            .swapAndTransferUniswapV3TokenPreApproved:
            true
        default: false
        }
    }

    /// A description of the method, which is shown to the user before signing.
    public var summary: String {
        switch self {
        case .transferNative: "pays in the chain's native currency"
        case .transferToken: "takes the token by a permit for this payment alone; Permit2 has been approved before"
        case .transferTokenPreApproved: "takes the token from the payer, who has approved the contract for it before"
        case .wrapAndTransfer: "wraps the payer's native currency and pays in its wrapped form"
        case .unwrapAndTransfer: "takes the wrapped native currency by a permit, unwraps it and pays in native currency"
        case .unwrapAndTransferPreApproved:
            "takes the wrapped native currency, which was approved before, unwraps it and pays in native currency"
        case .swapAndTransferUniswapV3Native:
            "swaps the payer's native currency for the token on Uniswap V3 and pays; what is left comes back"
        case .swapAndTransferUniswapV3Token:
            "takes another token by a permit, swaps it on Uniswap V3 and pays; what is left comes back"
        case .swapAndTransferUniswapV3TokenPreApproved:
            "takes another token, which was approved before, swaps it on Uniswap V3 and pays; what is left comes back"
        case .subsidizedTransferToken:
            "takes the token by a permit of the token itself; someone else must send it, and pays its network fee"
        }
    }

    /// The fee tiers of Uniswap V3 pools, in millionths of the swapped amount.
    public static let poolFees: [UInt64] = [100, 500, 3000, 10000]
    public static let defaultPoolFee: UInt64 = 500
}

extension TransferMethod {
    /// Whether the function has no arguments except the intent and possibly a pool fee.
    var takesOnlyIntentAndFee: Bool {
        switch self {
        case .transferNative, .transferTokenPreApproved, .wrapAndTransfer, .unwrapAndTransferPreApproved,
            .swapAndTransferUniswapV3Native:
            true
        default: false
        }
    }

    /// The signature of the contract's function, including the names of the arguments.
    public var function: ABIFunction {
        switch self {
        case .transferNative: Self.transferNativeFunction
        case .transferToken: Self.transferTokenFunction
        case .transferTokenPreApproved: Self.transferTokenPreApprovedFunction
        case .wrapAndTransfer: Self.wrapAndTransferFunction
        case .unwrapAndTransfer: Self.unwrapAndTransferFunction
        case .unwrapAndTransferPreApproved: Self.unwrapPreApprovedFunction
        case .swapAndTransferUniswapV3Native: Self.swapNativeFunction
        case .swapAndTransferUniswapV3Token: Self.swapTokenFunction
        case .swapAndTransferUniswapV3TokenPreApproved: Self.swapTokenPreApprovedFunction
        case .subsidizedTransferToken: Self.subsidizedFunction
        }
    }

    // The declarations of the functions. Each of them is parsed only once, when it is first used.
    private static let transferNativeFunction = declared("transferNative(\(intent)) payable")
    private static let transferTokenFunction = declared("transferToken(\(intent), \(permit))")
    private static let transferTokenPreApprovedFunction = declared("transferTokenPreApproved(\(intent))")
    private static let wrapAndTransferFunction = declared("wrapAndTransfer(\(intent)) payable")
    private static let unwrapAndTransferFunction = declared("unwrapAndTransfer(\(intent), \(permit))")
    private static let unwrapPreApprovedFunction = declared("unwrapAndTransferPreApproved(\(intent))")
    private static let swapNativeFunction = declared(
        "swapAndTransferUniswapV3Native(\(intent), uint24 poolFeesTier) payable")
    private static let swapTokenFunction = declared(
        "swapAndTransferUniswapV3Token(\(intent), \(permit), uint24 poolFeesTier)")
    private static let swapTokenPreApprovedFunction = declared(
        "swapAndTransferUniswapV3TokenPreApproved"
            + "(\(intent), address tokenIn, uint256 maxWillingToPay, uint24 poolFeesTier)")
    private static let subsidizedFunction = declared(
        "subsidizedTransferToken(\(intent), (address owner, bytes signature) signatureTransferData)")

    private static let intent = """
        (uint256 recipientAmount, uint256 deadline, address recipient, address recipientCurrency, \
        address refundDestination, uint256 feeAmount, bytes16 id, address operator, bytes signature, bytes prefix) intent
        """

    private static let permit = """
        (((address token, uint256 amount) permitted, uint256 nonce, uint256 deadline) permit, \
        (address to, uint256 requestedAmount) transferDetails, bytes signature) signatureTransferData
        """

    private static func declared(_ text: String) -> ABIFunction {
        do { return try ABIFunction("function \(text)") } catch { preconditionFailure("\(text): \(error)") }
    }
}
