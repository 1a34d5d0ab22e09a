public import AirlockEthereumTypes
internal import AirlockDiagnostics
internal import AirlockStrictJSON

// The methods in use. What a node may answer with null is optional; null for anything else is refused.

extension NodeQuestion<Chain> {
    /// `eth_chainId`.
    public static var chain: Self { Self("eth_chainId", []) { $0.count("result").map(Chain.init(id:)) } }
}

extension NodeQuestion<UInt64> {
    /// `eth_getTransactionCount`: how many transactions the account has sent, which is its next nonce.
    public static func transactionCount(of account: Address, at block: BlockTag) -> Self {
        Self("eth_getTransactionCount", [.string(account.description), block.json]) { $0.count("result") }
    }

    /// `eth_estimateGas`: the least gas that the call succeeds with.
    public static func gas(
        for request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) -> Self {
        Self("eth_estimateGas", request.parameters(block, overrides)) { $0.count("result") }
    }
}

extension NodeQuestion<UInt256> {
    /// `eth_maxPriorityFeePerGas`: what the node would offer itself.
    public static var maxPriorityFeePerGas: Self {
        Self("eth_maxPriorityFeePerGas", []) { $0.quantity("result") }
    }

    /// `eth_getBalance`, in wei.
    public static func balance(of account: Address, at block: BlockTag = .latest) -> Self {
        Self("eth_getBalance", [.string(account.description), block.json]) { $0.quantity("result") }
    }
}

extension NodeQuestion<[UInt8]> {
    /// `eth_getCode`: empty for an account that is no contract.
    public static func code(of account: Address, at block: BlockTag = .latest) -> Self {
        Self("eth_getCode", [.string(account.description), block.json]) { $0.data("result") }
    }

    /// `eth_call`: what the call returns; what it reverts with is in the error.
    public static func call(
        _ request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) -> Self {
        Self("eth_call", request.parameters(block, overrides)) { $0.data("result") }
    }
}

extension NodeQuestion<CallTrace> {
    /// `debug_traceCall`: what a call would do. Many nodes do not offer it.
    public static func trace(_ request: CallRequest, at block: BlockTag = .latest) -> Self {
        let tracer: JSONOutput = ["tracer": "callTracer", "tracerConfig": ["withLog": true]]
        return Self("debug_traceCall", [request.json, block.json, tracer]) { $0.object("result") { CallTrace(&$0) } }
    }
}

extension NodeQuestion<FeeHistory> {
    /// `eth_feeHistory` of the latest blocks.
    public static func feeHistory(blocks: UInt64, percentiles: [Int]) -> Self {
        let asked = percentiles.map { JSONOutput.number(String($0)) }
        return Self("eth_feeHistory", [.string(UInt256(blocks).quantity), "latest", .array(asked)]) {
            $0.object("result") { FeeHistory(&$0) }
        }
    }
}

extension NodeQuestion<Block?> {
    /// `eth_getBlockByNumber`: `nil` when the node has no such block.
    public static func block(_ block: BlockTag) -> Self {
        Self("eth_getBlockByNumber", [block.json, false]) { $0.nullable("result") { Block(&$0) } }
    }
}

extension NodeQuestion<[KnownTransaction]?> {
    /// `eth_getBlockByNumber` for the transactions in it.
    public static func transactions(in block: BlockTag) -> Self {
        Self("eth_getBlockByNumber", [block.json, true]) {
            $0.nullable("result") { $0.objects("transactions") { KnownTransaction(&$0) } }
        }
    }
}

extension NodeQuestion<KnownTransaction?> {
    /// `eth_getTransactionByHash`: `nil` when the node has never seen it, or has forgotten it.
    public static func transaction(_ hash: Hash) -> Self {
        Self("eth_getTransactionByHash", [.string(hash.description)]) {
            $0.nullable("result") { KnownTransaction(&$0) }
        }
    }
}

extension NodeQuestion<Receipt?> {
    /// `eth_getTransactionReceipt`: `nil` until it is mined. A receipt of another transaction, or from another sender than
    /// the one that is named, is refused.
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
    /// `eth_getStorageAt`: a word of a contract's storage.
    public static func storage(of account: Address, at slot: Hash, in block: BlockTag = .latest) -> Self {
        Self("eth_getStorageAt", [.string(account.description), .string(slot.description), block.json]) {
            $0.hash("result")
        }
    }

    /// `eth_sendRawTransaction`: the hash that the node gives it, which must be the one computed here.
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
