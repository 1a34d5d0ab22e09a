public import AirlockHTTP
internal import AirlockDiagnostics
internal import AirlockStrictJSON
import Synchronization

/// One node, asked by JSON-RPC 2.0 over HTTP. What it answers is read exactly or refused with its place.
public final class EthereumNode: Sendable {
    private let url: HTTPURL
    private let client: HTTPClient
    private let headers: [HTTPHeader]
    private let lastID = Atomic<UInt64>(0)
    /// Set once the node has answered to single questions what it would not in a batch.
    let refusesBatches = Atomic(false)

    private let observe: @Sendable (NodeCallReport) -> Void

    /// `observe` hears of each call when it has ended.
    public init(
        _ url: HTTPURL, _ client: HTTPClient, headers: [HTTPHeader] = [],
        observe: @escaping @Sendable (NodeCallReport) -> Void = { _ in }
    ) {
        self.url = url
        self.client = client
        self.observe = observe
        self.headers = [.contentIsJSON] + headers
    }

    /// The node's address, with all that may be secret cut out.
    public var name: String { url.description }

    /// Asks one question.
    public func ask<Answer>(_ question: NodeQuestion<Answer>) async throws(NodeError) -> Answer {
        try read(try await answer(to: question.call), question)
    }

    /// The whole answer to one call, which is not an error and has the call's number.
    func answer(to call: NodeCall) async throws(NodeError) -> JSONValue {
        let id = nextID()
        let reply = try await post(call.request(id), call.method)
        // An error counts whatever its id: JSON-RPC 2.0 §5 makes it null where the question could not be read.
        if let error = reply.root["error"], !error.isNull { throw refusal(call.method, error) }
        guard reply.status < 300 else { throw failure(call.method, .status(reply.status)) }
        var reader = ObjectReader(reply.root)
        if let said = reader.number("id"), said != id {
            reader.record([Problem(RPCRule.wrongID, at: "/id", saw: said, expected: id)])
        }
        if !reader.problems.isEmpty { throw failure(call.method, .malformed(reader.problems)) }
        return reply.root
    }

    /// Reads an answer as its question wants it read.
    func read<Answer>(_ answer: JSONValue, _ question: NodeQuestion<Answer>) throws(NodeError) -> Answer {
        var reader = ObjectReader(answer)
        guard let result = question.read(&reader), reader.problems.isEmpty else {
            throw failure(question.call.method, .malformed(reader.problems))
        }
        return result
    }

    /// Posts a document and returns the one that came back, whatever it says, with its HTTP status.
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

    /// What the node says no with. Its gateway may repeat the key that its address or a header holds.
    func refusal(_ method: String, _ error: JSONValue) -> NodeError {
        let request = HTTPRequest(.get, url, headers: headers)
        return failure(method, .refused(NodeRefusal(error, request.withoutSecrets)))
    }

    func failure(_ method: String, _ reason: NodeError.Reason) -> NodeError {
        NodeError(node: name, method: method, reason: reason)
    }
}

/// One call to a node, or several in one message, as it went.
public struct NodeCallReport: Hashable, Sendable {
    /// The node's address, with all that may be secret cut out.
    public let node: String
    public let duration: Duration
    /// `nil` where the node answered, even with a no.
    public let failure: NodeError?
}
