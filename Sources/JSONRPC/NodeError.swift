public import AirlockDiagnostics
internal import AirlockEthereumTypes
public import AirlockHTTP
internal import AirlockStrictJSON

/// Why a question to a node has no answer.
public struct NodeError: RuleBroken, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The request or the response was lost.
        case transport(HTTPError)
        /// An HTTP status of 300 or above, without a JSON-RPC error.
        case status(Int)
        /// The answer is malformed at these JSON pointers.
        case malformed([Problem])
        /// The node answered with an error.
        case refused(NodeRefusal)
    }

    /// The node's address without parts that may be secret.
    public let node: String
    public let method: String
    public let reason: Reason

    /// The node's error, if it answered with one.
    public var refusal: NodeRefusal? {
        if case .refused(let refusal) = reason { refusal } else { nil }
    }

    public var problems: [Problem] {
        switch reason {
        case .transport(let error): error.problems
        case .status(let status): [Problem(RPCRule.status, at: node, detail: "\(status) to \(method)")]
        case .malformed(let problems):
            // The user cannot correct a node's answer: every problem gets the hint for a bad answer.
            [Problem(RPCRule.badAnswer, at: node, detail: method)]
                + problems.map { $0.rule is RPCRule ? $0 : $0.because(RPCRule.badAnswer) }
        case .refused(let refusal): [Problem(refusal.rule, at: node, saw: refusal.message)]
        }
    }
}

/// The JSON-RPC error of a node: its meaning and its message.
public struct NodeRefusal: Hashable, Sendable {
    public let rule: NodeRule
    /// JSON-RPC's error code. Nodes do not use the same codes.
    public let code: Int
    /// The node's message, without the API keys that were sent to the node. It is untrusted text: a `Problem` escapes
    /// it.
    public let message: String
    /// The revert data, if the node returns it.
    public let data: [UInt8]

    /// Reads the `error` member of an answer in any of its shapes: gateways in front of nodes use shapes of their own.
    ///
    /// - Parameters:
    ///   - error: the `error` member.
    ///   - clean: removes API keys from a text.
    init(_ error: JSONValue, _ clean: (String) -> String) {
        code = error["code"]?.number.flatMap { Int($0) } ?? 0
        message = clean(error["message"]?.string ?? error.string ?? error.text)
        data = Self.data(error["data"])
        rule = NodeRule(code: code, message: message)
    }

    /// The refusal of a server that limits the rate by HTTP status alone.
    init(rateLimited status: Int) {
        (rule, code, message, data) = (.rateLimited, status, "HTTP status \(status)", [])
    }

    /// The revert data is hex (geth), or follows a word (Nethermind's "Reverted 0x…"), or is one level down (Hardhat).
    private static func data(_ value: JSONValue?) -> [UInt8] {
        guard let text = value?.string ?? value?["data"]?.string else { return [] }
        let digits = text.split(separator: " ").last ?? ""
        return (try? Hex.decode(digits)) ?? []
    }
}

/// What can be wrong with a node's answer. For the errors that nodes return, see `NodeRule`.
public enum RPCRule: String, Rule {
    case status = "rpc.status"
    case badAnswer = "rpc.bad-answer"
    case wrongID = "rpc.wrong-id"
    case repeatedID = "rpc.repeated-id"
    case missingAnswer = "rpc.missing-answer"
    case otherReceipt = "rpc.other-receipt"
    case otherHeader = "rpc.other-header"

    public var meaning: String {
        switch self {
        case .status: "the server answered with an HTTP error"
        case .badAnswer: "the node's answer is malformed"
        case .wrongID: "the answer belongs to another request"
        case .repeatedID: "two answers have the same id"
        case .missingAnswer: "one of several requests has no answer"
        case .otherHeader: "the block header does not match the block hash that the node gives"
        case .otherReceipt: "the receipt is of another transaction or sender, or its logs were removed"
        }
    }
}
