internal import AirlockDiagnostics
public import AirlockEthereumTypes
internal import AirlockStrictJSON

/// A JSON-RPC call to a node: a method, the parameters, and the decoder of the result. The generic parameter is the
/// type of the result. ``EthereumNode`` sends one such call, or several in a batch.
public struct NodeQuestion<Answer: Sendable>: Sendable {
    let call: NodeCall
    /// Decodes the member `result` of the answer. If the result is malformed, records a problem and returns `nil`.
    let read: @Sendable (inout ObjectReader) -> Answer?

    init(_ method: String, _ parameters: [JSONOutput], _ read: @escaping @Sendable (inout ObjectReader) -> Answer?) {
        self.call = NodeCall(method: method, parameters: parameters)
        self.read = read
    }
}

/// One JSON-RPC call: a method and its parameters. Unlike ``NodeQuestion``, this type does not contain a decoder for
/// the result.
struct NodeCall: Sendable {
    let method: String
    let parameters: [JSONOutput]

    /// Builds the request object with this id (JSON-RPC 2.0 §4).
    func request(_ id: String) -> JSONOutput {
        ["jsonrpc": "2.0", "id": .number(id), "method": .string(method), "params": .array(parameters)]
    }
}

// The JSON-RPC methods that Airlock uses. If null is a valid answer to a method, the type of its answer is optional.
// For all other methods, null is refused.

extension NodeQuestion<Chain> {
    /// `eth_chainId`: the chain that the node serves.
    public static var chain: Self { Self("eth_chainId", []) { $0.count("result").map(Chain.init(id:)) } }
}

extension NodeQuestion<UInt64> {
    /// `eth_getTransactionCount`: the number of transactions that the account has sent. It is also the next nonce.
    public static func transactionCount(of account: Address, at block: BlockTag) -> Self {
        Self("eth_getTransactionCount", [.string(account.description), block.json]) { $0.count("result") }
    }

    /// `eth_estimateGas`: the smallest gas limit with which the call succeeds.
    public static func gas(
        for request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) -> Self {
        Self("eth_estimateGas", request.parameters(block, overrides)) { $0.count("result") }
    }
}

extension NodeQuestion<UInt256> {
    /// `eth_maxPriorityFeePerGas`: the priority fee that the node suggests.
    public static var maxPriorityFeePerGas: Self {
        Self("eth_maxPriorityFeePerGas", []) { $0.quantity("result") }
    }

    /// `eth_getBalance`: the balance of an account, in wei.
    public static func balance(of account: Address, at block: BlockTag = .latest) -> Self {
        Self("eth_getBalance", [.string(account.description), block.json]) { $0.quantity("result") }
    }
}

extension NodeQuestion<[UInt8]> {
    /// `eth_call`: the data that a simulated call returns. If the call reverts, the error contains the revert data.
    public static func call(
        _ request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) -> Self {
        Self("eth_call", request.parameters(block, overrides)) { $0.data("result") }
    }
}

extension NodeQuestion<CallTrace> {
    /// `debug_traceCall`: the trace of a simulated call. Many nodes do not support this method.
    public static func trace(_ request: CallRequest, at block: BlockTag = .latest) -> Self {
        let tracer: JSONOutput = ["tracer": "callTracer", "tracerConfig": ["withLog": true]]
        return Self("debug_traceCall", [request.json, block.json, tracer]) { $0.object("result") { CallTrace(&$0) } }
    }
}

extension NodeQuestion<FeeHistory> {
    /// `eth_feeHistory`: the fees that were paid in the latest blocks.
    public static func feeHistory(blocks: UInt64, percentiles: [Int]) -> Self {
        let asked = percentiles.map { JSONOutput.number(String($0)) }
        return Self("eth_feeHistory", [.string(UInt256(blocks).quantity), "latest", .array(asked)]) {
            $0.object("result") { FeeHistory(&$0) }
        }
    }
}

extension NodeQuestion<Block?> {
    /// `eth_getBlockByNumber`: the header of a block; `nil` if the node does not have the block.
    public static func block(_ block: BlockTag) -> Self {
        Self("eth_getBlockByNumber", [block.json, false]) { $0.nullable("result") { Block(&$0) } }
    }
}

extension NodeQuestion<[KnownTransaction]?> {
    /// `eth_getBlockByNumber`: the transactions of a block; `nil` if the node does not have the block.
    public static func transactions(in block: BlockTag) -> Self {
        Self("eth_getBlockByNumber", [block.json, true]) {
            $0.nullable("result") { $0.objects("transactions") { KnownTransaction(&$0) } }
        }
    }
}

extension NodeQuestion<KnownTransaction?> {
    /// `eth_getTransactionByHash`: one transaction; `nil` if the node does not know the transaction, or has dropped it.
    public static func transaction(_ hash: Hash) -> Self {
        Self("eth_getTransactionByHash", [.string(hash.description)]) {
            $0.nullable("result") { KnownTransaction(&$0) }
        }
    }
}

