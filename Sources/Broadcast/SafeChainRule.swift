public import AirlockDiagnostics

/// Where a Safe, as the chain has it, is against its transaction.
public enum SafeChainRule: String, Rule {
    case notASafe = "safe-chain.not-a-safe"
    case otherVersion = "safe-chain.other-version"
    case otherThreshold = "safe-chain.other-threshold"
    case notOwner = "safe-chain.not-an-owner"
    case nonceUsed = "safe-chain.nonce-used"
    case nonceAhead = "safe-chain.nonce-not-next"
    case belowThreshold = "safe-chain.below-threshold"
    case wouldRevert = "safe-chain.would-revert"
    case innerFails = "safe-chain.call-would-fail"

    public var meaning: String {
        switch self {
        case .notASafe: "the contract does not answer as a Safe does"
        case .otherVersion: "the hash is of another version than the Safe has on the chain"
        case .otherThreshold: "the transaction service says another threshold than the Safe has on the chain"
        case .notOwner: "who signed is no owner of the Safe on the chain"
        case .nonceUsed: "the Safe has used this nonce on the chain"
        case .nonceAhead: "the Safe has to execute other transactions before this one"
        case .belowThreshold: "too few owners have signed"
        case .wouldRevert: "the Safe would refuse the transaction"
        case .innerFails: "what the Safe would call fails, and the Safe's nonce would be used"
        }
    }
}
