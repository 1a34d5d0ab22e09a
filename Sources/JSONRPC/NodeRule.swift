public import AirlockDiagnostics

/// What nodes say no to, by its meaning: each client has its own words for it.
public enum NodeRule: String, Rule {
    case alreadyKnown = "node.already-known"
    case nonceTooLow = "node.nonce-too-low"
    case nonceTooHigh = "node.nonce-too-high"
    case replacementUnderpriced = "node.replacement-underpriced"
    case insufficientFunds = "node.insufficient-funds"
    case intrinsicGas = "node.intrinsic-gas"
    case gasLimit = "node.gas-limit"
    case wrongChain = "node.wrong-chain"
    case feeTooLow = "node.fee-too-low"
    case feeAboveCap = "node.fee-above-cap"
    case rateLimited = "node.rate-limited"
    case reverted = "node.reverted"
    case methodMissing = "node.method-missing"
    case other = "node.other"

    public var meaning: String {
        switch self {
        case .alreadyKnown: "the node already has this transaction"
        case .nonceTooLow: "a transaction with this nonce is already mined"
        case .nonceTooHigh: "the node does not take a transaction before those with lower nonces"
        case .replacementUnderpriced: "the node has another transaction with this nonce that pays as much"
        case .insufficientFunds: "the sender cannot pay the value and the gas"
        case .intrinsicGas: "the transaction has less gas than its data alone costs"
        case .gasLimit: "the transaction has more gas than a block or the node allows"
        case .wrongChain: "the signature is not one for this node's chain"
        case .feeTooLow: "the transaction pays less than the node asks for"
        case .feeAboveCap: "the transaction pays more than the node lets pass"
        case .rateLimited: "the node is asked too often"
        case .reverted: "the contract says no"
        case .methodMissing: "the node does not know the method"
        case .other: "the node says no"
        }
    }
}
