import AirlockEthereumTypes
import AirlockJSONRPC

/// What one node sees of a payment at one moment.
struct ChainView {
    let node: EthereumNode
    let head: Block
    /// How many of the sender's transactions are mined.
    let nonce: UInt64
    /// By the transaction's hash, of those that are mined.
    let receipts: [Hash: Receipt]

    /// One round trip while nothing is mined. The nonce is asked for before the receipts: what it counts is mined, so the
    /// receipts must be there by then.
    static func look(at shipment: Shipment, _ node: EthereumNode) async throws(NodeError) -> ChainView? {
        let (head, nonce) = try await node.askTogether(
            .block(.latest), .transactionCount(of: shipment.sender, at: .latest))
        guard let head else { return nil }
        var receipts: [Hash: Receipt] = [:]
        let passed = shipment.steps.filter { $0.nonce < nonce }
        let answers = try await node.askEach(passed.map { .receipt(of: $0.hash, from: shipment.sender) })
        for (step, answer) in zip(passed, answers) {
            if let receipt = try answer.get() { receipts[step.hash] = receipt }
        }
        return ChainView(node: node, head: head, nonce: nonce, receipts: receipts)
    }

    /// The transaction of that nonce that is mined, if it is one of the payment's.
    func mined(_ nonce: UInt64, of shipment: Shipment) -> (step: Shipment.Step, receipt: Receipt)? {
        for step in shipment.steps(with: nonce) {
            if let receipt = receipts[step.hash] { return (step, receipt) }
        }
        return nil
    }

    /// Whether the node says the same of a transaction once more, and its block is the chain's block of that number. What
    /// ends a payment must not rest on an answer that was late, of a block that is gone, or damaged on its way.
    func stands(_ receipt: Receipt) async -> Bool {
        do throws(NodeError) {
            let (again, block) = try await node.askTogether(
                .receipt(of: receipt.transactionHash, from: receipt.from), .block(.number(receipt.blockNumber)))
            return again == receipt && block?.hash == receipt.blockHash
        } catch { return false }
    }

    /// How many blocks confirm the receipt: the one that holds it is the first.
    func confirmations(of receipt: Receipt) -> UInt64 {
        guard head.number > receipt.blockNumber else { return 1 }
        let (count, overflow) = (head.number - receipt.blockNumber).addingReportingOverflow(1)
        return overflow ? .max : count
    }

    /// Of several nodes, the view to act on.
    ///
    /// A receipt counts where its node says it twice and no more nodes contradict it than give it. Of receipts that differ
    /// the one of the most nodes comes first, then the one that proves the payment. Else it is, of the nodes that have not
    /// seen the payment mined, the one that counts the fewest of the sender's transactions, and of these the furthest. So
    /// a node that is wrong can delay a bad end, and neither keep an honest one from being heard nor make an end.
    static func best(_ views: [ChainView], for shipment: Shipment) async -> ChainView? {
        guard views.count > 1 else { return views.first }
        let byHead = views.sorted { $0.head.number > $1.head.number }
        let open = byHead.filter { $0.mined(shipment.target, of: shipment) == nil }
        let believed = await StandingReceipt.all(of: byHead, for: shipment).filter { receipt in
            let against = open.count { $0.head.number >= receipt.blockNumber }
            return receipt.isProof ? receipt.views.count >= against : receipt.views.count > against
        }
        if let best = believed.max(by: { $0.rank < $1.rank }) { return best.views[0] }
        return open.min { $0.nonce < $1.nonce } ?? byHead.first
    }
}
