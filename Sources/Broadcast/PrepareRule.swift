public import Problems

/// Why conditions are not handed out: what they are for would fail.
public enum PrepareRule: String, Rule {
    case wouldRevert = "prepare.would-revert"
    case insufficientFunds = "prepare.insufficient-funds"
    case notAToken = "prepare.not-a-token"

    public var meaning: String {
        switch self {
        case .wouldRevert: "simulated, the payment is refused"
        case .insufficientFunds: "the payer has too little native currency for the value and the network fee"
        case .notAToken: "what the charge asks for does not answer as a token does"
        }
    }

    public var next: String {
        switch self {
        case .wouldRevert: "airlock decode-error says what the data means"
        case .insufficientFunds: "fund the payer's address, or wait until fees fall"
        case .notAToken: "check the charge's currency and the node's chain"
        }
    }

    public var exit: ExitCode { .refused }
}
