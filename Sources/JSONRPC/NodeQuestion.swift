internal import AirlockStrictJSON

/// What a node is asked: a method, its parameters, and how the answer to it is read. ``EthereumNode`` asks one by itself,
/// or several in one go.
public struct NodeQuestion<Answer: Sendable>: Sendable {
    let call: NodeCall
    /// Reads the member `result` of the answer. It returns `nil` when it has recorded a problem.
    let read: @Sendable (inout ObjectReader) -> Answer?

    init(_ method: String, _ parameters: [JSONOutput], _ read: @escaping @Sendable (inout ObjectReader) -> Answer?) {
        self.call = NodeCall(method: method, parameters: parameters)
        self.read = read
    }
}

/// A question without the type of its answer.
struct NodeCall: Sendable {
    let method: String
    let parameters: [JSONOutput]

    /// JSON-RPC 2.0 §4.
    func request(_ id: String) -> JSONOutput {
        ["jsonrpc": "2.0", "id": .number(id), "method": .string(method), "params": .array(parameters)]
    }
}
