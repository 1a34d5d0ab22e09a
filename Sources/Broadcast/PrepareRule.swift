public import AirlockDiagnostics

/// Why conditions are not handed out: what they are for would fail.
public enum PrepareRule: String, Rule {
    case wouldRevert = "prepare.would-revert"
    case insufficientFunds = "prepare.insufficient-funds"
    case notAToken = "prepare.not-a-token"
    case tokenNotSpent = "prepare.token-not-spent"
    case noQuoter = "prepare.no-quoter"
    case noPool = "prepare.no-pool"
    case noTokenPermit = "prepare.no-token-permit"
    case nothingApproved = "prepare.nothing-to-approve"
    case noPermit2 = "prepare.no-permit2"
    case gasNotMeasured = "prepare.gas-not-measured"

    public var meaning: String {
        switch self {
        case .wouldRevert: "simulated, the payment is refused"
        case .insufficientFunds: "the payer has too little native currency for the value and the network fee"
        case .notAToken: "what would be spent does not answer as a token does"
        case .tokenNotSpent: "the method does not spend the token that is named"
        case .noQuoter: "no quoter is known on this chain"
        case .noPool: "no pool sells what the charge asks for"
        case .noTokenPermit: "the token does not answer as one that takes permits"
        case .nothingApproved: "the method takes the token by a permit, and nothing is approved for it"
        case .noPermit2: "Permit2 does not answer on this chain"
        case .gasNotMeasured: "the node cannot simulate the payment, so the conditions lack its gas"
        }
    }

    public var next: String {
        switch self {
        case .wouldRevert: "airlock decode-error says what the data means"
        case .insufficientFunds: "fund the payer's address, or wait until fees fall"
        case .notAToken: "check the charge's currency, --token and the node's chain"
        case .tokenNotSpent: "leave --token out, or name another method"
        case .noQuoter: "name a QuoterV2 with --quoter, or the most to spend with --value"
        case .noPool: "spend another token, or pay in what the charge asks for"
        case .noTokenPermit: "choose another method"
        case .nothingApproved: "leave --approve out"
        case .noPermit2: "choose a method without a permit, whose name ends in PreApproved"
        case .gasNotMeasured: "give airlock sign --gas, or prepare with another node"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .noQuoter, .tokenNotSpent, .nothingApproved: .usage
        case .wouldRevert, .insufficientFunds, .notAToken, .noPool, .noTokenPermit, .noPermit2,
            .gasNotMeasured:
            .refused
        }
    }
}
