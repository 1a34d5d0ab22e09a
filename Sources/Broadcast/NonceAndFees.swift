import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC

/// The payer's next nonce and the fees to offer. All nodes that answer must agree on the nonce. The fees are computed
/// from the fees that the nodes report.
struct NonceAndFees {
    let nonce: UInt64
    /// The number of the payer's pending transactions.
    let waiting: UInt64
    let fees: FeeOffer
    /// The fees before they are limited to the chain's cap.
    let uncapped: FeeOffer
    /// The nodes that answered.
    let nodes: Nodes
    /// Notes for the user about the nodes.
    let notes: [String]

    /// Queries all nodes. At least one node must answer, and the nodes that answer must agree on the nonce. If a node
    /// does not answer, ``notes`` contains a note about it.
    init(of sender: Address, on chain: Chain, _ asked: Nodes) async throws(ProblemList) {
        var (nodes, failures) = try await asked.reachable(on: chain)
        let answers = await nodes.ask { node throws(NodeError) in
            let (latest, pending, history) = try await node.askTogether(
                .transactionCount(of: sender, at: .latest), .transactionCount(of: sender, at: .pending),
                .feeHistory(blocks: FeeOffer.blocks, percentiles: [FeeOffer.percentile]))
            // An error of `eth_maxPriorityFeePerGas` is ignored, because not every node supports this method.
            let suggestion = FeeOffer.isQuiet(history) ? try? await node.maxPriorityFeePerGas() : nil
            return (latest, pending, FeeOffer.seen(history, suggestion: suggestion, on: chain))
        }
        var (nonces, latests, fees): ([UInt64], [UInt64], [FeeOffer.Seen]) = ([], [], [])
        var answered: [EthereumNode] = []
        for (node, result) in answers {
            do throws(NodeError) {
                let (latest, pending, offer) = try result.get()
                nonces.append(pending)
                latests.append(latest)
                fees.append(offer)
                answered.append(node)
            } catch { failures.append(error) }
        }
        guard let first = answered.first else {
            throw ProblemList(failures.flatMap(\.problems)) ?? ProblemList(Problem(NodesRule.disagree, at: "nonce"))
        }
        nodes = Nodes(first, Array(answered.dropFirst()))
        guard let nonce = Set(nonces).count == 1 ? nonces.first : nil, let latest = latests.max() else {
            let words = zip(nodes.all, nonces).map { "\($0.name) says \($1)" }.joined(separator: ", ")
            throw ProblemList(Problem(NodesRule.disagree, at: "nonce", detail: words))
        }
        self.nonce = nonce
        self.waiting = nonce > latest ? nonce - latest : 0
        let offer = FeeOffer(of: fees)
        self.notes = Self.silent(failures, of: asked) + Self.differing(fees, nodes)
        self.uncapped = offer
        self.fees = offer.capped(on: chain)
        self.nodes = nodes
    }

    private static func silent(_ failures: [NodeError], of asked: Nodes) -> [String] {
        guard !failures.isEmpty else { return [] }
        let words = failures.flatMap(\.problems).map { "\($0.field ?? ""): \($0.message)" }.joined(separator: "; ")
        return ["\(failures.count) of \(asked.all.count) nodes did not answer, and the others are trusted: \(words)"]
    }

    /// Returns a note if the nodes' priority fees differ by more than a factor of ten.
    private static func differing(_ fees: [FeeOffer.Seen], _ nodes: Nodes) -> [String] {
        guard let lowest = fees.map(\.priorityFee).min(), let highest = fees.map(\.priorityFee).max(),
            highest > lowest.multiplied(by: 10) ?? .max
        else { return [] }
        let words = zip(nodes.all, fees).map { "\($0.name) says \($1.priorityFee) wei" }.joined(separator: ", ")
        return [
            "the nodes' priority fees differ by more than a factor of ten: \(words); the median is used, of two the lower"
        ]
    }
}

