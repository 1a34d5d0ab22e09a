import AirlockEthereumTypes
import AirlockHTTP
import AirlockJSONRPC
import AirlockLoopbackServer
import AirlockDiagnostics
import Testing

@Suite("A node's answer")
struct AnswerTests {
    private func node(_ result: String) throws -> (EthereumNode, LoopbackServer) {
        let server = LoopbackServer(answering: #"{"jsonrpc":"2.0","id":1,"result":\#(result)}"#)
        return (EthereumNode(try HTTPURL(server.url), HTTPClient()), server)
    }

    static let hash = "0x" + String(repeating: "ab", count: 32)
    static let account = "0x" + String(repeating: "00", count: 20)

    static let blockText = #"""
        {"number":"0x10","hash":"\#(hash)","parentHash":"\#(hash)","timestamp":"0x65","gasLimit":"0x1c9c380",
        "baseFeePerGas":"0x7","transactions":[{"hash":"\#(hash)","from":"\#(account)","nonce":"0x0","blockNumber":"0x10"},
        {"hash":"\#(hash)","from":"\#(account)","nonce":"0x80","blockNumber":null}]}
        """#
    static let receiptText = #"""
        {"transactionHash":"\#(hash)","blockHash":"\#(hash)","blockNumber":"0x10","from":"\#(account)","status":"0x1",
        "gasUsed":"0x5208","effectiveGasPrice":"0x8","l1Fee":"0x3","logs":[{"address":"\#(account)","topics":["\#(hash)"],
        "data":"0x0102"}]}
        """#

    @Test("says a block")
    func block() async throws {
        let (node, server) = try node(Self.blockText)
        let block = try #require(try await node.block(.latest))
        #expect(block.number == 16)
        #expect(block.hash.description == Self.hash)
        #expect(block.parentHash == block.hash)
        #expect(block.timestamp == 101)
        #expect(block.baseFeePerGas == 7)
        #expect(block.gasLimit == 30_000_000)
        _ = server
    }

    @Test("says the transactions of a block")
    func transactions() async throws {
        let (node, server) = try node(Self.blockText)
        let transactions = try #require(try await node.transactions(in: .latest))
        #expect(transactions.map(\.nonce) == [0, 128])
        #expect(transactions.map(\.blockNumber) == [16, nil])
        _ = server
    }

    @Test("says a receipt")
    func receipt() async throws {
        let (node, server) = try node(Self.receiptText)
        let receipt = try #require(try await node.receipt(of: Hash { _ in 0xAB }))
        #expect(receipt.succeeded)
        #expect(receipt.blockNumber == 16)
        #expect(receipt.gasUsed == 21000)
        #expect(receipt.effectiveGasPrice == 8)
        #expect(receipt.l1Fee == 3)
        #expect(receipt.logs.map(\.data) == [[1, 2]])
        #expect(receipt.logs.map(\.topics) == [[receipt.blockHash]])
        _ = server
    }

    @Test("says what fees were paid")
    func fees() async throws {
        let (node, server) = try node(
            #"{"oldestBlock":"0x0","baseFeePerGas":["0x1","0x2","0x3"],"gasUsedRatio":[0.5,0],"reward":[["0x4"],["0x5"]]}"#
        )
        let history = try await node.feeHistory(blocks: 2, percentiles: [50])
        #expect(history.oldestBlock == 0)
        #expect(history.baseFeePerGas == [1, 2, 3])
        #expect(history.nextBaseFee == 3)
        #expect(history.reward == [[4], [5]])
        _ = server
    }

    /// Changes that make a member of a receipt wrong, each with the JSON pointer of the wrong member.
    static let foreign: [(old: String, new: String, place: String)] = [
        ("\"transactionHash\":\"0xab", "\"transactionHash\":\"0xac", "/result/transactionHash"),
        ("\"topics\"", "\"removed\":true,\"topics\"", "/result/logs/0/removed"),
        ("\"topics\"", "\"blockHash\":\"\(Hash.zero)\",\"topics\"", "/result/logs/0/blockHash"),
        ("\"topics\"", "\"transactionHash\":\"\(Hash.zero)\",\"topics\"", "/result/logs/0/transactionHash"),
        ("\"from\":\"0x00", "\"from\":\"0x01", "/result/from"),
    ]

    @Test(
        "is not of another transaction or sender, nor has logs of another one or any that were taken back",
        arguments: foreign)
    func foreignReceipt(old: String, new: String, place: String) async throws {
        let text = Self.receiptText.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Self.receiptText)
        let (node, server) = try node(text)
        do throws(NodeError) {
            _ = try await node.ask(.receipt(of: Hash { _ in 0xAB }, from: .zero))
            Issue.record("it was taken")
        } catch {
            #expect(error.problems.dropFirst().map { "\($0.code) \($0.field ?? "")" } == ["rpc.other-receipt \(place)"])
        }
        _ = server
    }

    typealias Question = @Sendable (EthereumNode) async throws(NodeError) -> Void

    static let ask: [String: Question] = [
        "count": { node throws(NodeError) in _ = try await node.transactionCount(of: .zero, at: .latest) },
        "balance": { node throws(NodeError) in _ = try await node.balance(of: .zero) },
        "data": { node throws(NodeError) in _ = try await node.call(CallRequest(to: .zero)) },
        "hash": { node throws(NodeError) in _ = try await node.sendRawTransaction([]) },
        "block": { node throws(NodeError) in _ = try await node.block(.latest) },
        "transactions": { node throws(NodeError) in _ = try await node.transactions(in: .latest) },
        "receipt": { node throws(NodeError) in _ = try await node.receipt(of: Hash { _ in 0xAB }) },
        "fees": { node throws(NodeError) in _ = try await node.feeHistory(blocks: 1, percentiles: [1]) },
    ]

    static let wrong: [(String, String, [String])] = [
        ("count", #""0x01""#, ["value.not-a-hex-quantity /result"]),
        ("count", #""0x""#, ["value.not-a-hex-quantity /result"]),
        ("count", #""1""#, ["value.not-a-hex-quantity /result"]),
        ("count", #""0x10000000000000000""#, ["value.too-large /result"]),
        ("count", "1", ["json.wrong-type /result"]),
        ("balance", #""0x1\#(String(repeating: "0", count: 64))""#, ["value.too-large /result"]),
        ("data", #""0x1""#, ["value.not-hex /result"]),
        ("hash", #""0xabcd""#, ["value.wrong-length /result"]),
        (
            "block", #"{"number":"0x01","hash":"0x"}"#,
            [
                "value.not-a-hex-quantity /result/number", "value.wrong-length /result/hash",
                "json.missing-field /result/parentHash", "json.missing-field /result/timestamp",
                "json.missing-field /result/gasLimit",
            ]
        ),
        ("block", #""none""#, ["json.wrong-type /result"]),
        ("transactions", #"{"transactions":["0x00"]}"#, ["json.wrong-type /result/transactions/0"]),
        (
            "receipt", receiptText.replacing(#""0x1","#, with: #""0x2","#).replacing(#""0x0102""#, with: "null"),
            ["value.not-a-hex-quantity /result/status", "json.wrong-type /result/logs/0/data"]
        ),
        (
            "fees", #"{"oldestBlock":"0x0","baseFeePerGas":["0x1"],"reward":[["0x1",2],["0x00"]]}"#,
            ["value.not-a-hex-quantity /result/reward/0/1", "value.not-a-hex-quantity /result/reward/1/0"]
        ),
    ]

    @Test("is refused with every place that is wrong in it", arguments: wrong)
    func refused(question: String, result: String, problems: [String]) async throws {
        let (node, server) = try node(result)
        let ask = try #require(Self.ask[question])
        let error = await #expect(throws: NodeError.self) { try await ask(node) }
        #expect(error?.problems.dropFirst().map { "\($0.code) \($0.field ?? "")" } == problems)
        _ = server
    }
}

@Suite("A node's proof")
struct StateProofAnswerTests {
    private func node(_ result: String) throws -> (EthereumNode, LoopbackServer) {
        let server = LoopbackServer(answering: #"{"jsonrpc":"2.0","id":1,"result":\#(result)}"#)
        return (EthereumNode(try HTTPURL(server.url), HTTPClient()), server)
    }

    /// Returns the header of Ethereum's first block as JSON text. The hash of this header is well known. Members that
    /// were added in later forks are absent, which is allowed.
    static func genesis(hash: String = "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3") -> String {
        func zeros(_ count: Int) -> String { "0x" + String(repeating: "00", count: count) }
        return """
            {"hash":"0x\(hash)","parentHash":"\(zeros(32))",
            "sha3Uncles":"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347","miner":"\(zeros(20))",
            "stateRoot":"0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
            "transactionsRoot":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
            "receiptsRoot":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
            "logsBloom":"\(zeros(256))","difficulty":"0x400000000","number":"0x0","gasLimit":"0x1388","gasUsed":"0x0",
            "timestamp":"0x0","extraData":"0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
            "mixHash":"\(zeros(32))","nonce":"0x0000000000000042"}
            """
    }

    @Test("has a header whose members have the block's hash, or is refused")
    func header() async throws {
        let (node, server) = try node(Self.genesis())
        let header = try await node.ask(.header(of: .latest))
        #expect(header.number == 0)
        #expect("\(Hash.keccak(header.bytes))".hasPrefix("0xd4e56740f876aef8"))
        _ = server
        let (other, second) = try self.node(Self.genesis(hash: String(repeating: "ab", count: 32)))
        let error = await #expect(throws: NodeError.self) { _ = try await other.ask(.header(of: .latest)) }
        #expect(error?.problems.contains { $0.rule as? RPCRule == .otherHeader } == true)
        _ = second
    }

    @Test("has the nodes to each place that was asked for, and to no other")
    func proof() async throws {
        let text = #"{"accountProof":["0x01","0x0203"],"storageProof":[{"key":"0x0","value":"0x1","proof":["0x04"]}]}"#
        let (node, server) = try node(text)
        let proof = try await node.ask(.proof(of: .zero, [5], at: .number(7)))
        #expect(proof.account == [[1], [2, 3]] && proof.storage == [[[4]]])
        for slots in [[], [5, 6]] as [[UInt256]] {
            let (other, second) = try self.node(text)
            let error = await #expect(throws: NodeError.self) {
                _ = try await other.ask(.proof(of: .zero, slots, at: .latest))
            }
            _ = second
            #expect(error?.problems.contains { $0.message.contains("saw 1 proofs") } == true)
        }
        _ = server
    }
}
