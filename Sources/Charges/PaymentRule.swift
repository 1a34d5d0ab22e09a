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
        }
    }

    public var next: String {
        switch self {
        case .unknownMethod: "name one of the contract's functions, or auto"
        case .incorrectCurrency: "leave the method out, so that the one that fits is taken"
        case .swapTokenUnknown: "prepare with the token that the payer spends, and give the conditions"
        case .swapSameToken: "pay in the token itself: transferToken or transferTokenPreApproved"
        case .wrappedNativeUnknown: "give it in the policy as wrappedNative"
        case .valueNotExact: "leave --value out"
        case .valueMissing: "give it with --value, from a quote; up to all of it may be spent"
        case .valueZero: "give --value from a quote"
        case .unknownPoolFee: "choose 100, 500, 3000 or 10000"
        case .poolFeeUnused: "leave --pool-fee out"
        case .noneFits: "name the method with --method"
        case .price: "do not pay unless you know why it is so much; then raise the cap in the policy"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .unknownMethod, .valueMissing, .swapTokenUnknown, .unknownPoolFee, .poolFeeUnused: .usage
        case .incorrectCurrency, .swapSameToken, .wrappedNativeUnknown, .valueNotExact, .valueZero,
            .noneFits, .price:
            .refused
        }
    }
}
