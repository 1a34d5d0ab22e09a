import AirlockEthereumTypes
import AirlockHTTP
import AirlockJSONRPC
import AirlockLoopbackServer
import AirlockDiagnostics
import Synchronization
import Testing

@Suite("Several questions at once")
struct BatchTests {
    /// A node whose answer to each request depends on the body of the request. It records the bodies.
    private final class Script: Sendable {
        let server: LoopbackServer
        let node: EthereumNode

        init(_ answer: @escaping @Sendable (String) -> (body: String, status: String)) throws {
            let bodies = Shared()
            server = LoopbackServer { connection in
                while let request = connection.request() {
                    let body = String(request.split(separator: "\r\n\r\n", maxSplits: 1).last ?? "")
                    bodies.list.withLock { $0.append(body) }
                    let (answer, status) = answer(body)
                    connection.answer(answer, status: status)
                }
            }
            node = EthereumNode(try HTTPURL(server.url), HTTPClient())
            shared = bodies
        }

        private let shared: Shared
        var bodies: [String] { shared.list.withLock { $0 } }
    }

    private final class Shared: Sendable {
        let list = Mutex<[String]>([])
    }

    /// Creates a node that gives the same answer to every batch. To a call outside a batch, it answers 0x7.
    private func node(_ answer: String, status: String = "200 OK") throws -> Script {
        try Script { body in
            guard body.hasPrefix("{") else { return (answer, status) }
            let id = body.split(separator: "\"id\":").last?.prefix { $0.isNumber } ?? ""
            return (#"{"jsonrpc":"2.0","id":\#(id),"result":"0x7"}"#, "200 OK")
        }
    }

    private func together(_ node: EthereumNode) async throws(NodeError) -> (UInt64, UInt256) {
        try await node.askTogether(.transactionCount(of: .zero, at: .latest), .balance(of: .zero))
    }

    static let refusal = #"{"code":-32000,"message":"no"}"#

    @Test("make one request, and are answered in any order")
    func order() async throws {
        let script = try node(#"[{"id":2,"result":"0x2"},{"id":1,"result":"0x1"}]"#)
        let (count, balance) = try await together(script.node)
        #expect(count == 1)
        #expect(balance == 2)
        let questions = ["eth_getTransactionCount", "eth_getBalance"].enumerated().map { index, method in
            #"{"jsonrpc":"2.0","id":\#(index + 1),"method":"\#(method)","params":["\#(Address.zero)","latest"]}"#
        }
        #expect(script.bodies == ["[" + questions.joined(separator: ",") + "]"])
    }

    static let wrong: [(String, [String])] = [
        (#"[{"id":1,"result":"0x1"}]"#, ["rpc.missing-answer "]),
        ("[]", ["rpc.missing-answer ", "rpc.missing-answer "]),
        (#"[{"id":1,"result":"0x1"},{"id":1,"result":"0x2"}]"#, ["rpc.repeated-id /1/id", "rpc.missing-answer "]),
        (
            #"[{"id":1,"result":"0x1"},{"id":2,"result":"0x2"},{"id":2,"result":"0x2"}]"#,
            ["rpc.repeated-id /2/id"]
        ),
        (#"[{"id":1,"result":"0x1"},{"id":3,"result":"0x2"}]"#, ["rpc.wrong-id /1/id", "rpc.missing-answer "]),
        (#"[{"id":1,"result":"0x1"},{"id":"2","result":"0x2"}]"#, ["json.wrong-type /1/id", "rpc.missing-answer "]),
        (#"[{"id":1,"result":"0x1"},{"id":2.0,"result":"0x2"}]"#, ["rpc.wrong-id /1/id", "rpc.missing-answer "]),
        (#"[{"id":1,"result":"0x1"},{"result":"0x2"}]"#, ["json.missing-field /1/id", "rpc.missing-answer "]),
        (
            #"[{"id":1,"result":"0x1"},{"id":null,"error":\#(refusal)}]"#,
            ["json.wrong-type /1/id", "rpc.missing-answer "]
        ),
        (#"[{"id":1,"result":"0x1"},7]"#, ["json.wrong-type /1", "rpc.missing-answer "]),
        (#"{"id":1,"result":"0x1"}"#, ["json.wrong-type "]),
        ("null", ["json.wrong-type "]),
        ("[", ["json.unfinished /0"]),
        (#"[{"id":1,"result":"0x01"},{"id":2,"result":"0x2"}]"#, ["value.not-a-hex-quantity /0/result"]),
        (#"[{"id":1,"result":"0x1"},{"id":2,"result":null}]"#, ["json.wrong-type /1/result"]),
        (#"[{"id":1,"result":"0x1"},{"id":2}]"#, ["json.missing-field /1/result"]),
    ]

    @Test("are refused where an answer is missing, comes twice, is another's, or cannot be read", arguments: wrong)
    func refused(answer: String, problems: [String]) async throws {
        let script = try node(answer)
        let error = await #expect(throws: NodeError.self) { try await together(script.node) }
        #expect(error?.problems.first?.code == "rpc.bad-answer")
        #expect(error?.problems.dropFirst().map { "\($0.code) \($0.field ?? "")" } ?? [] == problems)
        #expect(script.bodies.count == 1)
    }

    @Test("have each an answer of its own")
    func each() async throws {
        let script = try node(#"[{"id":2,"error":\#(Self.refusal)},{"id":3,"result":"0x"},{"id":1,"result":"0x1"}]"#)
        let answers = try await script.node.askEach([.balance(of: .zero), .balance(of: .zero), .balance(of: .zero)])
        #expect(try answers[0].get() == 1)
        #expect(throws: NodeError.self) { try answers[1].get() }
        let codes = answers.map { answer -> [String] in
            if case .failure(let failure) = answer { failure.problems.map(\.code) } else { [] }
        }
        #expect(codes == [[], ["node.other"], ["rpc.bad-answer", "value.not-a-hex-quantity"]])
    }

    @Test("of several kinds fail as the first of them does")
    func first() async throws {
        let script = try node(#"[{"id":2,"error":\#(Self.refusal)},{"id":1,"error":{"code":3,"message":"x"}}]"#)
        let error = await #expect(throws: NodeError.self) { try await together(script.node) }
        #expect(error?.method == "eth_getTransactionCount")
        #expect(error?.refusal?.rule == .reverted)
    }

    static let refusals: [(String, String)] = [
        (#"{"jsonrpc":"2.0","id":null,"error":\#(refusal)}"#, "200 OK"),
        (#"{"error":{"code":-32005,"message":"Number of requests exceeds max batch size"}}"#, "200 OK"),
        (#"{"message":"Batch requests are disabled","error":"batch"}"#, "400 Bad Request"),
        (#"[{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"batch too large"}}]"#, "200 OK"),
    ]

    @Test("are asked one by one where the node takes no batch, and from then on", arguments: refusals)
    func fallback(answer: String, status: String) async throws {
        let script = try node(answer, status: status)
        for _ in 1...2 {
            let (count, balance) = try await together(script.node)
            #expect(count == 7)
            #expect(balance == 7)
        }
        #expect(script.bodies.map { $0.prefix(1) } == ["[", "{", "{", "{", "{"])
    }

    @Test("are not asked one by one where the node has no answer at all, or complains of their number")
    func noFallback() async throws {
        let answers: [(String, String, String)] = [
            ("<html>", "502 Bad Gateway", "rpc.status"), ("[]", "500 Error", "rpc.status"),
            ("slow", "429 Too Many Requests", "node.rate-limited"),
        ]
        for (answer, status, code) in answers {
            let script = try node(answer, status: status)
            let error = await #expect(throws: NodeError.self) { try await together(script.node) }
            #expect(error?.problems.first?.code == code)
            #expect(script.bodies.count == 1)
        }
        // Because of its rate limit, this node refuses the batch, and then also the call that the client sends outside
        // a batch. The client sends no further call. When the client is used again, it again tries a batch first.
        let limited = try Script { _ in (#"{"error":{"code":-32016,"message":"over rate limit"}}"#, "200 OK") }
        for _ in 1...2 {
            let error = await #expect(throws: NodeError.self) { try await together(limited.node) }
            #expect(error?.refusal?.rule == .rateLimited)
        }
        #expect(limited.bodies.map { $0.prefix(1) } == ["[", "{", "[", "{"])
    }

    @Test("are no batch when there is but one, and nothing when there is none")
    func few() async throws {
        let script = try node("[]")
        #expect(try await script.node.askEach([NodeQuestion.balance(of: .zero)]).map { try $0.get() } == [7])
        #expect(try await script.node.askEach([NodeQuestion<UInt256>]()).isEmpty)
        #expect(script.bodies.map { $0.prefix(1) } == ["{"])
    }
}
