import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockTransactions

/// Which of the transactions of one nonce the nodes are given: a rung of the payment, or the cancel that outbids all.
struct Ladder {
    let shipment: Shipment
    /// The one that the nodes have, or are to have first.
    private(set) var rung: UInt64 = 0
    private(set) var isCancelling: Bool
    /// The highest that was ever offered to a node; it may have been refused.
    private var offered: UInt64 = 0

    init(_ shipment: Shipment, cancelling: Bool) {
        self.shipment = shipment
        isCancelling = cancelling
    }

    /// From here on the cancels are due.
    mutating func cancel() { isCancelling = true }

    /// Goes on from what any run, this or another one, has given the nodes. Once a node was asked to take a cancel, none
    /// goes back to paying.
    mutating func takeUp(_ given: JournalGiven) {
        for step in shipment.steps {
            guard given.asked.contains(step.hash) else { continue }
            if step.role == .cancel { isCancelling = true }
            offered = max(offered, step.rung ?? 0)
            if given.left.contains(step.hash) { rung = max(rung, step.rung ?? 0) }
        }
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

    /// Goes to the next rung that was not offered yet; says whether there is one. A rung that offers less than the chain
    /// asks for now would not be mined either, so it is left out, as long as there is one that offers enough.
    mutating func climb(baseFee: UInt256?) -> Bool {
        let last = max(rung, offered)
        let above = shipment.steps.filter { $0.nonce == shipment.target && $0.role != .cancel && $0.height > last }
            .sorted { $0.height < $1.height }
        let enough = above.first { $0.signed.transaction.maxFeePerGas >= baseFee ?? .zero }
        guard !isCancelling, let next = enough ?? above.first else { return false }
        rung = next.height
        offered = next.height
        return true
    }

    /// Stays with the rung that the nodes have, since they refused the one above.
    mutating func stay(on rung: UInt64) { self.rung = rung }
}

extension Shipment.Step {
    /// The only variant stands on the ground.
    fileprivate var height: UInt64 { rung ?? 0 }
}
