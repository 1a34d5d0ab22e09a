public import AirlockDiagnostics
internal import AirlockEthereumTypes
public import AirlockHTTP
internal import AirlockStrictJSON

/// Why one question to one node has no answer.
public struct NodeError: RuleBroken, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The question or the answer did not make it.
        case transport(HTTPError)
        /// An HTTP status of 300 and above, and nothing that a node says.
        case status(Int)
        /// The answer came, and these places in it are wrong.
        case malformed([Problem])
        /// The node said no.
        case refused(NodeRefusal)
    }

    /// The node's address, with all that may be secret cut out.
    public let node: String
    public let method: String
    public let reason: Reason

    /// What the node said, when it said no.
    public var refusal: NodeRefusal? {
        if case .refused(let refusal) = reason { refusal } else { nil }
    }

    public var problems: [Problem] {
        switch reason {
        case .transport(let error): error.problems
        case .status(let status): [Problem(RPCRule.status, at: node, detail: "\(status) to \(method)")]
        case .malformed(let problems):
            // Nobody but the node can mend its answer.
            [Problem(RPCRule.badAnswer, at: node, detail: method)]
                + problems.map { $0.rule is RPCRule ? $0 : $0.because(RPCRule.badAnswer) }
        case .refused(let refusal): [Problem(refusal.rule, at: node, saw: refusal.message)]
        }
    }
}

/// A node's no: what it means, and its own words.
public struct NodeRefusal: Hashable, Sendable {
    public let rule: NodeRule
    /// JSON-RPC's error code; nodes do not agree on them.
    public let code: Int
    /// Word for word, but for keys that were sent to the node. It is foreign: a `Problem` escapes it.
    public let message: String
    /// What the contract returned when it reverted, as far as the node tells.
    public let data: [UInt8]

    /// Reads the `error` member of an answer, whatever its shape: gateways before nodes have their own.
    ///
    /// - Parameter clean: takes out of a text what was sent in confidence.
    init(_ error: JSONValue, _ clean: (String) -> String) {
        code = error["code"]?.number.flatMap { Int($0) } ?? 0
        message = clean(error["message"]?.string ?? error.string ?? error.text)
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

/// What can be wrong with a node's answer itself; what the node says no to is `NodeRule`.
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
        case .badAnswer: "the node's answer is not what the method promises"
        case .wrongID: "the answer belongs to another request"
        case .repeatedID: "two answers claim to belong to one request"
        case .missingAnswer: "one of several requests has no answer"
        case .otherHeader: "a block's header does not have the hash that the node gives it"
        case .otherReceipt: "the receipt is of another transaction than the one asked for, or was taken back"
        }
    }
}
