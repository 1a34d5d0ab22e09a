import AirlockABI
import AirlockEthereumTypes
import AirlockLoopbackServer
import Foundation

/// A node that knows one Safe. Its parts can be altered.
struct StubNode: Sendable {
    var chain = "0x2105"
    var version = "1.4.1"
    var owners = SampleSafe.owners
    var threshold: UInt64 = 2
    var nonce: UInt64 = 71
    var module: Address?
    var guardContract: Address?
    var approving: Set<Address> = []
    /// What `execTransaction` is answered with: `"result":…` or `"error":…`.
    var execution = result(UInt256(1).word.bytes)

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
                // Questions come one by one to a node that takes no batch.
                let said = body.hasPrefix("[") ? #""error":{"code":-32600,"message":"no batches"}"# : answer(body)
                connection.answer(#"{"jsonrpc":"2.0","id":\#(id),\#(said)}"#)
            }
        }
    }

    private func answer(_ question: String) -> String {
        if question.contains("eth_chainId") { return "\"result\":\"\(chain)\"" }
        if question.contains("eth_getStorageAt") {
            // The guard, and the beginning of the list of modules.
            if question.contains("0x4a204f62") { return Self.result((guardContract ?? .zero).bytes.bytes.padded) }
            if question.contains("0xb104e0b9") { return Self.result([UInt8]().padded) }
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
