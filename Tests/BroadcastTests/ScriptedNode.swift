import Foundation
import AirlockHTTP
import AirlockJSONRPC
import AirlockLoopbackServer
import Synchronization

/// A node with scripted answers. It records the JSON-RPC calls that it receives.
final class ScriptedNode: Sendable {
    /// The part of a JSON-RPC response that contains the result or the error, such as `"result":…` or `"error":{…}`.
    struct Answer: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        let text: String

        init(stringLiteral result: String) { text = "\"result\":\(result)" }

        private init(text: String) { self.text = text }

        static func refused(_ message: String, code: Int = -32000, data: String? = nil) -> Answer {
            let data = data.map { ",\"data\":\"\($0)\"" } ?? ""
            return Answer(text: "\"error\":{\"code\":\(code),\"message\":\"\(message)\"\(data)}")
        }

        /// Returns the error of a call that reverts with this data.
        static func reverted(_ data: String) -> Answer { .refused("execution reverted", code: 3, data: data) }
    }

    /// One JSON-RPC call: the method, and its parameters as JSON text.
    struct Question: Hashable, Sendable {
        let method: String
        let parameters: String
    }

    /// All servers that were started. A server stops when its last owner is released. Without this list, a server could
    /// stop before the test has sent its last request, and another server could then get the same port.
    private static let kept = Mutex<[LoopbackServer]>([])

    private let server: LoopbackServer
    private let questions = Shared<[Question]>([])
    private let requests = Shared(0)
    let node: EthereumNode

    var asked: [Question] { questions.value.withLock { $0 } }

    /// The number of HTTP requests that the node has received.
    var trips: Int { requests.value.withLock { $0 } }

    func asked(_ method: String) -> [Question] { asked.filter { $0.method == method } }

    init(takesBatches: Bool = true, _ answer: @escaping @Sendable (Question) -> Answer) throws {
        let (questions, requests) = (questions, requests)
        server = LoopbackServer { connection in
            while let request = connection.request() {
                requests.value.withLock { $0 += 1 }
                let body = request.components(separatedBy: "\r\n\r\n").dropFirst().joined()
                if body.hasPrefix("["), !takesBatches {
                    connection.answer("{\"error\":{\"code\":-32600,\"message\":\"no batches here\"}}")
                    continue
                }
                let answers = body.components(separatedBy: "{\"jsonrpc\":\"2.0\",").dropFirst().map { text in
                    func part(from start: String, to end: String) -> String {
                        let rest = text.components(separatedBy: start).dropFirst().joined(separator: start)
                        return rest.components(separatedBy: end)[0]
                    }
                    // The parameters end before the last closing brace, which closes the JSON object of the call. In a
                    // batch, a comma or a bracket follows this brace.
                    let parameters = part(from: "\"params\":", to: "\r\n").drop(while: { $0 != "[" })
                    let end = parameters.lastIndex(of: "}") ?? parameters.endIndex
                    let question = Question(
                        method: part(from: "\"method\":\"", to: "\""), parameters: String(parameters[..<end]))
                    questions.value.withLock { $0.append(question) }
                    return "{\"jsonrpc\":\"2.0\",\"id\":\(part(from: "\"id\":", to: ",")),\(answer(question).text)}"
                }
                connection.answer(body.hasPrefix("[") ? "[" + answers.joined(separator: ",") + "]" : answers[0])
            }
        }
        node = EthereumNode(try HTTPURL(server.url), HTTPClient())
        let server = server
        Self.kept.withLock { $0.append(server) }
    }
}

/// A value that several threads can change.
final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}
