internal import AirlockEthereumTypes
internal import AirlockStrictJSON

/// A node's no: what it means, and its own words.
public struct NodeRefusal: Hashable, Sendable {
    public let rule: NodeRule
    /// JSON-RPC's error code; nodes do not agree on them.
    public let code: Int
    /// Word for word, but for keys that were sent to the node. It is foreign: a `Problem` escapes it.
    public let message: String
    /// What the contract returned when it reverted, as far as the node tells.
    public let data: [UInt8]

    /// Reads the `error` member of an answer, whatever its shape: gateways before nodes have their own.
    ///
    /// - Parameter clean: takes out of a text what was sent in confidence.
    init(_ error: JSONValue, _ clean: (String) -> String) {
        code = error["code"]?.number.flatMap { Int($0) } ?? 0
        message = clean(error["message"]?.string ?? error.string ?? error.text)
        data = Self.data(error["data"])
        rule = NodeRule(code: code, message: message)
    }

    /// A refusal by HTTP status alone.
    init(rateLimited status: Int) {
        (rule, code, message, data) = (.rateLimited, status, "HTTP status \(status)", [])
    }

    /// The bytes themselves (geth), behind a word (nethermind's "Reverted 0x…"), or one level down (hardhat).
    private static func data(_ value: JSONValue?) -> [UInt8] {
        guard let text = value?.string ?? value?["data"]?.string else { return [] }
        let digits = text.split(separator: " ").last ?? ""
        return (try? Hex.decode(digits)) ?? []
    }
}
