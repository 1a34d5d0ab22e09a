public import AirlockDiagnostics

/// What a method of the contract demands of the charge and its value: broken, the contract would revert.
public enum PaymentRule: String, Rule {
    case unknownMethod = "method.unknown"
    case incorrectCurrency = "method.incorrect-currency"
    case swapTokenUnknown = "method.swap-token-unknown"
    case swapSameToken = "method.swap-same-token"
    case wrappedNativeUnknown = "method.wrapped-native-unknown"
    case valueNotExact = "method.value-not-exact"
    case valueMissing = "method.swap-without-value"
    case valueZero = "method.swap-with-zero-value"
    case unknownPoolFee = "method.unknown-pool-fee"
    case poolFeeUnused = "method.pool-fee-without-swap"
    case noneFits = "method.none-fits"
    case price = "policy.over-price-cap"
    case tokenNotSpent = "prepare.token-not-spent"
    case nothingApproved = "prepare.nothing-to-approve"

    public var meaning: String {
        switch self {
        case .unknownMethod: "there is no such method"
        case .incorrectCurrency: "the method does not pay in the currency that the charge asks for (IncorrectCurrency)"
        case .swapTokenUnknown: "no conditions say which token is to be swapped"
        case .swapSameToken: "the token to be swapped is the one that the charge asks for"
        case .wrappedNativeUnknown: "the wrapped native currency of this chain is not known"
        case .valueNotExact: "the method sends exactly what the charge needs (InvalidNativeAmount)"
        case .valueMissing: "a swap needs to be told the most that it may spend"
        case .valueZero: "a swap cannot spend nothing"
        case .unknownPoolFee: "there is no pool of this fee"
        case .poolFeeUnused: "only a swap has a pool fee"
        case .noneFits: "no method of paying can be chosen without being told"
        case .price: "the swap is dearer than the policy's highest price"
        case .tokenNotSpent: "the method does not spend the token that is named"
        case .nothingApproved: "the method takes the token by a permit, and nothing is approved for it"
        }
    }
}

/// Why a charge cannot be paid so, where something else helps than what the rule says.
public enum PaymentCause: Cause {
    /// The token is not known by the chain and was not named.
    case tokenNotNamed
    /// No pool can be asked for a price.
    case noPrice
}
