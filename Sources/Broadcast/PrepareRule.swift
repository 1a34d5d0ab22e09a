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
    case noQuoter = "prepare.no-quoter"
    case noPool = "prepare.no-pool"
    case noTokenPermit = "prepare.no-token-permit"
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
        case .noQuoter: "no quoter is known on this chain"
        case .noPool: "no pool sells what the request asks for"
        case .noTokenPermit: "the token does not answer as one that takes permits"
        case .noPermit2: "Permit2 does not answer on this chain"
        case .gasNotMeasured: "the node cannot simulate the payment, so the conditions lack its gas"
        }
    }
}
