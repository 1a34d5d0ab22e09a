import EthereumTypes
import PaymentFiles
import Transactions

/// Which of the transactions of one nonce the nodes are given: a rung of the payment, or the cancel that outbids all.
struct Ladder {
    let shipment: Shipment
    private(set) var rung: UInt64 = 0
    private(set) var isCancelling: Bool

    init(_ shipment: Shipment, cancelling: Bool) {
        self.shipment = shipment
        isCancelling = cancelling
    }

    /// Goes on from what any run, this or another one, has asked a node to take. Once that was a cancel, none goes back
    /// to paying.
    mutating func takeUp(asked: Set<Hash>) {
        let known = shipment.steps.filter { asked.contains($0.hash) }
        rung = max(rung, known.compactMap(\.rung).max() ?? 0)
        if known.contains(where: { $0.role == .cancel }) { isCancelling = true }
    }

    /// One transaction for each nonce that is still open, in their order.
    func due(from nonce: UInt64) -> [Shipment.Step] {
        let open = shipment.nonces.filter { $0 >= nonce }
        return open.compactMap { nonce in
            let steps = shipment.steps(with: nonce)
            if isCancelling { return steps.first { $0.role == .cancel } }
            return steps.filter { $0.role != .cancel && $0.height <= rung }.max { $0.height < $1.height }
        }
    }

    /// Goes to the next rung; says whether there is one. A rung that offers less than the chain asks for now would not
    /// be mined either, so it is left out, as long as there is one that offers enough.
    mutating func climb(baseFee: UInt256?) -> Bool {
        let above = shipment.steps.filter { $0.nonce == shipment.target && $0.role != .cancel && $0.height > rung }
            .sorted { $0.height < $1.height }
        let enough = above.first { $0.signed.transaction.maxFeePerGas >= baseFee ?? .zero }
        guard !isCancelling, let next = enough ?? above.first else { return false }
        rung = next.height
        return true
    }
}

extension Shipment.Step {
    /// The only variant stands on the ground.
    fileprivate var height: UInt64 { rung ?? 0 }
}
