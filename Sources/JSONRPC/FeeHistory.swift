public import AirlockEthereumTypes
internal import AirlockStrictJSON

/// What was paid in the last blocks.
public struct FeeHistory: Hashable, Sendable {
    public let oldestBlock: UInt64
    /// Of every block asked for, and of the one that comes next.
    public let baseFeePerGas: [UInt256]
    /// Of every block, the priority fee at each percentile asked for. Some nodes leave it out.
    public let reward: [[UInt256]]

    /// Of every block, whether nothing was in it. Some nodes leave it out; then no block counts as empty.
    public let isEmpty: [Bool]

    /// The base fee of the block that comes next.
    public let nextBaseFee: UInt256

    init?(_ reader: inout ObjectReader) {
        let oldest = reader.count("oldestBlock")
        let fees = reader.quantities("baseFeePerGas")
        let rows = reader.optionalArray("reward")?.map { row in row.children.compactMap { reader.quantity(of: $0) } }
        let ratios = reader.optionalArray("gasUsedRatio")?.map { ratio in
            // Any digit but zero before an exponent makes it more than nothing.
            ratio.number?.utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }
                .contains { UInt8(ascii: "1")...UInt8(ascii: "9") ~= $0 } ?? true
        }
        guard let oldest, let fees, let next = fees.last else { return nil }
        self.oldestBlock = oldest
        self.baseFeePerGas = fees
        self.nextBaseFee = next
        self.reward = rows ?? []
        self.isEmpty = ratios.map { $0.map { !$0 } } ?? Array(repeating: false, count: rows?.count ?? 0)
    }
}
