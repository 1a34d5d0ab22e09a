import AirlockEthereumTypes
import AirlockJSONRPC

/// A receipt of the payment's own nonce, and the nodes that say it twice.
struct StandingReceipt: Sendable {
    /// In the order in which they were given; never empty.
    let views: [ChainView]
    let blockNumber: UInt64
    /// Whether it is what the payment must leave behind on the chain.
    let isProof: Bool

    /// What comes first where nodes differ.
    var rank: (count: Int, proof: Int) { (views.count, isProof ? 1 : 0) }

    /// What nodes must agree on. They may differ in what else they tell of a receipt.
    private struct Content: Hashable {
        let hash: Hash
        let blockHash: Hash
        let succeeded: Bool
        let logs: [Receipt.Log]

        init(_ receipt: Receipt) {
            (hash, blockHash) = (receipt.transactionHash, receipt.blockHash)
            (succeeded, logs) = (receipt.succeeded, receipt.logs)
        }
    }

    /// Each receipt that differs from the others. All nodes are asked at the same time.
    static func all(of views: [ChainView], for shipment: Shipment) async -> [StandingReceipt] {
        let standing = await withTaskGroup(of: Int?.self) { group in
            for (index, view) in views.enumerated() {
                guard let (_, receipt) = view.mined(shipment.target, of: shipment) else { continue }
                group.addTask { await view.stands(receipt) ? index : nil }
            }
            var indices: Set<Int> = []
            for await index in group { if let index { indices.insert(index) } }
            return indices.sorted()
        }
        var (order, groups): ([Content], [Content: [ChainView]]) = ([], [:])
        for view in standing.map({ views[$0] }) {
            guard let (_, receipt) = view.mined(shipment.target, of: shipment) else { continue }
            let content = Content(receipt)
            if groups[content] == nil { order.append(content) }
            groups[content, default: []].append(view)
        }
        return order.compactMap { content in
            guard let views = groups[content], let (step, receipt) = views[0].mined(shipment.target, of: shipment)
            else {
                return nil
            }
            return StandingReceipt(
                views: views, blockNumber: receipt.blockNumber,
                isProof: Settlement.isProof(receipt, of: step, shipment))
        }
    }
}
