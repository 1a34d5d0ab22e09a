internal import EthereumTypes
internal import StrictJSON

/// A node's no: what it means, and its own words.
public struct NodeRefusal: Hashable, Sendable {
    public let rule: NodeRule
    /// JSON-RPC's error code; nodes do not agree on them.
    public let code: Int
    /// Word for word. It is foreign: a `Problem` escapes it.
    public let message: String
    /// What the contract returned when it reverted, as far as the node tells.
    public let data: [UInt8]

    /// Reads the `error` member of an answer, whatever its shape: gateways before nodes have their own.
    init(_ error: JSONValue) {
        code = error["code"]?.number.flatMap { Int($0) } ?? 0
        message = error["message"]?.string ?? error.string ?? error.text
        data = Self.data(error["data"])
        rule = NodeRule(code: code, message: message)
    }

    /// A refusal by HTTP status alone.
    init(rateLimited status: Int) {
        (rule, code, message, data) = (.rateLimited, status, "HTTP status \(status)", [])
    }

    /// The bytes themselves (geth), behind a word (nethermind's "Reverted 0x…"), or one level down (hardhat).
    private static func data(_ value: JSONValue?) -> [UInt8] {
        guard let text = value?.string ?? value?["data"]?.string else { return [] }
        let digits = text.split(separator: " ").last ?? ""
        return (try? Hex.decode(digits)) ?? []
    }
}

extension NodeRule {
    /// The meaning of an error. Words come before codes, because clients use the same code for different things.
    init(code: Int, message: String) {
        // With a space before it, so that " known transaction" is not found in "unknown transaction".
        let said = " \(message.lowercased())"
        if let row = Self.words.first(where: { row in row.words.contains { said.contains($0) } }) {
            self = row.rule
        } else {
            switch code {
            case 3: self = .reverted
            case -32601: self = .methodMissing  // JSON-RPC 2.0 §5.1
            case -32005: self = .rateLimited  // EIP-1474
            default: self = .other
            }
        }
    }

    /// The first row that has words of the message decides: a revert's reason may say anything, and a replacement
    /// that pays too little is called underpriced too.
    private static let words: [(rule: NodeRule, words: [String])] = [
        (.reverted, ["execution reverted", "vm execution error", "reverted with", "transaction reverted"]),
        (
            .alreadyKnown,
            [
                "already known", "alreadyknown", " known transaction", "existing tx with same hash",
                "already imported", "already in mempool", "already exists",
            ]
        ),
        (.nonceTooLow, ["nonce too low", "oldnonce", "nonce is too low", "nonce has already been used"]),
        (.nonceTooHigh, ["nonce too high", "noncegap", "nonce gap", "nonce is too distant", "lower nonce exists"]),
        (
            .replacementUnderpriced,
            [
                "replacement transaction underpriced", "transaction replacement underpriced",
                "replacementnotallowed", "could not replace existing", "too cheap to replace",
                "another transaction with same nonce",
            ]
        ),
        (
            .insufficientFunds,
            [
                "insufficient funds", "insufficientfunds", "upfront cost exceeds", "insufficient balance",
                "enough funds",
            ]
        ),
        (.intrinsicGas, ["intrinsic gas", "intrinsicgas", "floor data gas"]),
        (
            .gasLimit,
            ["exceeds block gas limit", "gaslimitexceeded", "gas limit too high", "gas limit is too", "gas limit cap"]
        ),
        (.feeAboveCap, ["exceeds the configured cap", "fee cap exceeded"]),
        (
            .feeTooLow,
            [
                "underpriced", "fee too low", "feetoolow", "less than block base fee", "below current base fee",
                "gas price below",
            ]
        ),
        (
            .wrongChain,
            ["invalid sender", "chain id", "chainid", "chain_id", "invalid signature", "replay-protected"]
        ),
        (
            .rateLimited,
            [
                "rate limit", "request limit", "rps limit", "too many requests", "request count exceeded",
                "request rate", "compute units", "capacity",
            ]
        ),
        (.methodMissing, ["method not found", "does not exist/is not available", "method not supported"]),
    ]
}
