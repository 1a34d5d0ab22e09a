import AirlockEthereumTypes
import AirlockHTTP
import AirlockJSONRPC
import AirlockLoopbackServer
import AirlockDiagnostics
import Synchronization
import Testing

@Suite("A question to a node")
struct EthereumNodeTests {
    typealias Question = @Sendable (EthereumNode) async throws(NodeError) -> Void

    static let account = Address(FixedBytes { UInt8($0) })
    static let hash = Hash { _ in 0xAB }
    static let call = CallRequest(from: account, to: .zero, value: 255, data: [1, 2], gas: 21000)

    static let questions: [(String, Question)] = [
        (#""eth_chainId","params":[]"#, { node throws(NodeError) in _ = try await node.chain() }),
        (
            #""eth_getTransactionCount","params":["\#(account)","pending"]"#,
            { node throws(NodeError) in _ = try await node.transactionCount(of: account, at: .pending) }
        ),
        (
            #""eth_getBalance","params":["\#(account)","latest"]"#,
            { node throws(NodeError) in _ = try await node.balance(of: account) }
        ),
        (
            #""eth_feeHistory","params":["0xa","latest",[10,50]]"#,
            { node throws(NodeError) in _ = try await node.feeHistory(blocks: 10, percentiles: [10, 50]) }
        ),
        (
            #""eth_call","params":[{"to":"\#(Address.zero)","from":"\#(account)","value":"0xff","data":"0x0102","#
                + #""gas":"0x5208"},"latest"]"#,
            { node throws(NodeError) in _ = try await node.call(call) }
        ),
        (
            #""eth_estimateGas","params":[{"to":"\#(Address.zero)"},"latest",{"\#(account)":{"balance":"0x1","#
                + #""code":"0x00","stateDiff":{"\#(Hash.zero)":"\#(hash)"}}}]"#,
            { node throws(NodeError) in
                let override = StateOverride(balance: 1, code: [0], storage: [.zero: hash])
                _ = try await node.estimateGas(CallRequest(to: .zero), pretending: [account: override])
            }
        ),
        (
            #""eth_getBlockByNumber","params":["latest",false]"#,
            { node throws(NodeError) in _ = try await node.block(.latest) }
        ),
        (
            #""eth_getBlockByNumber","params":["0x7",true]"#,
            { node throws(NodeError) in _ = try await node.transactions(in: .number(7)) }
        ),
        (
            #""eth_getTransactionByHash","params":["\#(hash)"]"#,
            { node throws(NodeError) in _ = try await node.transaction(hash) }
        ),
        (
            #""eth_getTransactionReceipt","params":["\#(hash)"]"#,
            { node throws(NodeError) in _ = try await node.receipt(of: hash) }
        ),
        (
            #""eth_sendRawTransaction","params":["0x02c0"]"#,
            { node throws(NodeError) in _ = try await node.sendRawTransaction([2, 0xC0]) }
        ),
    ]

    @Test("is one JSON-RPC request, and null where something must be is refused", arguments: questions)
    func question(expected: String, ask: Question) async throws {
        let asked = Mutex<[String]>([])
        let server = LoopbackServer { connection in
            while let request = connection.request() {
                asked.withLock { $0.append(request) }
                connection.answer(#"{"jsonrpc":"2.0","id":1,"result":null}"#)
            }
        }
        let node = EthereumNode(try HTTPURL(server.url), HTTPClient(), headers: [try HTTPHeader("X-Key", "k")])
        do {
            try await ask(node)
            #expect(expected.contains("Block") || expected.contains("ByHash") || expected.contains("Receipt"))
        } catch {
            let (rpc, wrong) = ("rpc.bad-answer", "json.wrong-type")
            #expect(error.problems.map(\.code) == [rpc, wrong])
            #expect(error.problems.map(\.field) == [server.url, "/result"])
        }
        let request = try #require(asked.withLock { $0.first })
        #expect(request.hasSuffix(#"{"jsonrpc":"2.0","id":1,"method":\#(expected)}"#))
        #expect(request.contains("\r\nX-Key: k\r\n"))
        #expect(request.contains("\r\nContent-Type: application/json\r\n"))
    }

    @Test("has a number of its own")
    func numbered() async throws {
        let server = LoopbackServer(answering: #"{"jsonrpc":"2.0","id":1,"result":"0x1"}"#)
        let node = EthereumNode(try HTTPURL(server.url), HTTPClient())
        #expect(try await node.chain() == .ethereum)
        let error = await #expect(throws: NodeError.self) { try await node.chain() }
        #expect(error?.problems.map(\.code) == ["rpc.bad-answer", "rpc.wrong-id"])
        #expect(error?.problems.last?.field == "/id")
    }

    @Test("fails as the transport fails")
    func transport() async throws {
        let server = LoopbackServer(saying: "")
        let node = EthereumNode(try HTTPURL("\(server.url)/0123456789"), HTTPClient())
        let error = await #expect(throws: NodeError.self) { try await node.chain() }
        #expect(error?.problems.map(\.code) == ["http.cut-off"])
        #expect(error?.node == "\(server.url)/...")
    }

    @Test("says what a node says without the keys that it repeats")
    func echo() async throws {
        let body = #"{"id":1,"error":{"code":-32005,"message":"key 0123456789 and token aBcDeF are used up"}}"#
        let server = LoopbackServer(answering: body)
        let node = EthereumNode(
            try HTTPURL("\(server.url)/v3/0123456789"), HTTPClient(), headers: [try HTTPHeader("X-Key", "aBcDeF")])
        let error = await #expect(throws: NodeError.self) { try await node.chain() }
        let message = try #require(error?.problems.first?.message)
        #expect(message.contains("key ... and token ... are used up"), "\(message)")
    }

    static let statuses: [(String, String, String)] = [
        ("429 Too Many Requests", "slow down", "node.rate-limited"),
        ("429 Too Many Requests", #"{"id":1,"result":"0x1"}"#, "node.rate-limited"),
        ("502 Bad Gateway", "<html>", "rpc.status"),
        ("401 Unauthorized", #"{"message":"no key"}"#, "rpc.status"),
        ("500 Error", #"{"id":1,"result":"0x1"}"#, "rpc.status"),
        ("400 Bad Request", #"{"id":null,"error":{"code":-32000,"message":"nonce too low"}}"#, "node.nonce-too-low"),
        ("403 Forbidden", #"{"error":"no such project"}"#, "node.other"),
        ("200 OK", #"{"id":1,"error":{"code":-32000,"message":"x"},"result":"0x1"}"#, "node.other"),
        ("200 OK", "<html>", "rpc.bad-answer"),
        ("200 OK", "", "rpc.bad-answer"),
        ("200 OK", "[]", "rpc.bad-answer"),
        ("200 OK", #"{"id":1}"#, "rpc.bad-answer"),
        ("200 OK", #"{"id":1,"result":"0x1","result":"0x2"}"#, "rpc.bad-answer"),
        ("200 OK", #"{"result":"0x1"}"#, "rpc.bad-answer"),
    ]

    @Test("is refused by status, by the node, or by what is no answer", arguments: statuses)
    func status(status: String, body: String, code: String) async throws {
        let server = LoopbackServer(answering: body, status: status)
        let node = EthereumNode(try HTTPURL(server.url), HTTPClient())
        let error = await #expect(throws: NodeError.self) { try await node.chain() }
        #expect(error?.problems.first?.code == code)
        #expect(error?.problems.first?.field == server.url)
        // The user cannot correct a malformed answer of a node. All problems of such an answer must therefore be
        // reported as `badAnswer`.
        if code == "rpc.bad-answer" {
            #expect(error?.problems.allSatisfy { ($0.cause ?? $0.rule) as? RPCRule == .badAnswer } == true)
        }
    }
}
