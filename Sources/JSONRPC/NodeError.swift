public import AirlockHTTP
public import AirlockDiagnostics

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
