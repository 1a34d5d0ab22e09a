import EthereumTypes
import JSONRPC

/// What to offer for each unit of gas, by a rule that can be said in three sentences.
///
/// The priority fee is the median of what the middle transaction of each of the last ten blocks paid, at least 1 wei.
/// The maximum is twice the next block's base fee and the priority fee, which stays enough through five full blocks.
/// Of several nodes the highest of each is taken, and of none more than the chain's cap.
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
        // Too large to be true.
        maxFeePerGas = history.nextBaseFee.multiplied(by: 2)?.adding(priority) ?? .max
    }

    /// The highest of each.
    init(highestOf offers: [FeeOffer]) {
        self.init(
            maxFeePerGas: offers.map(\.maxFeePerGas).max() ?? .zero,
            maxPriorityFeePerGas: offers.map(\.maxPriorityFeePerGas).max() ?? .zero)
    }

    private init(maxFeePerGas: UInt256, maxPriorityFeePerGas: UInt256) {
        self.maxFeePerGas = maxFeePerGas
        self.maxPriorityFeePerGas = maxPriorityFeePerGas
    }

    /// No more than the cap: a node that is wrong, or a moment that is, must not cost a fortune.
    func capped(on chain: Chain) -> FeeOffer {
        let cap = Self.cap(on: chain)
        return FeeOffer(
            maxFeePerGas: min(maxFeePerGas, cap), maxPriorityFeePerGas: min(maxPriorityFeePerGas, cap))
    }

    /// 500 gwei where the currency is ether; elsewhere a unit of gas may cost more units of less worth.
    static func cap(on chain: Chain) -> UInt256 {
        let isEther = [Chain.ethereum, .base, .sepolia, .baseSepolia].contains(chain)
        return isEther ? 500_000_000_000 : 20_000_000_000_000
    }
}
