public import EthereumTypes
internal import StrictJSON

/// The methods in use, each by the name that Swift gives it.
extension EthereumNode {
    /// `eth_chainId`.
    public func chain() async throws(NodeError) -> Chain {
        Chain(id: try await ask("eth_chainId", []) { $0.count("result") })
    }

    /// `eth_getTransactionCount`: how many transactions the account has sent, which is its next nonce.
    public func transactionCount(of account: Address, at block: BlockTag) async throws(NodeError) -> UInt64 {
        try await ask("eth_getTransactionCount", [.string(account.description), block.json]) { $0.count("result") }
    }

    /// `eth_getBalance`, in wei.
    public func balance(of account: Address, at block: BlockTag = .latest) async throws(NodeError) -> UInt256 {
        try await ask("eth_getBalance", [.string(account.description), block.json]) { $0.quantity("result") }
    }

    /// `eth_getCode`: empty for an account that is no contract.
    public func code(of account: Address, at block: BlockTag = .latest) async throws(NodeError) -> [UInt8] {
        try await ask("eth_getCode", [.string(account.description), block.json]) { $0.data("result") }
    }

    /// `eth_feeHistory` of the latest blocks.
    public func feeHistory(blocks: UInt64, percentiles: [Int]) async throws(NodeError) -> FeeHistory {
        let asked = percentiles.map { JSONOutput.number(String($0)) }
        return try await ask("eth_feeHistory", [.string(UInt256(blocks).quantity), "latest", .array(asked)]) {
            $0.object("result") { FeeHistory(&$0) }
        }
    }

    /// `eth_call`: what the call returns; what it reverts with is in the error.
    public func call(
        _ request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) async throws(NodeError) -> [UInt8] {
        try await ask("eth_call", parameters(request, block, overrides)) { $0.data("result") }
    }

    /// `eth_estimateGas`: the least gas that the call succeeds with.
    public func estimateGas(
        _ request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) async throws(NodeError) -> UInt64 {
        try await ask("eth_estimateGas", parameters(request, block, overrides)) { $0.count("result") }
    }

    /// `eth_getBlockByNumber`: nothing when the node has no such block.
    public func block(_ block: BlockTag) async throws(NodeError) -> Block? {
        try await ask("eth_getBlockByNumber", [block.json, false]) { $0.nullable("result") { Block(&$0) } }
    }

    /// `eth_getBlockByNumber` for the transactions in it.
    public func transactions(in block: BlockTag) async throws(NodeError) -> [KnownTransaction]? {
        try await ask("eth_getBlockByNumber", [block.json, true]) {
            $0.nullable("result") { $0.objects("transactions") { KnownTransaction(&$0) } }
        }
    }

    /// `eth_getTransactionByHash`: nothing when the node has never seen it, or has forgotten it.
    public func transaction(_ hash: Hash) async throws(NodeError) -> KnownTransaction? {
        try await ask("eth_getTransactionByHash", [.string(hash.description)]) {
            $0.nullable("result") { KnownTransaction(&$0) }
        }
    }

    /// `eth_getTransactionReceipt`: nothing until it is mined.
    public func receipt(of hash: Hash) async throws(NodeError) -> Receipt? {
        try await ask("eth_getTransactionReceipt", [.string(hash.description)]) {
            $0.nullable("result") { Receipt(&$0) }
        }
    }

    /// `eth_sendRawTransaction`: the hash that the node gives it, which must be the one computed here.
    public func sendRawTransaction(_ raw: [UInt8]) async throws(NodeError) -> Hash {
        try await ask("eth_sendRawTransaction", [.string(Hex.encode(raw))]) { $0.hash("result") }
    }

    private func parameters(
        _ request: CallRequest, _ block: BlockTag, _ overrides: [Address: StateOverride]
    ) -> [JSONOutput] {
        var parameters = [request.json, block.json]
        if !overrides.isEmpty {
            let accounts = overrides.map { ($0.key.description, $0.value.json) }.sorted { $0.0 < $1.0 }
            parameters.append(.object(accounts))
        }
        return parameters
    }
}
