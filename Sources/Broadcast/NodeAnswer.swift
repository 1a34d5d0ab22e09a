import AirlockJSONRPC

/// What a node's answer to a transaction means for the payment. The journal stores the raw value.
public enum NodeAnswer: String, CaseIterable, Sendable {
    /// The node has the transaction.
    case taken
    /// A transaction with this nonce is mined; the chain says which one.
    case nonceUsed = "nonce-used"
    /// The node takes no transaction before those with lower nonces are mined.
    case nonceTooHigh = "nonce-too-high"
    /// The fees are below what the node asks for.
    case feeTooLow = "fee-too-low"
    /// The node has another transaction with this nonce, whose fees are about as high or higher.
    case underpriced
    /// The node refused the transaction for another reason.
    case refused
    /// The node did not process the transaction, for a reason that is not the transaction's: a rate limit, for example.
    case unavailable
    /// The answer was lost or damaged: the node may have the transaction.
    case unknown

    init(_ rule: NodeRule) {
        self =
            switch rule {
            case .alreadyKnown: .taken
            case .nonceTooLow: .nonceUsed
            case .nonceTooHigh: .nonceTooHigh
            case .feeTooLow: .feeTooLow
            case .replacementUnderpriced: .underpriced
            case .rateLimited, .methodMissing: .unavailable
            case .insufficientFunds, .intrinsicGas, .gasLimit, .wrongChain, .feeAboveCap, .reverted, .other: .refused
            }
    }

    /// Whether the node may have the transaction.
    var mayBeTaken: Bool { self == .taken || self == .unknown }

    /// Whether the node has judged the transaction, and does not take it.
    var isRefusal: Bool {
        switch self {
        case .taken, .nonceUsed, .unavailable, .unknown: false
        case .nonceTooHigh, .feeTooLow, .underpriced, .refused: true
        }
    }

    /// Whether a higher fee would change the answer.
    var isTooCheap: Bool { self == .feeTooLow || self == .underpriced }
}
