public import AirlockEthereumTypes

/// The methods in use, asked one by one.
extension EthereumNode {
    public func chain() async throws(NodeError) -> Chain { try await ask(.chain) }

    public func transactionCount(of account: Address, at block: BlockTag) async throws(NodeError) -> UInt64 {
        try await ask(.transactionCount(of: account, at: block))
    }

    public func balance(of account: Address, at block: BlockTag = .latest) async throws(NodeError) -> UInt256 {
        try await ask(.balance(of: account, at: block))
    }

    public func code(of account: Address, at block: BlockTag = .latest) async throws(NodeError) -> [UInt8] {
        try await ask(.code(of: account, at: block))
    }

    public func feeHistory(blocks: UInt64, percentiles: [Int]) async throws(NodeError) -> FeeHistory {
        try await ask(.feeHistory(blocks: blocks, percentiles: percentiles))
    }

    public func maxPriorityFeePerGas() async throws(NodeError) -> UInt256 { try await ask(.maxPriorityFeePerGas) }

    public func call(
        _ request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) async throws(NodeError) -> [UInt8] {
        try await ask(.call(request, at: block, pretending: overrides))
    }

    public func estimateGas(
        _ request: CallRequest, at block: BlockTag = .latest, pretending overrides: [Address: StateOverride] = [:]
    ) async throws(NodeError) -> UInt64 {
        try await ask(.gas(for: request, at: block, pretending: overrides))
    }

    public func block(_ block: BlockTag) async throws(NodeError) -> Block? { try await ask(.block(block)) }

    public func transactions(in block: BlockTag) async throws(NodeError) -> [KnownTransaction]? {
        try await ask(.transactions(in: block))
    }

    public func transaction(_ hash: Hash) async throws(NodeError) -> KnownTransaction? {
        try await ask(.transaction(hash))
    }

    public func receipt(of hash: Hash) async throws(NodeError) -> Receipt? { try await ask(.receipt(of: hash)) }

    public func sendRawTransaction(_ raw: [UInt8]) async throws(NodeError) -> Hash { try await ask(.sending(raw)) }
}
