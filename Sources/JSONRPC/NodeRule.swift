public import AirlockDiagnostics

/// The meanings of the errors that nodes return. Each node software uses its own messages for these errors.
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
        case .nonceTooHigh: "the node accepts the transaction only after those with lower nonces"
        case .replacementUnderpriced:
            "the node has another transaction with this nonce, and a replacement must pay more"
        case .insufficientFunds: "the sender cannot pay the value and the gas"
        case .intrinsicGas: "the gas limit is below the intrinsic gas of the transaction"
        case .gasLimit: "the gas limit is above what a block or the node allows"
        case .wrongChain: "the transaction is not signed for the node's chain"
        case .feeTooLow: "the transaction's fee is below the node's minimum"
        case .feeAboveCap: "the transaction's fee is above the node's cap"
        case .rateLimited: "the node limits the rate of requests"
        case .reverted: "the contract reverted"
        case .methodMissing: "the node does not know the method"
        case .other: "the node rejected the request"
        }
    }
}

/// Recognises the error messages of node software and of the gateways in front of nodes. The tests list which software
/// uses which message.
extension NodeRule {
    /// Finds the meaning of an error. First compares the message with known messages, and only then checks the code,
    /// because nodes use the same code for different errors.
    init(code: Int, message: String) {
        // The entries of the table are parts of messages. The entry " known transaction" begins with a space, so that
        // it does not match inside "unknown transaction". To match this entry at the start of a message too, a space is
        // put before the message.
        let said = " \(message.lowercased())"
        if let row = Self.words.first(where: { row in row.words.contains { said.contains($0) } }) {
            self = row.rule
        } else {
            switch code {
            case 3: self = .reverted
            case -32601: self = .methodMissing  // JSON-RPC 2.0 §5.1
            case -32005, 429: self = .rateLimited  // EIP-1474; and gateways that repeat the status of HTTP
            default: self = .other
            }
        }
    }

    /// The message is compared with the entries of this table in order, and the first entry that matches gives the
    /// meaning. Reverts come first, because a revert reason may contain any text. Nodes use "underpriced" for
    /// replacements and for low fees, so the longer phrases about replacements come first.
    private static let words: [(rule: NodeRule, words: [String])] = [
        (.reverted, ["execution reverted", "vm execution error", "reverted with"]),
        (.alreadyKnown, ["already known", "alreadyknown", " known transaction", "same hash", "already imported"]),
        (.nonceTooLow, ["nonce too low", "oldnonce", "nonce is too low", "below sender account nonce"]),
        (
            .nonceTooHigh,
            [
                "nonce too high", "noncegap", "gapped nonce", "gapped-nonce", "nonce too far in future",
                "noncetoofarinfuture", "nonce is too distant", "lower nonce exists", "in-flight transaction limit",
            ]
        ),
        (
            .replacementUnderpriced,
            [
                "replacement transaction underpriced", "replacementnotallowed", "could not replace existing",
                "replace existing transaction", "another transaction with same nonce", "tries to replace pending",
            ]
        ),
        (
            .insufficientFunds,
            [
                "insufficient funds", "insufficientfunds", "insufficient balance", "upfront cost exceeds",
                "up-front cost", "enough funds", "overdraws from account",
            ]
        ),
        (
            .gasLimit,
            [
                "exceeds block gas limit", "exceeds max transaction gas limit", "gas limit too high",
                "gas limit is too high", "gas limit reached", "intrinsic gas too high", "gaslimitexceeded",
                "gaslimitcapexceeded",
            ]
        ),
        (.intrinsicGas, ["intrinsic gas", "intrinsicgas", "floor data gas"]),
        (.feeAboveCap, ["exceeds the configured cap", "fee cap exceeded"]),
        (
            .feeTooLow,
            [
                "underpriced", "fee too low", "feetoolow", "less than block base fee", "gas price below",
                "below minimum required priority fee",
            ]
        ),
        (
            .wrongChain,
            [
                "invalid sender", "chain id", "chainid", "replay-protected", "invalid signature",
                "invalid transaction signature", "invalidtxsignature", "failed to recover sender",
                "failedtoresolvesender",
            ]
        ),
        (
            .rateLimited,
            [
                "rate limit", "request limit", "too many requests", "request count exceeded", "request rate",
                "compute units", "capacity limit", "credits limited",
            ]
        ),
        (.methodMissing, ["method not found", "does not exist/is not available", "unsupported method"]),
    ]
}
