import EthereumTypes
import JSONRPC
import Problems

/// What several nodes must agree on before anything is built on it, and the fees that they see.
struct Vitals {
    let nonce: UInt64
    /// How many of the payer's transactions still wait to be mined.
    let waiting: UInt64
    let fees: FeeOffer
    /// What it would be without the cap.
    let uncapped: FeeOffer
    let nodes: Nodes

    /// Every node named has to answer: one that is silent cannot agree.
    init(of sender: Address, on chain: Chain, _ asked: Nodes) async throws(ProblemList) {
        let (nodes, failures) = try await asked.reachable(on: chain)
        if let all = ProblemList(failures.flatMap(\.problems)) { throw all }
        let answers = await nodes.ask { node throws(NodeError) in
            let (latest, pending, history) = try await node.askTogether(
                .transactionCount(of: sender, at: .latest), .transactionCount(of: sender, at: .pending),
                .feeHistory(blocks: FeeOffer.blocks, percentiles: [FeeOffer.percentile]))
            return (latest, pending, FeeOffer(history))
        }
        var (nonces, latests, fees): ([UInt64], [UInt64], [FeeOffer]) = ([], [], [])
        for (_, result) in answers {
            do throws(NodeError) {
                let (latest, pending, offer) = try result.get()
                nonces.append(pending)
                latests.append(latest)
                fees.append(offer)
            } catch { throw ProblemList(error) }
        }
        guard let nonce = Set(nonces).count == 1 ? nonces.first : nil, let latest = latests.max() else {
            let words = zip(nodes.all, nonces).map { "\($0.name) says \($1)" }.joined(separator: ", ")
            throw ProblemList(Problem(NodesRule.disagree, at: "nonce", detail: words))
        }
        self.nonce = nonce
        self.waiting = nonce > latest ? nonce - latest : 0
        let offer = FeeOffer(highestOf: fees)
        self.uncapped = offer
        self.fees = offer.capped(on: chain)
        self.nodes = nodes
    }
}
