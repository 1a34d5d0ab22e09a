import EthereumTypes
import JSONRPC

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
        let answers = try await node.askEach(passed.map { .receipt(of: $0.hash) })
        for (step, answer) in zip(passed, answers) {
            guard let receipt = try answer.get(), receipt.transactionHash == step.hash else { continue }
            receipts[step.hash] = receipt
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
                .receipt(of: receipt.transactionHash), .block(.number(receipt.blockNumber)))
            return again == receipt && block?.hash == receipt.blockHash
        } catch { return false }
    }

    /// How many blocks confirm the receipt: the one that holds it is the first.
    func confirmations(of receipt: Receipt) -> UInt64 {
        head.number > receipt.blockNumber ? head.number - receipt.blockNumber + 1 : 1
    }

    /// Of several nodes, the one that has seen the payment through, or else the one that is furthest.
    static func best(_ views: [ChainView], for shipment: Shipment) -> ChainView? {
        let through = views.filter { $0.mined(shipment.target, of: shipment) != nil }
        return (through.isEmpty ? views : through).max { $0.head.number < $1.head.number }
    }
}
