public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests
import AirlockTransactions

/// Checks whether a transaction fulfilled its request. The proof is that the transaction's receipt contains the events
/// that the request must cause.
enum Settlement {
    /// The events that prove that a request was carried out. Both properties are `nil` if the request causes no event
    /// that could be a proof.
    struct Proof {
        /// The first event that proves a payment. If several events prove payments, only the first one is kept.
        var paid: PaidEvent?
        /// The first event that proves that a request was carried out. Only requests that are not payments have such an
        /// event.
        var seen: SeenEvent?
    }

    /// Looks for the events of the request in a receipt. Throws if an event is missing or differs from the request.
    static func require(_ effect: Effect, in receipt: Receipt) throws(ProblemList) -> Proof {
        var (proof, problems): (Proof, [Problem]) = (Proof(), [])
        for expected in effect.events {
            let judgements = receipt.logs.compactMap { log in
                log.address == expected.contract ? expected.judge(log.topics, log.data) : nil
            }
            if let event = judgements.lazy.compactMap(\.paid).first {
                proof.paid = proof.paid ?? event
                continue
            }
            if let event = judgements.lazy.compactMap(\.seen).first {
                proof.seen = proof.seen ?? event
                continue
            }
            if let words = judgements.lazy.compactMap(\.failure).first {
                problems.append(
                    Problem(SettlementRule.executionFailed, at: "\(receipt.transactionHash)", detail: words))
                continue
            }
            // No event in the receipt matches the request, so the error shows how one event differs from the request.
            // Prefer an event that belongs to this request, because the transaction may also pay other requests.
            guard let other = judgements.first(where: \.isOurs) ?? judgements.first else {
                problems.append(
                    Problem(
                        SettlementRule.noEvent, at: "\(receipt.transactionHash)",
                        expected: "one of \(expected.contract)"))
                continue
            }
            problems += other.differences.map {
                Problem(SettlementRule.otherEvent, at: $0.field, saw: $0.saw, expected: $0.expected)
            }
        }
        if let all = ProblemList(problems) { throw all }
        return proof
    }

    /// Whether the receipt proves that its transaction made the payment. If the request causes no event that could be a
    /// proof, the success of the transaction is the proof.
    static func isProof(_ receipt: Receipt, of step: SignedPayment.Step, _ signedPayment: SignedPayment) -> Bool {
        guard step.role != .cancel, receipt.succeeded else { return false }
        guard let effect = signedPayment.effect(of: step) else { return true }
        do throws(ProblemList) {
            _ = try require(effect, in: receipt)
            return true
        } catch { return false }
    }
}

extension Effect.Outcome {
    fileprivate var paid: PaidEvent? { if case .paid(let event) = self { event } else { nil } }
    fileprivate var seen: SeenEvent? { if case .seen(let event) = self { event } else { nil } }
    fileprivate var failure: String? { if case .failed(let words) = self { words } else { nil } }
    fileprivate var isOurs: Bool { if case .other(_, let isOurs) = self { isOurs } else { false } }
    fileprivate var differences: [Effect.Difference] { if case .other(let all, _) = self { all } else { [] } }
}

/// The reasons why a transaction that succeeded does not prove that the request was paid.
public enum SettlementRule: String, Rule {
    case noEvent = "settlement.no-event"
    case otherEvent = "settlement.other-event"
    case executionFailed = "settlement.execution-failed"

    public var meaning: String {
        switch self {
        case .noEvent: "the transaction succeeded, but the contract's payment event is missing"
        case .executionFailed: "the Safe's call failed, and the Safe's nonce is used"
        case .otherEvent: "the transaction succeeded, but the contract's event differs from the request"
        }
    }
}

extension Address {
    /// The address as a word of 32 bytes, as in the ABI encoding.
    var word: Hash { Hash { $0 < 12 ? 0 : bytes[$0 - 12] } }
}

/// Records the outcome of a payment after one of its transactions was mined.
struct OutcomeRecorder {
    let signedPayment: SignedPayment
    let payment: Int64
    let broadcaster: Broadcaster

    /// Records the outcome in the journal, and returns it if the payment succeeded. Throws if the payment did not
    /// succeed.
    func outcome(
        of step: SignedPayment.Step, _ receipt: Receipt, _ view: ChainView, _ confirmations: UInt64
    ) async throws(ProblemList) -> Broadcaster.Outcome {
        try await refuseUnlessDone(step, receipt, view)
        var (state, event): (PaymentState, Settlement.Proof) = (.mined, Settlement.Proof())
        // A payment from the journal can contain several transactions that have the same nonce but spend different
        // amounts. The expected events are therefore determined from the transaction that was mined.
        if let effect = signedPayment.effect(of: step) {
            do throws(ProblemList) { event = try Settlement.require(effect, in: receipt) } catch {
                let failed = error.problems.first { $0.rule as? SettlementRule == .executionFailed }
                guard let failed else { throw error }
                // The call that the Safe executed failed, but the Safe's nonce is now used. So this payment can never
                // succeed.
                throw try await end(.reverted, receipt, failed)
            }
            state = .settled
        }
        let (journal, payment, end, proof) = (broadcaster.journal, payment, state, event.paid)
        try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.ended(payment, end, receipt, nil, proof)
        }
        return Broadcaster.Outcome(
            hash: step.hash, receipt: receipt, confirmations: confirmations, state: state, event: event.paid,
            seen: event.seen)
    }

    /// Throws if the transaction is a cancel transaction, or if it reverted. Before throwing, records this outcome in
    /// the journal.
    func refuseUnlessDone(
        _ step: SignedPayment.Step, _ receipt: Receipt, _ view: ChainView
    ) async throws(ProblemList) {
        if step.role == .cancel {
            throw try await end(.cancelled, receipt, Problem(SendRule.cancelled, at: step.hash.description))
        }
        guard !receipt.succeeded else { return }
        throw try await end(.reverted, receipt, reason(step, receipt, view))
    }

    /// Finds the reason why a transaction reverted. To get the error that the contract returned, this method simulates
    /// the call on the state after the transaction's block.
    private func reason(_ step: SignedPayment.Step, _ receipt: Receipt, _ view: ChainView) async -> Problem {
        let transaction = step.signed.transaction
        let hash = step.hash.description
        guard let to = transaction.to else { return Problem(SendRule.reverted, at: hash) }
        let call = CallRequest(
            from: signedPayment.sender, to: to, value: transaction.value, data: transaction.data, gas: transaction.gas)
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
        try await broadcaster.journaled { () async throws(JournalError) in
            try await journal.ended(payment, state, receipt, problem.message)
        }
        return ProblemList(problem)
    }
}