/// The fees to offer for a unit of gas.
///
/// The priority fee is computed from the last ten blocks. For each block that is not empty, the fee at the 50th
/// percentile is taken, and the median of these fees is used. The priority fee is at least the lowest priority fee of
/// the chain. If most blocks were empty, it is also at least the priority fee that the node suggests. The maximum fee
/// is twice the next base fee plus the priority fee, which is enough for five full blocks in a row. If there are
/// several nodes, the highest base fee and the median priority fee are used. The chain's cap limits both fees.
struct FeeOffer: Hashable {
    let maxFeePerGas: UInt256
    let maxPriorityFeePerGas: UInt256

    static let blocks: UInt64 = 10
    static let percentile = 50

    /// The fees that one node reports.
    struct Seen: Hashable {
        let nextBaseFee: UInt256
        let priorityFee: UInt256
    }

    /// Computes the fees that one node reports.
    ///
    /// - Parameters:
    ///   - history: the fees of the last blocks.
    ///   - suggestion: the priority fee that the node suggests; `nil` if there is no suggestion, because the node was
    ///     not queried for it (see ``isQuiet(_:)``) or returned an error.
    ///   - chain: the chain, which determines the lowest priority fee.
    static func seen(_ history: FeeHistory, suggestion: UInt256?, on chain: Chain) -> Seen {
        let rewards = paid(history)
        let median = rewards.isEmpty ? 0 : rewards[rewards.count / 2]
        return Seen(
            nextBaseFee: history.nextBaseFee, priorityFee: max(median, suggestion ?? .zero, floor(on: chain)))
    }

    /// Whether most of the last blocks were empty. If so, these blocks contain too few transactions to show which fees
    /// are high enough.
    static func isQuiet(_ history: FeeHistory) -> Bool {
        paid(history).count * 2 < Swift.max(1, history.reward.count)
    }

    private static func paid(_ history: FeeHistory) -> [UInt256] {
        history.reward.enumerated().compactMap { index, row in
            index < history.isEmpty.count && history.isEmpty[index] ? nil : row.first
        }.sorted()
    }

    /// Combines the fees that several nodes report. The highest base fee is used, so one faulty node cannot lower the
    /// base fee. The median priority fee is used, or the lower of the two in the middle, so one faulty node cannot raise
    /// the priority fee above all others.
    init(of seen: [Seen]) {
        let tips = seen.map(\.priorityFee).sorted()
        let tip = tips.isEmpty ? .zero : tips[(tips.count - 1) / 2]
        let base = seen.map(\.nextBaseFee).max() ?? .zero
        // If the maximum fee overflows, it becomes the largest 256-bit number. `capped` later limits the fee to the
        // chain's cap.
        self.init(maxFeePerGas: base.multiplied(by: 2)?.adding(tip) ?? .max, maxPriorityFeePerGas: tip)
    }

    private init(maxFeePerGas: UInt256, maxPriorityFeePerGas: UInt256) {
        self.maxFeePerGas = maxFeePerGas
        self.maxPriorityFeePerGas = maxPriorityFeePerGas
    }

    /// Limits the fees to the chain's cap, so that neither a faulty node nor a short spike can cause an excessive fee.
    func capped(on chain: Chain) -> FeeOffer {
        let cap = Self.cap(on: chain)
        return FeeOffer(
            maxFeePerGas: min(maxFeePerGas, cap), maxPriorityFeePerGas: min(maxPriorityFeePerGas, cap))
    }

    /// The highest fee to offer for a unit of gas: 500 gwei if the native currency is ether, and 20000 gwei on other
    /// chains. The cap is higher on other chains, because one unit of their native currency is worth less than one
    /// ether, and the same gas costs more units.
    static func cap(on chain: Chain) -> UInt256 {
        let isEther = [Chain.ethereum, .base, .sepolia, .baseSepolia].contains(chain)
        return isEther ? 500_000_000_000 : 20_000_000_000_000
    }

    /// The lowest priority fee to offer. By default, geth's block builder skips transactions that pay less than 0.001
    /// gwei. On Polygon, this limit is 25 gwei. The lowest priority fee must also be large enough for replacement
    /// transactions. A replacement transaction must offer fees that are an eighth higher, and an eighth of a very small
    /// fee would be only a few wei.
    static func floor(on chain: Chain) -> UInt256 { chain == .polygon ? 25_000_000_000 : 1_000_000 }
}
