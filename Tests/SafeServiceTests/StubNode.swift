import AirlockABI
import AirlockEthereumTypes
import AirlockLoopbackServer
import Foundation

/// A node that knows one Safe. A test can change the values that the node returns.
struct StubNode: Sendable {
    var chain = "0x2105"
    var version = "1.4.1"
    var owners = SampleSafe.owners
    var threshold: UInt64 = 2
    var nonce: UInt64 = 71
    var module: Address?
    var guardContract: Address?
    var moduleGuard: Address?
    var approving: Set<Address> = []
    /// The result of a simulated call of `execTransaction`, as a member of the node's answer: `"result":…` or
    /// `"error":…`.
    var execution = result(UInt256(1).word.bytes)

    /// The answer to `eth_getProof`; `nil` if the node does not support this method.
    var proof: String?

    /// Ethereum's first block. A proof with the header of this block must be refused.
    private static let block: String = {
        func zeros(_ count: Int) -> String { "0x" + String(repeating: "00", count: count) }
        let empty = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
        return """
            "result":{"hash":"0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
            "parentHash":"\(zeros(32))","miner":"\(zeros(20))","logsBloom":"\(zeros(256))","mixHash":"\(zeros(32))",
            "sha3Uncles":"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
            "stateRoot":"0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
            "transactionsRoot":"\(empty)","receiptsRoot":"\(empty)","difficulty":"0x400000000","number":"0x0",
            "gasLimit":"0x1388","gasUsed":"0x0","timestamp":"0x0","nonce":"0x0000000000000042",
            "extraData":"0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa"}
            """
    }()

    static func result(_ bytes: [UInt8]) -> String { "\"result\":\"\(Hex.encode(bytes))\"" }

    static func reverted(_ text: String) -> String {
        let function = try? ABIFunction("Error(string)")
        let data = (try? function?.encodeCall([.string(text)])) ?? []
        return "\"error\":{\"code\":3,\"message\":\"execution reverted\",\"data\":\"\(Hex.encode(data))\"}"
    }

    func start() -> LoopbackServer {
        LoopbackServer { connection in
            while let request = connection.request() {
                let body = request.components(separatedBy: "\r\n\r\n").dropFirst().joined()
                let id = body.components(separatedBy: #""id":"#).dropFirst().first?.prefix { $0.isNumber } ?? "null"
                // The node refuses batches, so that the relay sends each call in a request of its own.
                let said = body.hasPrefix("[") ? #""error":{"code":-32600,"message":"no batches"}"# : answer(body)
                connection.answer(#"{"jsonrpc":"2.0","id":\#(id),\#(said)}"#)
            }
        }
    }

    private func answer(_ question: String) -> String {
        if question.contains("eth_chainId") { return "\"result\":\"\(chain)\"" }
        if let proof, question.contains("eth_getBlockByNumber") || question.contains("eth_getProof") {
            return question.contains("eth_getProof") ? "\"result\":\(proof)" : Self.block
        }
        if question.contains("eth_getStorageAt") {
            // Answers for three storage slots: the guard and the module guard (zero if none is set), and the first
            // entry of the list of modules.
            if question.contains("0x4a204f62") { return Self.result((guardContract ?? .zero).bytes.bytes.padded) }
            if question.contains("0xb104e0b9") { return Self.result((moduleGuard ?? .zero).bytes.bytes.padded) }
            let start = Hash.keccak(([1] as [UInt8]).padded + ([1] as [UInt8]).padded)
            let isStart = question.contains("\(start)")
            return Self.result((isStart ? module?.bytes.bytes ?? [1] : [1]).padded)
        }
        func calls(_ signature: String) -> Bool { question.contains("\"\(Selector(signature: signature))") }
        if calls("VERSION()") {
            return Self.result(
                ([32] as [UInt8]).padded + [UInt8(version.utf8.count)].padded + Array(version.utf8)
                    + Array(repeating: 0, count: 32 - version.utf8.count))
        }
        if calls("getOwners()") {
            return Self.result(
                ([32] as [UInt8]).padded + [UInt8(owners.count)].padded + owners.flatMap { $0.bytes.bytes.padded })
        }
        if calls("getThreshold()") { return Self.result(UInt256(threshold).word.bytes) }
        if calls("nonce()") { return Self.result(UInt256(nonce).word.bytes) }
        if calls("approvedHashes(address,bytes32)") {
            let isApproved = approving.contains { question.lowercased().contains("\($0)".dropFirst(2).lowercased()) }
            return Self.result([isApproved ? 1 : 0].padded)
        }
        if question.contains("\"0x6a761202") { return execution }
        return #""error":{"code":-32000,"message":"no such call"}"#
    }
}
