public import AirlockDiagnostics

/// The rules of the files that cross the gap.
public enum PaymentFileRule: String, Rule {
    case notOurs = "format.not-an-airlock-file"
    case version = "format.unknown-version"
    case kind = "format.unknown-kind"
    case unknownRole = "payment.unknown-role"
    case noTransactions = "payment.no-transactions"
    case permitNotAlone = "payment.permit-not-alone"
    case hashMismatch = "payment.hash-mismatch"
    case nonceMismatch = "payment.nonce-mismatch"
    case chainMismatch = "payment.chain-mismatch"
    case senderMismatch = "payment.sender-mismatch"
    case codeMismatch = "payment.code-mismatch"
    case signerMismatch = "signature.other-signer"
    case besideTokens = "conditions.not-of-a-payroll"
    case repeatedToken = "conditions.repeated-token"

    public var meaning: String {
        switch self {
        case .notOurs: "this is not a file of Airlock"
        case .version: "the file is of a version that this Airlock does not know"
        case .kind: "the file is of another kind"
        case .unknownRole: "a transaction has a role that this Airlock does not know"
        case .noTransactions: "the payment holds no transaction"
        case .permitNotAlone: "a permit stands beside other transactions"
        case .hashMismatch: "a transaction does not have the hash that the file says"
        case .nonceMismatch: "a transaction does not have the nonce that the file says"
        case .chainMismatch: "a transaction is for another chain than the file says"
        case .senderMismatch: "a transaction is signed by another address than the file says"
        case .codeMismatch: "the comparison code does not fit the transactions"
        case .signerMismatch: "the signature was made by another key than the file says"
        case .besideTokens: "the member is of one payment, and the conditions are of a payroll, since they have tokens"
        case .repeatedToken: "the conditions have the token twice"
        }
    }
}
