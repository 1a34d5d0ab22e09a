public import AirlockDiagnostics

/// What a request for a transfer must be.
public enum TransferRule: String, Rule {
    case nullRecipient = "transfer.null-recipient"
    case toToken = "transfer.to-the-token"
    case toPayer = "transfer.to-the-payer"
    case zeroToken = "transfer.zero-token"
    case nothing = "transfer.zero-amount"
    case nullRequester = "transfer.null-requester"
    case halfSigned = "transfer.requester-without-signature"
    case signatureForm = "transfer.signature-form"
    case signatureMismatch = "transfer.signature-mismatch"
    case expired = "transfer.expired"
    case requester = "policy.requester-not-listed"

    public var meaning: String {
        switch self {
        case .nullRecipient: "the recipient is the zero address"
        case .toToken: "the recipient is the token's own contract, where the tokens would be lost"
        case .toPayer: "the recipient is the payer"
        case .zeroToken: "the token is the zero address"
        case .nothing: "the amount is zero"
        case .nullRequester: "the requester is the zero address"
        case .halfSigned: "the requester and the signature come together or not at all"
        case .signatureForm: "the requester's signature is malformed"
        case .signatureMismatch: "the requester did not sign this request"
        case .expired: "the request has expired"
        case .requester: "the policy does not list the requester"
        }
    }
}

/// What a payment URI (EIP-681) must be.
public enum URIRule: String, Rule {
    case notPayment = "uri.not-a-payment"
    case notAddress = "uri.not-an-address"
    case noChain = "uri.no-chain"
    case notParameter = "uri.not-a-parameter"
    case repeated = "uri.repeated-parameter"
    case unknownParameter = "uri.unknown-parameter"
    case gas = "uri.gas"
    case otherFunction = "uri.other-function"
    case otherOrder = "uri.other-argument-order"
    case noRecipient = "uri.no-recipient"
    case noAmount = "uri.no-amount"
    case negative = "uri.negative"
    case notNumber = "uri.not-a-number"
    case notInteger = "uri.not-an-integer"
    case tooLarge = "uri.too-large"

    public var meaning: String {
        switch self {
        case .notPayment: "this is no payment URI (EIP-681)"
        case .notAddress: "the target is no address"
        case .noChain: "the URI names no chain"
        case .notParameter: "a parameter has no name or no value"
        case .repeated: "the URI has a parameter twice"
        case .unknownParameter: "the URI has a parameter that no transfer has"
        case .gas: "the URI proposes gas or a gas price, which only the payer gives"
        case .otherFunction: "the URI calls another function than transfer"
        case .otherOrder: "the arguments are in another order, which makes it another function"
        case .noRecipient: "the URI names no recipient"
        case .noAmount: "the URI names no amount"
        case .negative: "the amount is negative"
        case .notNumber: "the amount is no number"
        case .notInteger: "the amount is no integer of the smallest unit"
        case .tooLarge: "the amount does not fit into 256 bits"
        }
    }
}
