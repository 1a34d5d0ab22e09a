internal import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockHTTP
internal import AirlockStrictJSON
import Synchronization

/// A client for one Ethereum node, with JSON-RPC 2.0 over HTTP. The client decodes each answer strictly. If an answer
/// is malformed, the error contains the JSON pointer of the malformed value.
public final class EthereumNode: Sendable {
    private let url: HTTPURL
    private let client: HTTPClient
    private let headers: [HTTPHeader]
    private let lastID = Atomic<UInt64>(0)
    /// Whether the node refuses batches. The client sets this flag after the node has refused a batch and has then
    /// answered the calls of the batch one by one.
    let refusesBatches = Atomic(false)

    private let observe: @Sendable (NodeCallReport) -> Void

    /// Creates a client for one node.
    ///
    /// - Parameters:
    ///   - url: the node's address.
    ///   - client: the HTTP client. Several nodes can share one client.
    ///   - headers: additional headers for every request.
    ///   - observe: a function that is called after each call to the node.
    public init(
        _ url: HTTPURL, _ client: HTTPClient, headers: [HTTPHeader] = [],
        observe: @escaping @Sendable (NodeCallReport) -> Void = { _ in }
    ) {
        self.url = url
        self.client = client
        self.observe = observe
        self.headers = [.contentIsJSON] + headers
    }

    /// The node's address without parts that may be secret.
    public var name: String { url.description }

    /// Sends one JSON-RPC call to the node and returns the decoded result.
    public func ask<Answer>(_ question: NodeQuestion<Answer>) async throws(NodeError) -> Answer {
        try read(try await answer(to: question.call), question)
    }

    /// Sends one call and returns the whole answer. Throws if the answer is an error, or if the id of the answer
    /// differs from the id of the call.
    func answer(to call: NodeCall) async throws(NodeError) -> JSONValue {
        let id = nextID()
        let reply = try await post(call.request(id), call.method)
        // An error is accepted with any id, because the id is null if the server could not read the request (JSON-RPC
        // 2.0 §5).
        if let error = reply.root["error"], !error.isNull { throw refusal(call.method, error) }
        guard reply.status < 300 else { throw failure(call.method, .status(reply.status)) }
        var reader = ObjectReader(reply.root)
        if let said = reader.number("id"), said != id {
            reader.record([Problem(RPCRule.wrongID, at: "/id", saw: said, expected: id)])
        }
        if !reader.problems.isEmpty { throw failure(call.method, .malformed(reader.problems)) }
        return reply.root
    }

    /// Decodes the result in a JSON-RPC response with the decoder of the ``NodeQuestion`` that was sent.
    func read<Answer>(_ answer: JSONValue, _ question: NodeQuestion<Answer>) throws(NodeError) -> Answer {
        var reader = ObjectReader(answer)
        guard let result = question.read(&reader), reader.problems.isEmpty else {
            throw failure(question.call.method, .malformed(reader.problems))
        }
        return result
    }

    /// Posts a JSON document. Returns the HTTP status and the JSON document of the response, which may have any shape.
    func post(_ question: JSONOutput, _ method: String) async throws(NodeError) -> (root: JSONValue, status: Int) {
        let begin = ContinuousClock.now
        do throws(NodeError) {
            let reply = try await exchange(question, method)
            observe(NodeCallReport(node: name, duration: .now - begin, failure: nil))
            return reply
        } catch {
            observe(NodeCallReport(node: name, duration: .now - begin, failure: error))
            throw error
        }
    }

    private func exchange(
        _ question: JSONOutput, _ method: String
    ) async throws(NodeError) -> (root: JSONValue, status: Int) {
        let response: HTTPResponse
        do {
            response = try await client.send(HTTPRequest(.post(question.bytes), url, headers: headers))
        } catch {
            throw failure(method, .transport(error))
        }
        if response.status == 429 { throw failure(method, .refused(NodeRefusal(rateLimited: 429))) }
        do {
            return (try JSONDocument(response.body).root, response.status)
        } catch {
            throw failure(method, response.status < 300 ? .malformed(error.problems) : .status(response.status))
        }
    }

