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
}
