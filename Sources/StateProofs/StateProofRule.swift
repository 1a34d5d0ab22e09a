public import AirlockDiagnostics

/// What a proof of a chain's state must be.
public enum StateProofRule: String, Rule {
    case tooLarge = "state-proof.too-large"
    case malformedHeader = "state-proof.malformed-header"
    case malformedNode = "state-proof.malformed-node"
    case malformedAccount = "state-proof.malformed-account"
    case malformedWord = "state-proof.malformed-word"
    case otherNode = "state-proof.other-node"
    case missingNode = "state-proof.missing-node"
    case surplusNode = "state-proof.surplus-node"

    public var meaning: String {
        switch self {
        case .tooLarge: "the proof is larger than any proof of this kind"
        case .malformedHeader: "the header is not a block's: RLP of 16, 17, 20 or 21 fields"
        case .malformedNode: "a node of the proof is not one of a Merkle Patricia trie"
        case .malformedAccount: "what is proved is not an account"
        case .malformedWord: "what is proved is not a word of storage"
        case .otherNode: "a node of the proof does not have the hash that the node above it names"
        case .missingNode: "the proof ends before its path does"
        case .surplusNode: "the proof has a node that its path does not need"
        }
    }
}