    func nextID() -> String { String(lastID.wrappingAdd(1, ordering: .relaxed).newValue) }

    /// Makes the error that is thrown if the node answers with an error. The node's error message might repeat an API
    /// key from the URL or from a header of the request. Such keys are removed from the message.
    func refusal(_ method: String, _ error: JSONValue) -> NodeError {
        let request = HTTPRequest(.get, url, headers: headers)
        return failure(method, .refused(NodeRefusal(error, request.withoutSecrets)))
    }

    func failure(_ method: String, _ reason: NodeError.Reason) -> NodeError {
        NodeError(node: name, method: method, reason: reason)
    }
}

/// The outcome of one call or one batch that was sent to a node.
public struct NodeCallReport: Hashable, Sendable {
    /// The node's address without parts that may be secret.
    public let node: String
    public let duration: Duration
    /// The reason why the call failed. `nil` if the node answered with a JSON document, even if this document contains
    /// an error. The HTTP status 429 counts as a failure.
    public let failure: NodeError?
}

/// JSON-RPC batches, which send several calls in one round trip (JSON-RPC 2.0 §6).
extension EthereumNode {
    /// The result of one call in a batch, or an error that tells why the call has no result.
    public typealias Answered<Answer> = Result<Answer, NodeError>

    /// Sends several JSON-RPC calls with different types of results in one batch. Throws the error of the first call
    /// that has no result.
    public func askTogether<each Answer: Sendable>(
        _ questions: repeat NodeQuestion<each Answer>
    ) async throws(NodeError) -> (repeat each Answer) {
        var calls: [NodeCall] = []
        for question in repeat each questions { calls.append(question.call) }
        let answers = try await answers(to: calls)
        var position = 0
        func next<One>(_ question: NodeQuestion<One>) throws(NodeError) -> One {
            defer { position += 1 }
            return try read(answers[position].get(), question)
        }
        return try (repeat next(each questions))
    }

    /// Sends several JSON-RPC calls with the same type of result in one batch. Returns the results in the order of the
    /// calls.
    public func askEach<Answer>(
        _ questions: [NodeQuestion<Answer>]
    ) async throws(NodeError) -> [Answered<Answer>] {
        let answers = try await answers(to: questions.map(\.call))
        return zip(questions, answers).map { question, answer in
            do throws(NodeError) { return .success(try read(try answer.get(), question)) } catch {
                return .failure(error)
            }
        }
    }

    /// Sends the calls as one batch and returns the answer to each call. Throws if the whole batch failed.
    private func answers(to calls: [NodeCall]) async throws(NodeError) -> [Answered<JSONValue>] {
        if calls.count < 2 || refusesBatches.load(ordering: .relaxed) { return try await answersOneByOne(to: calls) }
        let methods = calls.map(\.method).joined(separator: ", ")
        let ids = calls.map { _ in nextID() }
        let (root, status) = try await post(.array(zip(calls, ids).map { $0.request($1) }), methods)
        if Self.isRefusal(root, of: calls.count) {
            let answers = try await answersOneByOne(to: calls)
            refusesBatches.store(true, ordering: .relaxed)
            return answers
        }
        guard status < 300 else { throw failure(methods, .status(status)) }
        let found = try sorted(root, ids, methods)
        return zip(calls, found).map { call, answer in
            guard let error = answer["error"], !error.isNull else { return .success(answer) }
            return .failure(refusal(call.method, error))
        }
    }

    /// Whether the node refused the whole batch. A node that does not support batches answers with one error object. If
    /// a batch is too large, geth answers with an array that contains one error object.
    private static func isRefusal(_ root: JSONValue, of count: Int) -> Bool {
        let said = root.elements.map { $0.count == 1 && count > 1 ? $0[0]["error"] : nil } ?? root["error"]
        return said.map { !$0.isNull } ?? false
    }

