public import HTTP
internal import Problems
internal import StrictJSON
import Synchronization

/// One node, asked by JSON-RPC 2.0 over HTTP. What it answers is read exactly or refused with its place.
public final class EthereumNode: Sendable {
    private let url: HTTPURL
    private let client: HTTPClient
    private let headers: [HTTPHeader]
    private let lastID = Atomic<UInt64>(0)

    public init(_ url: HTTPURL, _ client: HTTPClient, headers: [HTTPHeader] = []) {
        self.url = url
        self.client = client
        self.headers = [.contentIsJSON] + headers
    }

    /// The node's address, with all that may be secret cut out.
    public var name: String { url.description }

    /// Asks one question.
    /// - Parameter read: reads the member `result` of the answer. It returns nothing when it has recorded a problem.
    func ask<Answer>(
        _ method: String, _ parameters: [JSONOutput], _ read: (inout ObjectReader) -> Answer?
    ) async throws(NodeError) -> Answer {
        let id = String(lastID.wrappingAdd(1, ordering: .relaxed).newValue)
        let question: JSONOutput = [
            "jsonrpc": "2.0", "id": .number(id), "method": .string(method), "params": .array(parameters),
        ]
        let response: HTTPResponse
        do {
            response = try await client.send(HTTPRequest(.post(question.bytes), url, headers: headers))
        } catch {
            throw failure(method, .transport(error))
        }
        if response.status == 429 { throw failure(method, .refused(NodeRefusal(rateLimited: 429))) }
        let answer: JSONValue
        do {
            answer = try JSONDocument(response.body).root
        } catch {
            throw failure(method, response.status < 300 ? .malformed(error.problems) : .status(response.status))
        }
        // An error counts whatever its id: JSON-RPC 2.0 §5 makes it null where the question could not be read.
        if let error = answer["error"], !error.isNull { throw failure(method, .refused(NodeRefusal(error))) }
        guard response.status < 300 else { throw failure(method, .status(response.status)) }
        var reader = ObjectReader(answer)
        if let said = reader.number("id"), said != id {
            reader.record([Problem(RPCRule.wrongID, at: "/id", saw: said, expected: id)])
        }
        guard let result = read(&reader), reader.problems.isEmpty else {
            throw failure(method, .malformed(reader.problems))
        }
        return result
    }

    private func failure(_ method: String, _ reason: NodeError.Reason) -> NodeError {
        NodeError(node: name, method: method, reason: reason)
    }
}
