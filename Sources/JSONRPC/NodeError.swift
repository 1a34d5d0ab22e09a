public import AirlockDiagnostics
internal import AirlockEthereumTypes
public import AirlockHTTP
internal import AirlockStrictJSON

/// The reason why a JSON-RPC call to a node has no result.
public struct NodeError: RuleBroken, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The HTTP request failed, so there is no response.
        case transport(HTTPError)
        /// The server answered with an HTTP status of 300 or above. The response contains no JSON-RPC error.
        case status(Int)
        /// The answer is malformed. Each problem contains the JSON pointer of a malformed value.
        case malformed([Problem])
        /// The node answered with an error.
        case refused(NodeRefusal)
    }

    /// The node's address without parts that may be secret.
    public let node: String
    public let method: String
    public let reason: Reason

    /// The JSON-RPC error that the node returned; `nil` if the call failed for another reason.
    public var refusal: NodeRefusal? {
        if case .refused(let refusal) = reason { refusal } else { nil }
    }

    public var problems: [Problem] {
        switch reason {
        case .transport(let error): error.problems
        case .status(let status): [Problem(RPCRule.status, at: node, detail: "\(status) to \(method)")]
        case .malformed(let problems):
            // A problem whose rule is not an `RPCRule` gets the advice for a malformed answer. The advice of its own
            // rule would not help, because the user cannot correct a node's answer.
            [Problem(RPCRule.badAnswer, at: node, detail: method)]
                + problems.map { $0.rule is RPCRule ? $0 : $0.because(RPCRule.badAnswer) }
        case .refused(let refusal): [Problem(refusal.rule, at: node, saw: refusal.message)]
        }
    }
}

/// A JSON-RPC error that a node returned. It contains the meaning of the error and the node's message.
public struct NodeRefusal: Hashable, Sendable {
    public let rule: NodeRule
    /// The error code of JSON-RPC. Different nodes use different codes for the same error.
    public let code: Int
    /// At most the first 1000 Unicode scalars of the node's message, without the API keys that were sent to the node.
    /// The message is untrusted text, and a `Problem` escapes it.
    public let message: String
    /// The revert data; empty if the node does not return any.
    public let data: [UInt8]

    /// The largest number of Unicode scalars of `message`. It is limited because the journal stores the message of
    /// every failed attempt.
    private static let messageLimit = 1000

    /// Reads the member `error` of an answer. This member may have any shape, because gateways in front of nodes use
    /// various formats.
    ///
    /// - Parameters:
    ///   - error: the `error` member.
    ///   - clean: a function that removes API keys from the error message.
    init(_ error: JSONValue, _ clean: (String) -> String) {
        code = error["code"]?.number.flatMap { Int($0) } ?? 0
        let said = clean(error["message"]?.string ?? error.string ?? error.text)
        message = String(String.UnicodeScalarView(said.unicodeScalars.prefix(Self.messageLimit)))
        data = Self.data(error["data"])
        rule = NodeRule(code: code, message: said)
    }

    /// Makes the error for a server that limits the rate of requests and reports this only with an HTTP status.
    init(rateLimited status: Int) {
        (rule, code, message, data) = (.rateLimited, status, "HTTP status \(status)", [])
    }

    /// Finds the revert data in the member `data` of an error. geth returns only hex digits there. Nethermind puts the
    /// word "Reverted" before the digits. Hardhat returns an object with its own member `data`.
    private static func data(_ value: JSONValue?) -> [UInt8] {
        guard let text = value?.string ?? value?["data"]?.string else { return [] }
        let digits = text.split(separator: " ").last ?? ""
        return (try? Hex.decode(digits)) ?? []
    }
}

/// The problems that a node's answer can have. ``NodeRule`` lists the errors that nodes return.
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
        case .otherReceipt: "the receipt belongs to another transaction or sender, or its logs were removed"
        }
    }
}
