import AirlockEthereumTypes
import Synchronization

/// The answers that a scripted node gives about its chain. A test sets only the answers that it needs.
struct ScriptedChain: Sendable {
    var chainID: UInt64 = 8453
    var latestNonce: UInt64 = 7
    var pendingNonce: UInt64 = 7
    var head: UInt64 = 100
    var timestamp: UInt64 = 1_773_200_000
    var balance = "0xde0b6b3a7640000"
    var baseFee: UInt64 = 1_000_000_000
    var rewards: [UInt64] = [2_000_000, 4_000_000, 3_000_000]
    /// The gas that each block used, as a fraction of its gas limit; `nil` if the node does not report it.
    var gasUsedRatios: [String]?
    /// The gas estimate of the payment.
    var estimate: ScriptedNode.Answer = "\"0x186a0\""
    var answerToSend: ScriptedNode.Answer?
    /// The receipts as JSON text, keyed by transaction hash.
    var receipts: [String: String] = [:]
    /// Whether the node returns a pending transaction when it is asked for one by hash.
    var knowsTransaction = false
    /// The transactions that every block contains, as JSON text.
    var transactions = "[]"
    /// The answers to eth_call, keyed by the function selector without 0x.
    var calls: [String: ScriptedNode.Answer] = [:]
    /// Answers keyed by the JSON-RPC method. They take precedence over all other answers.
    var others: [String: ScriptedNode.Answer] = [:]

    func answer(_ question: ScriptedNode.Question) -> ScriptedNode.Answer {
        if let other = others[question.method] { return other }
        switch question.method {
        case "eth_chainId": return "\"\(UInt256(chainID).quantity)\""
        case "eth_getTransactionCount":
            let isPending = question.parameters.contains("pending")
            return "\"\(UInt256(isPending ? pendingNonce : latestNonce).quantity)\""
        case "eth_feeHistory":
            let fee = UInt256(baseFee).quantity
            let ratios = gasUsedRatios.map { ",\"gasUsedRatio\":[\($0.joined(separator: ","))]" } ?? ""
            let rows = rewards.map { "[\"\(UInt256($0).quantity)\"]" }.joined(separator: ",")
            return #"{"oldestBlock":"0x1","baseFeePerGas":["\#(fee)","\#(fee)"],"reward":[\#(rows)]\#(ratios)}"#
        case "eth_getBalance": return "\"\(balance)\""
        case "eth_getBlockByNumber":
            return """
                {"number":"\(UInt256(head).quantity)","hash":"\(Hash { _ in 0xAA })","parentHash":"\(Hash.zero)",\
                "timestamp":"\(UInt256(timestamp).quantity)","gasLimit":"0x1c9c380","baseFeePerGas":"0x1",\
                "transactions":\(transactions)}
                """
        case "eth_estimateGas": return estimate
        case "eth_call":
            let selector = question.parameters.split(separator: "\"data\":\"0x").dropFirst().first?.prefix(8) ?? ""
            return calls[String(selector)] ?? .refused("no such call")
        case "eth_sendRawTransaction": return answerToSend ?? .refused("no such transaction")
        case "eth_getTransactionReceipt":
            let hash = question.parameters.dropFirst(2).dropLast(2)
            return "\(receipts[String(hash)] ?? "null")"
        case "eth_getTransactionByHash":
            let hash = question.parameters.dropFirst(2).dropLast(2)
            let known = #"{"hash":"\#(hash)","from":"\#(Address.zero)","nonce":"0x7","blockNumber":null}"#
            return knowsTransaction ? "\(known)" : "null"
        default: return .refused("the method \(question.method) does not exist/is not available", code: -32601)
        }
    }

    /// Creates a node of this chain.
    func node() throws -> ScriptedNode {
        let chain = self
        return try ScriptedNode { chain.answer($0) }
    }
}

/// Returns the value as an ABI word in JSON text.
func word(_ value: UInt256) -> ScriptedNode.Answer { "\"\(value.word)\"" }
