public import AirlockDiagnostics

/// The rules that are checked before signing. They cover the conditions file, the money, the key, and the answer that
/// the user typed.
public enum SigningRule: String, Rule {
    case sameIntent = "sign.same-intent"
    case missingValue = "sign.missing-value"
    case otherChain = "conditions.other-chain"
    case otherSender = "conditions.other-sender"
    case otherToken = "conditions.other-token"
    case otherDecimals = "conditions.other-decimals"
    case otherSpender = "conditions.other-spender"
    case otherMethod = "conditions.other-method"
    case otherDomain = "conditions.other-domain"
    case otherNonce = "conditions.other-nonce"
    case otherGas = "conditions.other-gas"
    case otherMaxFee = "conditions.other-max-fee"
    case otherPriorityFee = "conditions.other-priority-fee"
    case noTransaction = "method.signs-no-transaction"
    case conditionsTooOld = "conditions.too-old"
    case conditionsFromFuture = "conditions.from-the-future"
    case unknownCall = "verify.unknown-call"
    case otherPayment = "verify.other-payment"
    case otherValue = "verify.other-value"
    case paymentExpired = "verify.expired"
    case tokenBalance = "money.token-balance-too-low"
    case allowance = "money.allowance-too-low"
    case nativeBalance = "money.native-balance-too-low"
    case gasAboveLimit = "money.gas-above-limit"
    case overflow = "money.overflow"
    case wrongKey = "key.not-the-payer"
    case declined = "sign.declined"
    case nobodyToAsk = "sign.nobody-to-ask"
    case policyNotEnough = "sign.policy-not-enough"
    case tooLongToShow = "blind.too-long"

    public var meaning: String {
        switch self {
        case .sameIntent: "two files hold the same request, which is paid only once"
        case .missingValue: "a value is missing"
        case .otherChain: "the chain is not the request's"
        case .otherSender: "the conditions are not for the payer of the request"
        case .otherToken: "the conditions are not for the token to be spent"
        case .otherDecimals: "the conditions and the policy state different decimals for a token"
        case .otherSpender: "the allowance in the conditions is for another spender"
        case .otherMethod: "the conditions have the nonce of a transaction for a permit, or vice versa"
        case .otherDomain: "the domain is not that of the token that pays"
        case .otherNonce: "the nonce differs from the unsigned transaction's"
        case .otherGas: "the gas differs from the unsigned transaction's"
        case .otherMaxFee: "the fee per gas differs from the unsigned transaction's"
        case .otherPriorityFee: "the priority fee differs from the unsigned transaction's"
        case .noTransaction: "someone else sends the call, so the payer signs no transaction"
        case .conditionsTooOld: "the conditions are older than the policy allows"
        case .conditionsFromFuture: "the conditions were measured later than this machine's time"
        case .unknownCall: "a transaction does not call a known function of the payment contract"
        case .otherPayment: "the transaction does not pay what the file states"
        case .paymentExpired: "the payment has expired, and nothing on the chain refuses it"
        case .otherValue: "the transaction does not send the value that its call needs"
        case .tokenBalance: "the payer has too little of the token"
        case .allowance: "the contract may not take enough of the token"
        case .nativeBalance: "the payer has too little native currency for the payment and its worst network fee"
        case .gasAboveLimit: "the gas is more than any transaction may use (EIP-7825)"
        case .overflow: "the cost does not fit into 256 bits"
        case .wrongKey: "the key is not that of the payer"
        case .declined: "not signed: the confirmation was not typed"
        case .nobodyToAsk: "there is no terminal to ask at"
        case .tooLongToShow: "it is too long to be shown in full, so nobody could see what is signed"
        case .policyNotEnough:
            "signing without a question needs a policy that pins recipients and caps amounts and the network fee"
        }
    }

    /// Whether the rule is about the conditions file. Such a rule is broken if the conditions file is too old, or if it
    /// does not match the request, the policy, the payment method or the machine's time.
    public var isOfConditions: Bool {
        switch self {
        case .otherChain, .otherSender, .otherToken, .otherDecimals, .otherSpender, .otherMethod, .otherDomain,
            .otherNonce, .otherGas, .otherMaxFee, .otherPriorityFee, .conditionsTooOld, .conditionsFromFuture:
            true
        default: false
        }
    }
}

/// The causes of problems for which special advice exists. If a problem has one of these causes, advice about the cause
/// helps the user more than advice about the broken rule.
public enum SigningCause: Cause {
    /// The user gave a chain that differs from the request's chain.
    case chainAskedFor
}
