public import AirlockDiagnostics

/// The rules of a policy file, and what a policy refuses.
public enum PolicyRule: String, Rule {
    case malformed = "policy.malformed"
    case repeatedAddress = "policy.repeated-address"
    case writableByOthers = "policy.writable-by-others"
    case chain = "policy.chain-not-listed"
    case recipient = "policy.recipient-not-listed"
    case currency = "policy.currency-not-listed"
    case perPayment = "policy.over-payment-cap"
    case nativeValue = "policy.over-native-cap"
    case networkFee = "policy.over-network-fee-cap"

    public var meaning: String {
        switch self {
        case .malformed: "the policy is malformed"
        case .repeatedAddress: "the policy lists an address twice"
        case .writableByOthers: "others can write to the policy"
        case .chain: "the policy does not list the chain"
        case .recipient: "the policy does not list the recipient"
        case .currency: "the policy does not list the currency"
        case .perPayment: "the payment is above the policy's cap per payment"
        case .nativeValue: "the native value is above the policy's cap"
        case .networkFee: "the worst network fee, with any L1 fee, is above the policy's cap"
        }
    }

    public var next: String {
        switch self {
        case .malformed: "mend the policy where the message says"
        case .repeatedAddress: "keep one of the two"
        case .writableByOthers: "take the permission away: chmod go-w on the file, and own it yourself"
        case .chain, .recipient, .currency:
            "do not pay unless you know why it is missing; then add it to the policy"
        case .perPayment, .nativeValue, .networkFee:
            "do not pay unless you know why it is so much; then raise the cap in the policy"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .malformed, .repeatedAddress, .writableByOthers: .malformedConfiguration
        case .chain, .recipient, .currency, .perPayment, .nativeValue, .networkFee:
            .refused
        }
    }
}
