import AirlockRequests
import AirlockEthereumTypes
import AirlockJSONRPC
public import AirlockStrictJSON

extension Broadcaster.Outcome {
    public var status: String { state.rawValue }

    /// As `send --json` shows it, beside `"ok":true`.
    public var json: [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = [
            ("status", .string(status)), ("hash", .string("\(hash)")),
            (
                "block",
                ["number": .string("\(receipt.blockNumber)"), "hash": .string("\(receipt.blockHash)")]
            ),
            ("confirmations", .string("\(confirmations)")), ("gasUsed", .string("\(receipt.gasUsed)")),
            ("effectiveGasPrice", .string("\(receipt.effectiveGasPrice)")),
        ]
        if let fee = receipt.l1Fee { members.append(("l1Fee", .string("\(fee)"))) }
        if let event { members.append(("event", .object(event.members.map { ($0.name, .string($0.value)) }))) }
        if let seen { members.append(("event", .object(seen.members.map { ($0.name, .string($0.value)) }))) }
        return members
    }
}