    /// Sends the calls one after the other. Throws at the first call for which the node cannot be reached, limits the
    /// rate of requests, or gives no valid answer.
    private func answersOneByOne(to calls: [NodeCall]) async throws(NodeError) -> [Answered<JSONValue>] {
        var answers: [Answered<JSONValue>] = []
        for call in calls {
            do throws(NodeError) { answers.append(.success(try await answer(to: call))) } catch {
                guard let rule = error.refusal?.rule, rule != .rateLimited else { throw error }
                answers.append(.failure(error))
            }
        }
        return answers
    }

    /// Sorts the answers of a batch into the order of the calls. Each call must have exactly one answer.
    private func sorted(
        _ root: JSONValue, _ ids: [String], _ methods: String
    ) throws(NodeError) -> [JSONValue] {
        var problems: [Problem] = []
        var found: [String: JSONValue] = [:]
        guard let elements = root.elements else {
            throw failure(
                methods, .malformed([Problem(JSONRule.wrongType, at: "", saw: root.text, expected: "an array")]))
        }
        for element in elements where problems.count < ObjectReader.problemLimit {
            var reader = ObjectReader(element)
            if let id = reader.number("id") {
                if !ids.contains(id) {
                    reader.record([Problem(RPCRule.wrongID, at: reader.pointer(to: "id"), saw: id)])
                } else if found.updateValue(element, forKey: id) != nil {
                    reader.record([Problem(RPCRule.repeatedID, at: reader.pointer(to: "id"), saw: id)])
                }
            }
            problems += reader.problems
        }
        for id in ids where found[id] == nil && problems.count < ObjectReader.problemLimit {
            problems.append(Problem(RPCRule.missingAnswer, expected: "id \(id)"))
        }
        if !problems.isEmpty { throw failure(methods, .malformed(problems)) }
        return ids.compactMap { found[$0] }
    }
}

/// Functions that call the JSON-RPC methods that Airlock uses. Each function sends a single call.
extension EthereumNode {
    public func chain() async throws(NodeError) -> Chain { try await ask(.chain) }

    public func transactionCount(of account: Address, at block: BlockTag) async throws(NodeError) -> UInt64 {
        try await ask(.transactionCount(of: account, at: block))
    }

    public func balance(of account: Address, at block: BlockTag = .latest) async throws(NodeError) -> UInt256 {
        try await ask(.balance(of: account, at: block))
    }

    public func feeHistory(blocks: UInt64, percentiles: [Int]) async throws(NodeError) -> FeeHistory {
        try await ask(.feeHistory(blocks: blocks, percentiles: percentiles))
    }

    public func maxPriorityFeePerGas() async throws(NodeError) -> UInt256 { try await ask(.maxPriorityFeePerGas) }

    public func call(
        _ request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) async throws(NodeError) -> [UInt8] {
        try await ask(.call(request, at: block, pretending: overrides))
    }

    public func estimateGas(
        _ request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) async throws(NodeError) -> UInt64 {
        try await ask(.gas(for: request, at: block, pretending: overrides))
    }

    public func block(_ block: BlockTag) async throws(NodeError) -> Block? { try await ask(.block(block)) }

    public func transactions(in block: BlockTag) async throws(NodeError) -> [KnownTransaction]? {
        try await ask(.transactions(in: block))
    }

    public func transaction(_ hash: Hash) async throws(NodeError) -> KnownTransaction? {
        try await ask(.transaction(hash))
    }

    public func receipt(of hash: Hash) async throws(NodeError) -> Receipt? { try await ask(.receipt(of: hash)) }

    public func sendRawTransaction(_ raw: [UInt8]) async throws(NodeError) -> Hash { try await ask(.sending(raw)) }
}
