public import AirlockDiagnostics

/// The rules of a policy file, and what a policy refuses.
public enum PolicyRule: String, Rule {
    case malformed = "policy.malformed"
    case repeatedAddress = "policy.repeated-address"
    case messageType = "policy.no-message-type"
    case writableByOthers = "policy.writable-by-others"
    case chain = "policy.chain-not-listed"
    case kind = "policy.kind"
    case recipient = "policy.recipient-not-listed"
    case requester = "policy.no-requester"
    case currency = "policy.currency-not-listed"
    case perPayment = "policy.over-payment-cap"
    case nativeValue = "policy.over-native-cap"
    case networkFee = "policy.over-network-fee-cap"

    public var meaning: String {
        switch self {
        case .malformed: "the policy is malformed"
        case .repeatedAddress: "the policy lists an address twice"
        case .messageType: "the policy lists what is no type of a message (EIP-712)"
        case .writableByOthers: "others can write to the policy"
        case .chain: "the policy does not list the chain"
        case .kind: "the policy says nothing of requests of this kind"
        case .recipient: "the policy does not list the recipient"
        case .requester: "the policy lists requesters, and no requester signed the request that gives tokens away"
        case .currency: "the policy does not list the currency"
        case .perPayment: "the payment is above the policy's cap per payment"
        case .nativeValue: "the native value is above the policy's cap"
        case .networkFee: "the worst network fee, with any L1 fee, is above the policy's cap"
        }
    }
}
