import AirlockDiagnostics
package import AirlockEthereumTypes
package import AirlockPaymentFiles
import AirlockRequests
package import AirlockSecp256k1
package import AirlockSecretKeys
import AirlockTransactions

/// A transaction or a message of a payment, signed and checked. Record it in the ledger before you write it anywhere.
struct SignedPart: Sendable {
    let transaction: Payment.Transaction
    /// The hash that was signed.
    let signingHash: Hash
}

/// Signs a payment in stages. In each stage, a signer signs one or more digests, and this type checks the signatures.
/// Some transactions contain the signature of a message. In that case, the message is signed in the first stage, and
/// the transaction in the second stage.
struct StagedSigning {
    private enum Stage {
        /// A message that is signed first. The signature of this message becomes a part of a transaction in the next
        /// stage.
        case messageInCall(Message)
        case messageAlone(Message, Call)
        case transactions([PlannedTransaction])
        case ended
    }

    private let payment: ReviewedPayment
    private let secondEngine: Bool
    private var stage: Stage
    /// Everything that was signed, in the order of the plan. Empty until the last stage is complete.
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

    /// The digests that must be signed next. Empty when everything is signed.
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

    /// Accepts one signature for each signing task, in the order of the tasks. If one signature is wrong, all of them
    /// are rejected.
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
        case .transactions:
            let raw = try self.raw(signatures)
            try end(raw, SignedTransaction.read(raw: raw)[...], by: publicKey)
        case .ended: break
        }
    }

    /// Lets a signer make all signatures that a payment needs.
    static func complete(
        _ consented: ConsentedPayment, by signer: borrowing some Signer & ~Copyable, secondEngine: Bool
    ) throws -> [SignedPart] {
        try complete([consented], by: signer, secondEngine: secondEngine)[0].get()
    }

    /// Lets a signer sign several payments. The hashes of all these payments are computed together, which is faster. If
    /// one payment cannot be signed, the other payments are still signed.
    static func complete(
        _ consented: [ConsentedPayment], by signer: borrowing some Signer & ~Copyable, secondEngine: Bool
    ) -> [Result<[SignedPart], any Error>] {
        PendingHash.compute(consented.flatMap { $0.payment.plan.map(\.pendingHash) })
        var begun: [Result<(staged: StagedSigning, raw: [[UInt8]]), any Error>] = []
        for payment in consented {
            do {
                var staged = try StagedSigning(payment, secondEngine: secondEngine)
                var raw: [[UInt8]] = []
                while raw.isEmpty {
                    let tasks = staged.tasks
                    guard !tasks.isEmpty else { break }
                    var signatures: [Signature] = []
                    for task in tasks { signatures.append(try signer.sign(task)) }
                    if case .transactions = staged.stage {
                        raw = try staged.raw(signatures)
                    } else {
                        try staged.answer(signatures, by: signer.publicKey)
                    }
                }
                begun.append(.success((staged, raw)))
            } catch { begun.append(.failure(error)) }
        }
        let read = SignedTransaction.read(raw: begun.flatMap { (try? $0.get())?.raw ?? [] })
        var place = 0
        var results: [Result<[SignedPart], any Error>] = []
        for result in begun {
            do {
                let (signing, raw) = try result.get()
                var staged = signing
                let own = read[place..<place + raw.count]
                place += raw.count
                if !raw.isEmpty { try staged.end(raw, own, by: signer.publicKey) }
                results.append(.success(staged.parts))
            } catch { results.append(.failure(error)) }
        }
        return results
    }

    /// The raw signed transactions. Before a caller uses them, they must be decoded again and checked.
    private func raw(_ signatures: [Signature]) throws -> [[UInt8]] {
        guard case .transactions(let plan) = stage, signatures.count == plan.count else {
            throw Problem(SelfCheckRule.otherTransaction)
        }
        return try zip(plan, signatures).map { try SignedTransaction.Content($0.transaction, $1).raw }
    }

    /// Checks the signed transactions and completes the last stage. `read` contains the transactions that were decoded
    /// from `raw`.
    private mutating func end(
        _ raw: [[UInt8]], _ read: ArraySlice<Result<SignedTransaction, TransactionError>>, by publicKey: PublicKey
    ) throws {
        guard case .transactions(let plan) = stage else { throw Problem(SelfCheckRule.otherTransaction) }
        parts = try zip(plan, zip(raw, read)).map { try part($0, $1.0, $1.1, publicKey) }
        stage = .ended
    }

    private func part(
        _ planned: PlannedTransaction, _ raw: [UInt8], _ read: Result<SignedTransaction, TransactionError>,
        _ publicKey: PublicKey
    ) throws -> SignedPart {
        let signed = try SelfCheck.verify(
            raw, of: planned.transaction, from: payment.payer, publicKey: publicKey, secondEngine: secondEngine,
            decode: { _ throws(TransactionError) in try read.get() })
        return SignedPart(
            transaction: Payment.Transaction(
                role: planned.role, rung: planned.rung, nonce: planned.transaction.nonce, hash: signed.hash,
                raw: signed.raw),
            signingHash: signed.signingHash)
    }

    /// Checks the signature of a message that is signed instead of a transaction. The result contains the call that
    /// someone else must send.
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

    /// Returns the plan with the message's signature inserted into the call data of the payment.
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

/// A digest to sign, and the purpose of the signature. Only this module can create a signing task. So a signer gets
/// only digests that a person or a script has confirmed, or that the policy allows.
package struct SigningTask: Hashable, Sendable {
    package enum Purpose: Hashable, Sendable {
        /// A transaction of a payment.
        case transaction(Payment.Role, nonce: UInt64)
        /// A message. It may be signed alone, or its signature may become a part of a payment's transaction.
        case message
        /// A transaction or message that the user signs without a request, with the option `--blind`.
        case blind
    }

    package let digest: Hash
    package let purpose: Purpose

    init(_ digest: Hash, for purpose: Purpose) {
        self.digest = digest
        self.purpose = purpose
    }
}

/// A holder of a key, which makes the signatures for signing tasks. Airlock checks every signature that the holder
/// returns.
package protocol Signer: ~Copyable {
    var publicKey: PublicKey { get }

    borrowing func sign(_ task: SigningTask) throws -> Signature
}

/// A key in the memory of this process.
extension SecretKey: Signer {
    package borrowing func sign(_ task: SigningTask) throws -> Signature { try sign(task.digest) }
}
