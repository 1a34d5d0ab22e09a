public import AirlockDiagnostics

/// What a saved charge must be before it can become a call.
public enum ChargeRule: String, Rule {
    case errorAnswer = "charge.is-an-error-answer"
    case jsonRPCForm = "charge.json-rpc-form"
    case notHydrated = "charge.not-hydrated"
    case noIdentifier = "charge.no-id"
    case nullOperator = "charge.null-operator"
    case nullRecipient = "charge.null-recipient"
    case nothingNeeded = "charge.nothing-needed"
    case amountOverflow = "charge.amount-overflow"
    case unknownPrefix = "charge.unknown-prefix"
    case signatureLength = "charge.signature-length"
    case signatureForm = "charge.signature-form"
    case signatureMismatch = "charge.signature-mismatch"
    case expired = "charge.expired"

    public var meaning: String {
        switch self {
        case .errorAnswer: "this is not a charge but an error that the service answered"
        case .jsonRPCForm: "this is the JSON-RPC form of a charge, not the one that the service saves"
        case .notHydrated: "the charge has no transfer intent yet"
        case .noIdentifier: "the charge has no id"
        case .nullOperator: "the operator is the zero address"
        case .nullRecipient: "the recipient is the zero address"
        case .nothingNeeded: "the charge asks for nothing"
        case .amountOverflow: "the amounts of the charge do not fit into 256 bits"
        case .unknownPrefix: "the prefix of the operator's signature is not a known one"
        case .signatureLength: "the operator's signature does not have 65 bytes"
        case .signatureForm: "the operator's signature is not one that the contract accepts"
        case .signatureMismatch: "the operator did not sign this charge"
        case .expired: "the charge has expired"
        }
    }

    public var next: String {
        switch self {
        case .errorAnswer: "read the service's message, and ask for the charge again"
        case .jsonRPCForm: "save the answer that holds data.web3_data.transfer_intent"
        case .notHydrated: "ask the service again with the payer's address as sender"
        case .noIdentifier: "ask the service for the charge again"
        case .nullOperator, .nullRecipient: "do not pay: the contract would refuse it"
        case .nothingNeeded: "do not pay: with nothing needed, a swap would leave its whole value in the contract"
        case .amountOverflow: "do not pay: no honest charge asks for so much"
        case .unknownPrefix: "copy the charge again; the prefix is empty or \"K2 Informational Message: 32 \""
        case .signatureLength, .signatureForm: "copy the charge again, whole"
        case .signatureMismatch:
            "do not pay: a field was altered, or it was signed for another payer, chain or contract"
        case .expired: "ask for a new charge; --now TIME says the time where this machine's clock is wrong"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .errorAnswer, .jsonRPCForm, .notHydrated, .noIdentifier, .signatureLength: .malformedInput
        case .nullOperator, .nullRecipient, .nothingNeeded, .amountOverflow, .unknownPrefix, .signatureForm,
            .signatureMismatch, .expired:
            .refused
        }
    }
}
