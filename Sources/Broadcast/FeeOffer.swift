import EthereumTypes
import JSONRPC

/// What to offer for each unit of gas, by a rule that can be said in two sentences.
///
/// The priority fee is the median of what the middle transaction of each of the last ten blocks paid, at least 1 wei.
/// The maximum is twice the next block's base fee and the priority fee, which stays enough through five full blocks.
/// Of several nodes the highest of each is taken.
struct FeeOffer: Hashable {
    let maxFeePerGas: UInt256
    let maxPriorityFeePerGas: UInt256

    static let blocks: UInt64 = 10
    static let percentile = 50

    init(_ history: FeeHistory) {
        let rewards = history.reward.compactMap(\.first).sorted()
        let median = rewards.isEmpty ? 0 : rewards[rewards.count / 2]
        let priority = max(median, 1)
        maxPriorityFeePerGas = priority
        // Too large to be true: the signer refuses it, with the number in sight.
        maxFeePerGas = history.nextBaseFee.multiplied(by: 2)?.adding(priority) ?? .max
    }

    /// The highest of each.
    init(highestOf offers: [FeeOffer]) {
        maxFeePerGas = offers.map(\.maxFeePerGas).max() ?? .zero
        maxPriorityFeePerGas = offers.map(\.maxPriorityFeePerGas).max() ?? .zero
    }
}
