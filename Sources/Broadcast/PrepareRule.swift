public import AirlockDiagnostics

/// Why conditions are not handed out: what they are for would fail.
public enum PrepareRule: String, Rule {
    case wouldRevert = "prepare.would-revert"
    case insufficientFunds = "prepare.insufficient-funds"
    case otherPayer = "prepare.other-payer"
    case severalChains = "prepare.several-chains"
    case sameRequest = "prepare.same-request"
    case notOfPayroll = "prepare.not-of-a-payroll"
    case noLines = "prepare.no-lines"
    case tooLittle = "prepare.insufficient-token"
    case answersFalse = "prepare.token-refuses"
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
        case .otherPayer: "the request names another payer"
        case .severalChains: "the payment is for another chain than those before it"
        case .sameRequest: "the line asks for the same payment as one before it, which is paid once"
        case .notOfPayroll: "a payroll holds requests that are paid in one way alone, such as transfers"
        case .noLines: "there is no payment in it"
        case .tooLittle: "the payer has too little of the token"
        case .answersFalse: "simulated, the token answers false: it would move nothing, and say so to nobody"
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
        case .otherPayer: "leave --from out, or make a payroll for each payer"
        case .severalChains: "make a payroll for each chain"
        case .sameRequest: "take one of the two away, or give each a reference of its own"
        case .notOfPayroll: "prepare and sign it by itself"
        case .noLines: "give one {\"request\":{...}} a line"
        case .tooLittle: "fund the payer's address with the token"
        case .answersFalse: "do not pay: ask who made the token why it refuses the transfer"
        case .notAToken: "check the request's currency, --token and the node's chain"
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
        case .notOfPayroll, .noLines: .malformedInput
        case .noQuoter, .tokenNotSpent, .nothingApproved: .usage
        case .wouldRevert, .insufficientFunds, .otherPayer, .severalChains, .sameRequest, .tooLittle, .answersFalse,
            .notAToken, .noPool, .noTokenPermit, .noPermit2,
            .gasNotMeasured:
            .refused
        }
    }
}
