import AirlockEthereumTypes
import AirlockJSONRPC

/// What to offer for each unit of gas.
///
/// The priority fee is the median of what the middle transaction of each of the last ten blocks paid, empty blocks left
/// out, and at least the chain's floor; where most blocks were empty, also at least what the node itself suggests.
/// The maximum is twice the next block's base fee and the priority fee, which stays enough through five full blocks.
/// Of several nodes the highest base fee and the median priority fee are taken, and no more than the chain's cap.
struct FeeOffer: Hashable {
    let maxFeePerGas: UInt256
    let maxPriorityFeePerGas: UInt256

    static let blocks: UInt64 = 10
    static let percentile = 50

    /// What one node sees.
    struct Seen: Hashable {
        let nextBaseFee: UInt256
        let priorityFee: UInt256
    }

    /// - Parameter suggestion: the node's own, where it was asked: see ``isQuiet(_:)``.
    static func seen(_ history: FeeHistory, suggestion: UInt256?, on chain: Chain) -> Seen {
        let rewards = paid(history)
        let median = rewards.isEmpty ? 0 : rewards[rewards.count / 2]
        return Seen(
            nextBaseFee: history.nextBaseFee, priorityFee: max(median, suggestion ?? .zero, floor(on: chain)))
    }

    /// Were most of the last blocks empty? Then what the few transactions paid says little.
    static func isQuiet(_ history: FeeHistory) -> Bool {
        paid(history).count * 2 < Swift.max(1, history.reward.count)
    }

    private static func paid(_ history: FeeHistory) -> [UInt256] {
        history.reward.enumerated().compactMap { index, row in
            index < history.isEmpty.count && history.isEmpty[index] ? nil : row.first
        }.sorted()
    }

    /// The highest base fee of several nodes, and of their priority fees the lower of the middle ones: one node alone can
    /// make neither the payer pay more to the block's maker nor the payment wait.
    init(of seen: [Seen]) {
        let tips = seen.map(\.priorityFee).sorted()
        let tip = tips.isEmpty ? .zero : tips[(tips.count - 1) / 2]
        let base = seen.map(\.nextBaseFee).max() ?? .zero
        // Too large to be true.
        self.init(maxFeePerGas: base.multiplied(by: 2)?.adding(tip) ?? .max, maxPriorityFeePerGas: tip)
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

    /// The least that is offered. geth's block makers leave out what pays less than 0.001 gwei unless they are told
    /// otherwise, and Polygon's less than 25 gwei. An eighth of it is more than a few wei, so that a replacement counts.
    static func floor(on chain: Chain) -> UInt256 { chain == .polygon ? 25_000_000_000 : 1_000_000 }
}