extension NodeQuestion<Receipt?> {
    /// `eth_getTransactionReceipt`: the receipt of a transaction; `nil` until the transaction is mined. A receipt for
    /// another transaction hash, or from a sender other than `sender`, is refused.
    public static func receipt(of hash: Hash, from sender: Address? = nil) -> Self {
        Self("eth_getTransactionReceipt", [.string(hash.description)]) {
            $0.nullable("result") { reader in
                reader.require("transactionHash", hash)
                let receipt = Receipt(&reader)
                if let sender, let receipt, receipt.from != sender {
                    reader.record([
                        Problem(
                            RPCRule.otherReceipt, at: reader.pointer(to: "from"), saw: "\(receipt.from)",
                            expected: "\(sender)")
                    ])
                }
                return receipt
            }
        }
    }
}

extension NodeQuestion<Hash> {
    /// `eth_getStorageAt`: the 32 bytes in one slot of a contract's storage.
    public static func storage(of account: Address, at slot: Hash, in block: BlockTag = .latest) -> Self {
        Self("eth_getStorageAt", [.string(account.description), .string(slot.description), block.json]) {
            $0.hash("result")
        }
    }

    /// `eth_sendRawTransaction`: sends a signed transaction and returns the hash that the node reports. The caller must
    /// compare this hash with the hash of the signed transaction.
    public static func sending(_ raw: [UInt8]) -> Self {
        Self("eth_sendRawTransaction", [.string(Hex.encode(raw))]) { $0.hash("result") }
    }
}

extension CallRequest {
    fileprivate func parameters(_ block: BlockTag, _ overrides: [Address: StateOverride]) -> [JSONOutput] {
        var parameters = [json, block.json]
        if !overrides.isEmpty {
            let accounts = overrides.map { ($0.key.description, $0.value.json) }.sorted { $0.0 < $1.0 }
            parameters.append(.object(accounts))
        }
        return parameters
    }
}

/// Functions that read the values of Ethereum's JSON-RPC: quantities, byte data, and others. A quantity has no leading
/// zeros. Byte data has an even number of hex digits.
extension ObjectReader {
    mutating func quantity(_ key: String) -> UInt256? { string(key, { try UInt256(quantity: $0) }) }

    mutating func optionalQuantity(_ key: String) -> UInt256? { optionalString(key, { try UInt256(quantity: $0) }) }

    /// Reads a quantity that fits into 64 bits, such as a block number, an amount of gas or a time in seconds.
    mutating func count(_ key: String) -> UInt64? { string(key, smallQuantity) }

    mutating func optionalCount(_ key: String) -> UInt64? { optionalString(key, smallQuantity) }

    mutating func hash(_ key: String) -> Hash? { string(key, { try Hash(hex: $0) }) }

    mutating func optionalHash(_ key: String) -> Hash? { optionalString(key, { try Hash(hex: $0) }) }

    /// Compares the hash in this member with the expected hash. Records a problem if the hashes differ. A missing
    /// member is accepted.
    mutating func require(_ key: String, _ known: Hash?) {
        guard let known, let said = optionalHash(key), said != known else { return }
        record([Problem(RPCRule.otherReceipt, at: pointer(to: key), saw: "\(said)", expected: "\(known)")])
    }

    mutating func address(_ key: String) -> Address? { string(key, { try Address($0) }) }

    mutating func optionalAddress(_ key: String) -> Address? { optionalString(key, { try Address($0) }) }

    mutating func data(_ key: String) -> [UInt8]? { string(key, { try Hex.decode($0) }) }

    mutating func quantities(_ key: String) -> [UInt256]? { strings(key, { try UInt256(quantity: $0) }) }

    /// Reads a quantity that is an element of an array.
    mutating func quantity(of element: JSONValue) -> UInt256? {
        do {
            return try UInt256(quantity: element.string ?? element.text)
        } catch {
            record(error.problems.map { $0.at(element.pointer) })
            return nil
        }
    }

    /// Reads a member that must be present, and that is either an object or null. A node answers null if it does not
    /// have the requested object. The result is a double optional. The outer optional is `nil` if the member is missing
    /// or malformed. The inner optional is `nil` if the member is null.
    mutating func nullable<Value>(_ key: String, _ read: (inout ObjectReader) -> Value?) -> Value?? {
        guard let member = value(key) else { return nil }
        if member.isNull { return .some(nil) }
        return object(key, read).map { .some($0) }
    }
}

private func smallQuantity(_ text: String) throws(ValueError) -> UInt64 {
    guard let small = UInt64(exactly: try UInt256(quantity: text)) else {
        throw ValueError(.tooLarge, saw: text, expected: "at most 64 bits")
    }
    return small
}
