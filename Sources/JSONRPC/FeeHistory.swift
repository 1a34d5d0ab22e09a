public import EthereumTypes
internal import StrictJSON

/// What was paid in the last blocks.
public struct FeeHistory: Hashable, Sendable {
    public let oldestBlock: UInt64
    /// Of every block asked for, and of the one that comes next.
    public let baseFeePerGas: [UInt256]
    /// Of every block, the priority fee at each percentile asked for. Some nodes leave it out.
    public let reward: [[UInt256]]

    /// The base fee of the block that comes next.
    public let nextBaseFee: UInt256

    init?(_ reader: inout ObjectReader) {
        let oldest = reader.count("oldestBlock")
        let fees = reader.quantities("baseFeePerGas")
        let rows = reader.optionalArray("reward")?.map { row in row.children.compactMap { reader.quantity(of: $0) } }
        guard let oldest, let fees, let next = fees.last else { return nil }
        self.oldestBlock = oldest
        self.baseFeePerGas = fees
        self.nextBaseFee = next
        self.reward = rows ?? []
    }
}
