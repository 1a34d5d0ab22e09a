import AirlockEthereumTypes
import Foundation
import AirlockLoopbackServer
import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("airlock-relay prepare")
struct PrepareCommandTests {
    /// Returns a node that ignores state overrides. It always reports an allowance of zero.
    private static func node() -> LoopbackServer {
        LoopbackServer { connection in
            while let request = connection.request() {
                let body = request.components(separatedBy: "\r\n\r\n").dropFirst().joined()
                // The node refuses batches, so that the tool sends each call in a separate request.
                let answer =
                    body.hasPrefix("[") ? #""error":{"code":-32600,"message":"no batches"}"# : self.answer(body)
                let id = body.components(separatedBy: #""id":"#).dropFirst().first?.prefix { $0.isNumber } ?? "null"
                connection.answer(#"{"jsonrpc":"2.0","id":\#(id),\#(answer)}"#)
            }
        }
    }

    private static func answer(_ question: String) -> String {
        let short =
            #""error":{"code":3,"message":"execution reverted","data":"0xf96fb071\#(UInt256.zero.word.digits)"}"#
        let answers = [
            ("eth_chainId", #""result":"0x2105""#), ("eth_getTransactionCount", #""result":"0x7""#),
            (
                "eth_feeHistory",
                #""result":{"oldestBlock":"0x1","baseFeePerGas":["0x1","0x1"],"reward":[["0xf4240"]]}"#
            ),
            ("eth_getBalance", #""result":"0xde0b6b3a7640000""#),
            (
                "eth_getBlockByNumber",
                #"""
                "result":{"number":"0x64","hash":"\#(Hash.zero)","parentHash":"\#(Hash.zero)",\#
                "timestamp":"0x1","gasLimit":"0x1c9c380"}
                """#
            ),
            // The answers for the token's decimals, symbol, balance and allowance, and for gas estimates. The node can
            // estimate the gas of `approve`. It cannot estimate the gas of the payment, because the payment reverts.
            ("0x313ce567", word(6)),
            ("0x95d89b41", #""result":"0x555344430000000000000000\#(String(repeating: "0", count: 40))""#),
            ("0x70a08231", word(5_000_000)), ("0xdd62ed3e", word(0)), ("0x095ea7b3", #""result":"0xc350""#),
            ("0x04e0fc36", short), ("0xd4d9bdcd731e2be87030c6c1", #""result":"0xc350""#),
        ]
        return answers.first { question.contains($0.0) }?.1 ?? #""error":{"code":-32000,"message":"no such call"}"#
    }

    private static func word(_ value: UInt256) -> String { #""result":"0x\#(value.word.digits)""# }

    @Test("writes conditions that lack the gas where a node cannot simulate, and ends with 10")
    func withoutGas() throws {
        let node = Self.node()
        let workspace = try RelayWorkspace(ScriptedService(.init("{}")))
        workspace.scratch.file("charge.json", try SamplePayment().charge())
        let words = ["prepare", "charge.json", "--approve", "--rpc", node.url, "-o"]
        let said = try workspace.run(words + ["a.json"])
        #expect(said.exit == 10, "\(said.err)")
        #expect(said.err.contains("error: the node cannot simulate the payment, so the conditions lack its gas"))
        #expect(said.err.contains("hint: give airlock sign --gas"))
        let file = try JSONDocument(Array(workspace.scratch.content("a.json").utf8)).root
        #expect(file["approveGas"]?.string == "60000" && file["gas"] == nil)
        let document = try workspace.run(words + ["b.json", "--json"])
        #expect(document.exit == 10)
        let root = try JSONDocument(Array(document.out.utf8)).root
        #expect(root["ok"]?.boolean == false && root["error"]?["code"]?.string == "prepare.gas-not-measured")
        #expect(root["conditions"]?.json.text == file.json.text)
        withExtendedLifetime(node) {}
    }

    @Test("measures the approval of a Safe transaction, whose hash depends on the version that is typed")
    func approval() throws {
        let node = Self.node()
        let workspace = try RelayWorkspace(ScriptedService(.init("{}")))
        let safe = "0x1c694Fc3006D81ff4a56F97E1b99529066a23725"
        let hash = "0x731e2be87030c6c18be8205bf502088a1dcefebc706eb6f824d95f30afb7f87c"
        let transaction = """
            "to":"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913","value":"0","operation":"0","nonce":"71",
            "data":"0xa9059cbb0000000000000000000000005ea054aeea285ebc3a92ecb1f722f44304f725810000000000000000000000000000000000000000000000000000000000100590"
            """
        workspace.scratch.file("tx.json", "{\"safe\":\"\(safe)\",\(transaction),\"safeTxHash\":\"\(hash)\"}")
        let owner = ["--from", "\(SamplePayment.payer)"]
        let words = ["prepare", "tx.json", "--approve-hash", "--rpc", node.url, "--json"]
        func codes(_ more: [String]) throws -> [String?] {
            let root = try JSONDocument(Array(workspace.run(words + more).out.utf8)).root
            return (root["errors"]?.elements ?? [root["error"]].compactMap(\.self)).map { $0["code"]?.string }
        }
        #expect(try codes([]) == ["usage.missing-value", "usage.missing-value"])
        #expect(try codes(owner + ["--safe-version", "1.4.1"]) == ["safe.chain-not-known"])
        #expect(try codes(owner + ["--safe-version", "1.1.1", "--chain", "base"]) == ["safe.other-hash"])
        let right = owner + ["--safe-version", "1.4.1", "--chain", "base"]
        let said = try workspace.run(words + right)
        #expect(said.exit == 0, "\(said.out)")
        let conditions = try #require(try JSONDocument(Array(said.out.utf8)).root["conditions"])
        #expect(conditions["sender"]?.string == "\(SamplePayment.payer)" && conditions["gas"]?.string == "60000")
        workspace.scratch.file(
            "tx.json", "{\"version\":\"1.0\",\"chainId\":\"8453\",\"meta\":{},\"transactions\":[{\(transaction)}]}")
        #expect(try codes(right) == ["usage.conflicting-options"])
        workspace.scratch.file("tx.json", try SamplePayment().charge())
        #expect(try codes(owner) == ["request.option-without-effect"])
        withExtendedLifetime(node) {}
    }
}

extension FixedBytes {
    fileprivate var digits: Substring { description.dropFirst(2) }
}
