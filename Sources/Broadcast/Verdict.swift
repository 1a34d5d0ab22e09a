import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequests
import AirlockTransactions

/// What a mined transaction means for the payment that it belongs to.
struct Verdict {
    let shipment: Shipment
    let payment: Int64
    let broadcaster: Broadcaster

    /// The good end, written down; or the bad one, written down and thrown.
    func outcome(
        of step: Shipment.Step, _ receipt: Receipt, _ view: ChainView, _ confirmations: UInt64
    ) async throws(ProblemList) -> Broadcaster.Outcome {
        try await refuseUnlessDone(step, receipt, view)
        var (state, event): (PaymentState, Settlement.Proof) = (.mined, Settlement.Proof())
        // Variants of a payment may differ in what they may spend: the one that is mined says it.
        if let effect = shipment.effect(of: step) {
            do throws(ProblemList) { event = try Settlement.require(effect, in: receipt) } catch {
                let failed = error.problems.first { $0.rule as? SettlementRule == .executionFailed }
                guard let failed else { throw error }
                // Nothing can be proved of it later: the Safe takes no other transaction with this nonce.
                throw try await end(.reverted, receipt, failed)
            }
            state = .settled
        }
        let (journal, payment, end, proof) = (broadcaster.journal, payment, state, event.paid)
        try await broadcaster.kept { () async throws(JournalError) in
            try await journal.ended(payment, end, receipt, nil, proof)
        }
        return Broadcaster.Outcome(
            hash: step.hash, receipt: receipt, confirmations: confirmations, state: state, event: event.paid,
            seen: event.seen)
    }

    /// Throws when the transaction is a cancel, or did not do what it was to do.
    func refuseUnlessDone(
        _ step: Shipment.Step, _ receipt: Receipt, _ view: ChainView
    ) async throws(ProblemList) {
        if step.role == .cancel {
            throw try await end(.cancelled, receipt, Problem(SendRule.cancelled, at: step.hash.description))
        }
        guard !receipt.succeeded else { return }
        throw try await end(.reverted, receipt, reason(step, receipt, view))
    }

    /// The contract's own error, found by running the call again on the state that the block left.
    private func reason(_ step: Shipment.Step, _ receipt: Receipt, _ view: ChainView) async -> Problem {
        let transaction = step.signed.transaction
        let hash = step.hash.description
        guard let to = transaction.to else { return Problem(SendRule.reverted, at: hash) }
        let call = CallRequest(
            from: shipment.sender, to: to, value: transaction.value, data: transaction.data, gas: transaction.gas)
        do throws(NodeError) {
            _ = try await view.node.call(call, at: .number(receipt.blockNumber))
        } catch {
            if let data = error.refusal?.data, !data.isEmpty {
                return Problem(SendRule.reverted, at: hash, revertedWith: data)
            }
        }
        guard receipt.gasUsed < transaction.gas else {
            return Problem(SendRule.reverted, at: hash, detail: "all of its gas was used")
        }
        return Problem(SendRule.reverted, at: hash)
    }

    private func end(
        _ state: PaymentState, _ receipt: Receipt, _ problem: Problem
    ) async throws(ProblemList) -> ProblemList {
        let (journal, payment) = (broadcaster.journal, payment)
        try await broadcaster.kept { () async throws(JournalError) in
            try await journal.ended(payment, state, receipt, problem.message)
        }
        return ProblemList(problem)
    }
}
