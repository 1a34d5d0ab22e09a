public import ABI

/// The functions of the contract by which a charge can be paid.
public enum TransferMethod: String, CaseIterable, Sendable {
    case transferNative
    case transferTokenPreApproved
    case wrapAndTransfer
    case swapAndTransferUniswapV3Native

    static let intentType =
        "(uint256,uint256,address,address,address,uint256,bytes16,address,bytes,bytes)"

    /// The name with its types, of which the selector is made.
    public var signature: String {
        switch self {
        case .transferNative, .transferTokenPreApproved, .wrapAndTransfer: "\(rawValue)(\(Self.intentType))"
        case .swapAndTransferUniswapV3Native: "\(rawValue)(\(Self.intentType),uint24)"
        }
    }

    public var selector: Selector {
        switch self {
        case .transferNative: Self.transferNativeSelector
        case .transferTokenPreApproved: Self.transferTokenPreApprovedSelector
        case .wrapAndTransfer: Self.wrapAndTransferSelector
        case .swapAndTransferUniswapV3Native: Self.swapNativeSelector
        }
    }

    // Hashed once each, when first used.
    private static let transferNativeSelector = Selector(signature: transferNative.signature)
    private static let transferTokenPreApprovedSelector = Selector(signature: transferTokenPreApproved.signature)
    private static let wrapAndTransferSelector = Selector(signature: wrapAndTransfer.signature)
    private static let swapNativeSelector = Selector(signature: swapAndTransferUniswapV3Native.signature)

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

    /// Does it spend native currency, besides the network fee?
    public var spendsNative: Bool { self != .transferTokenPreApproved }

    /// The fee tiers of Uniswap V3 pools.
    public static let poolFees: [UInt64] = [100, 500, 3000, 10000]
    public static let defaultPoolFee: UInt64 = 500
}
