import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSecp256k1
import AirlockTransactions
import AirlockRequests

/// One of the things that were signed of a payment: checked, and to be recorded before it is written anywhere.
struct SignedPart: Sendable {
    let transaction: Payment.Transaction
    /// What the signature is of.
    let signingHash: Hash
}

/// The signatures of a payment, stage by stage: tasks out, signatures in, each of them checked. A transaction that holds
/// a message's signature can be a task only after the message was signed.
struct StagedSigning {
    private enum Stage {
        /// A message whose signature stands in the transactions that come next.
        case messageInCall(Message)
        case messageAlone(Message, Call)
        case transactions([PlannedTransaction])
        case ended
    }

    private let payment: ReviewedPayment
    private let secondEngine: Bool
    private var stage: Stage
    /// All that was signed, in the order of the plan; empty before the last stage has ended.
    private(set) var parts: [SignedPart] = []

    init(_ consented: ConsentedPayment, secondEngine: Bool) throws(Problem) {
        payment = consented.payment
        self.secondEngine = secondEngine
        switch payment.action {
        case .call: stage = .transactions(payment.plan)
        case .messageInCall(let message, _, _): stage = .messageInCall(message)
        case .message(let message?, let call, _): stage = .messageAlone(message, call)
        case .message(nil, _, _): throw Problem(SelfCheckRule.otherTransaction)
        }
    }

    /// What is to be signed next; none at the end.
    var tasks: [SigningTask] {
        switch stage {
        case .messageInCall(let message), .messageAlone(let message, _): [SigningTask(message.digest, for: .message)]
        case .transactions(let plan):
            plan.map {
                SigningTask($0.signingHash, for: .transaction($0.role, nonce: $0.transaction.nonce))
            }
        case .ended: []
        }
    }

    /// Takes a signature for each of the tasks, in their order. Where one is wrong nothing was signed.
    mutating func answer(_ signatures: [Signature], by publicKey: PublicKey) throws {
        guard signatures.count == tasks.count else { throw Problem(SelfCheckRule.otherTransaction) }
        switch stage {
        case .messageInCall(let message):
            try SelfCheck.verify(
                signatures[0], of: message.digest, from: payment.payer, publicKey: publicKey, secondEngine: secondEngine
            )
            stage = .transactions(plan(holding: signatures[0]))
        case .messageAlone(let message, let call):
            parts = [try part(message, call, signatures[0], publicKey)]
            stage = .ended
        case .transactions(let plan):
            parts = try zip(plan, signatures).map { try part($0, $1, publicKey) }
            stage = .ended
        case .ended: break
        }
    }

    /// Asks a signer until nothing is left to be signed.
    static func complete(
        _ consented: ConsentedPayment, by signer: borrowing some Signer & ~Copyable, secondEngine: Bool
    ) throws -> [SignedPart] {
        var staged = try StagedSigning(consented, secondEngine: secondEngine)
        while true {
            let tasks = staged.tasks
            guard !tasks.isEmpty else { return staged.parts }
            var signatures: [Signature] = []
            for task in tasks { signatures.append(try signer.sign(task)) }
            try staged.answer(signatures, by: signer.publicKey)
        }
    }

    private func part(
        _ planned: PlannedTransaction, _ signature: Signature, _ publicKey: PublicKey
    ) throws -> SignedPart {
        let raw = try SignedTransaction.Content(planned.transaction, signature).raw
        let signed = try SelfCheck.verify(
            raw, of: planned.transaction, from: payment.payer, publicKey: publicKey, secondEngine: secondEngine)
        return SignedPart(
            transaction: Payment.Transaction(
                role: planned.role, rung: planned.rung, nonce: planned.transaction.nonce, hash: signed.hash,
                raw: signed.raw),
            signingHash: signed.signingHash)
    }

    /// A message alone, with the call that somebody else has to send.
    private func part(
        _ message: Message, _ call: Call, _ signature: Signature, _ publicKey: PublicKey
    ) throws -> SignedPart {
        guard let nonce = message.nonce?.number, let separator = message.domain?.separator else {
            throw Problem(SelfCheckRule.otherTransaction)
        }
        let signed = Payment.Permit(
            signature: signature.bytes, domainSeparator: separator, to: call.to,
            data: payment.action.placing(signature.bytes).data)
        try SelfCheck.verify(
            signed, nonce: nonce, of: message, for: payment, publicKey: publicKey, secondEngine: secondEngine)
        return SignedPart(
            transaction: Payment.Transaction(signed, nonce: nonce, digest: message.digest), signingHash: message.digest)
    }

    /// The plan with the message's signature in the place that the reviewed plan holds for it.
    private func plan(holding signature: Signature) -> [PlannedTransaction] {
        let data = payment.action.placing(signature.bytes).data
        return payment.plan.map { planned in
            guard planned.role == .pay else { return planned }
            var transaction = planned.transaction
            transaction.data = data
            return PlannedTransaction(role: planned.role, rung: planned.rung, transaction: transaction)
        }
    }
}
