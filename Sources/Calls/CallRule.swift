public import AirlockDiagnostics

/// The rules that every call must meet, even if the policy allows the call.
public enum CallRule: String, Rule {
    case nullContract = "call.null-contract"
    case creation = "call.creates-a-contract"
    case notCanonical = "call.signature-not-canonical"
    case twoCalls = "call.function-and-data"
    case noCall = "call.neither-function-nor-data"
    case shortData = "call.no-selector"
    case plainTransfer = "call.plain-transfer"
    case nothing = "call.nothing"
    case otherInput = "call.data-and-input-differ"
    case twoFees = "call.gas-price-and-max-fee"
    case otherType = "call.other-type"
    case noChain = "call.no-chain"
    case undecodable = "call.arguments-not-decodable"
    case unlimited = "call.unlimited-approval"
    case allOfThem = "call.approval-for-all"
    case unreadToken = "call.token-function-not-understood"
    case approvesBySending = "call.approves-a-safe-transaction"
    case expired = "call.expired"

    public var meaning: String {
        switch self {
        case .nullContract: "the contract is the zero address"
        case .creation: "the transaction creates a contract, which is not a call"
        case .notCanonical: "the function's signature is not written in its canonical form"
        case .twoCalls: "the request has both a function and call data"
        case .noCall: "the request has neither a function nor call data"
        case .shortData: "the call data are shorter than a function's selector"
        case .plainTransfer: "the call does no more than a transfer, which is a request of its own kind"
        case .nothing: "the transaction sends nothing and calls nothing"
        case .otherInput: "data and input differ, so the call could be read in two ways"
        case .twoFees: "the transaction has a gas price and a maximum fee"
        case .otherType: "the transaction's fees are not those of its type"
        case .noChain: "the transaction names no chain, so it is valid on every chain"
        case .undecodable: "the call data are not exactly the function's arguments"
        case .unlimited: "the call lets somebody take an unlimited amount of a token"
        case .allOfThem: "the call lets somebody take every token of a collection"
        case .unreadToken: "the function moves tokens, and Airlock does not read how much"
        case .approvesBySending: "the sender of the call approves a Safe transaction as an owner, by sending it"
        case .expired: "the request has expired"
        }
    }
}

/// The rules for the member `calls` of a policy, and the rules that a call breaks if the policy does not allow it.
public enum CallPolicyRule: String, Rule {
    case repeatedName = "policy.repeated-function"
    case sameSelector = "policy.same-selector"
    case noArgument = "policy.no-such-argument"
    case notAmount = "policy.argument-is-no-amount"
    case contract = "policy.called-contract-not-listed"
    case function = "policy.function-not-listed"
    case argument = "policy.argument-not-allowed"
    case value = "policy.over-call-value"

    public var meaning: String {
        switch self {
        case .repeatedName: "the policy lists a function or an argument twice"
        case .sameSelector: "the policy lists two functions of a contract with the same selector"
        case .noArgument: "the function has no argument at this position"
        case .notAmount: "the argument is not an unsigned integer, so it is not an amount"
        case .contract: "the policy does not list the contract that is called"
        case .function: "the policy does not list the function of this contract"
        case .argument: "the policy does not allow the value of the argument"
        case .value: "the native value is above what the policy allows for the function"
        }
    }
}
