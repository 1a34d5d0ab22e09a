import AirlockPolicies
import AirlockEthereumTypes
public import AirlockPaymentFiles
public import AirlockSecretKeys
import AirlockDiagnostics
import AirlockSecp256k1
import AirlockTransactions
import AirlockRequests

extension ConsentedPayment {
    /// Signs, checks the result afresh, and records it before it lets it out.
    ///
    /// The ledger is read again while nobody else can write to it: of two processes that sign for one nonce, one does.
    /// A crash can leave a recorded payment that was never put out, which the same command then gives again, and never
    /// a signature without a record.
    public func sign(
        with key: borrowing SecretKey, recordingIn file: LedgerFile
    ) throws -> Payment {
        try payment.requireStillInTime()
        let transactions = try signed(with: key, secondEngine: true)
        var session = try LedgerSession(file, for: key)
        let recorded = try session.record(payment, transactions)
        try session.sync()
        return payment.file(transactions, recordedAs: recorded.hash)
    }

    /// The same within a ledger that is held for many: durable, and to be put out, once the session is synced.
    public func sign(
        with key: borrowing SecretKey, recordingIn session: inout LedgerSession
    ) throws -> Payment {
        try payment.requireStillInTime()
        let transactions = try signed(with: key, secondEngine: true)
        let recorded = try session.record(payment, transactions)
        return payment.file(transactions, recordedAs: recorded.hash)
    }

    /// Signed, checked transactions. Record them in the ledger before writing them anywhere.
    func signed(with key: borrowing SecretKey, secondEngine: Bool) throws -> [Payment.Transaction] {
        let payer = payment.payer
        if case .message(let message, let call, _) = payment.action {
            guard let message else { throw Problem(SelfCheckRule.otherTransaction) }
            return [try signed(message, for: call, by: key, secondEngine: secondEngine)]
        }
        var transactions: [Payment.Transaction] = []
        for planned in try placed(by: key) {
            let signature = try key.sign(planned.signingHash)
            let raw = try SignedTransaction(planned.transaction, signature).raw
            let signed = try SelfCheck.verify(
                raw, of: planned.transaction, from: payer, publicKey: key.publicKey, secondEngine: secondEngine)
            transactions.append(
                Payment.Transaction(
                    role: planned.role, rung: planned.rung, nonce: planned.transaction.nonce, hash: signed.hash,
                    raw: raw))
        }
        return transactions
    }

    /// A message alone, signed, with the call that somebody else has to send.
    private func signed(
        _ message: Message, for call: Call, by key: borrowing SecretKey, secondEngine: Bool
    ) throws -> Payment.Transaction {
        guard let nonce = message.nonce?.number, let separator = message.domain?.separator else {
            throw Problem(SelfCheckRule.otherTransaction)
        }
        let signature = try key.sign(message.digest).bytes
        let signed = Payment.Permit(
            signature: signature, domainSeparator: separator, to: call.to,
            data: payment.action.placing(signature).data)
        try SelfCheck.verify(
            signed, nonce: nonce, of: message, for: payment, publicKey: key.publicKey, secondEngine: secondEngine)
        return Payment.Transaction(signed, nonce: nonce, digest: message.digest)
    }

    /// The plan with the message's signature in it, where the call takes one. Signing it is deterministic, so the plan that
    /// was reviewed, which holds a place for it, tells the payment as well.
    private func placed(by key: borrowing SecretKey) throws -> [PlannedTransaction] {
        guard case .messageInCall(let message, _, let placing) = payment.action else { return payment.plan }
        let signature = try key.sign(message.digest)
        guard try signature.recoverAddress(digest: message.digest) == payment.payer else {
            throw Problem(SelfCheckRule.otherSender)
        }
        let data = placing(signature.bytes).data
        return payment.plan.map { planned in
            guard planned.role == .pay else { return planned }
            var transaction = planned.transaction
            transaction.data = data
            return PlannedTransaction(role: planned.role, rung: planned.rung, transaction: transaction)
        }
    }
}

extension ReviewedPayment {
    /// Throws where the deadline has passed, or the conditions have become too old, since the review.
    func requireStillInTime() throws(ProblemList) {
        let check = TimeCheck(request).check(at: request.time(at: request.currentClock))
        if let problems = ProblemList(check.problems) { throw problems }
    }

    /// The entry that records the payment: a new one, or the one that stands there already. Throws what the ledger
    /// refuses.
    func entry(
        following ledger: Ledger, _ transactions: [Payment.Transaction], at clock: Timestamp
    ) throws(ProblemList) -> (entry: LedgerEntry, isNew: Bool) {
        let ledgerCheck = ledgerCheck
        var check = Check(.ledger)
        ledgerCheck.add(to: &check, ledger, at: clock)
        if let problems = ProblemList(check.problems) { throw problems }
        if let existing = try ledgerCheck.existing(in: ledger) { return (existing, isNew: false) }
        return (entry(after: ledger.head, transactions, at: clock), isNew: true)
    }

    /// Who pays; a review without a payer holds no payment.
    var payer: Address { request.payer ?? .zero }

    /// What is paid, as files know it.
    private var subject: Payment.Subject {
        let reference = request.subject.reference(payer: payer)
        guard let legacy = reference.legacy else {
            return .request(kind: reference.kind, key: reference.key, reference: reference.text)
        }
        return .intent(name: reference.text, id: legacy, method: action.call.method)
    }

    fileprivate func file(_ transactions: [Payment.Transaction], recordedAs head: Hash) -> Payment {
        Payment(
            subject, chain: request.terms.chain, from: payer, expires: request.terms.expires,
            policyHash: request.policy.hash, ledgerHead: head, code: Self.code(of: transactions),
            transactions: transactions)
    }

    func entry(after head: Hash, _ transactions: [Payment.Transaction], at clock: Timestamp) -> LedgerEntry {
        var entry = LedgerEntry(
            .payment, previous: head, time: clock, claimedTime: request.claimedTime(at: clock))
        entry.chain = request.terms.chain
        entry.from = payer
        entry.request = subject
        entry.recipient = request.terms.payee
        entry.spends = request.spends(action.call)
        entry.policyHash = request.policy.hash
        entry.replaces = request.replace
        entry.transactions = zip(transactions, ledgerCheck.signingHashes).map { signed, signingHash in
            LedgerEntry.Transaction(
                role: signed.role.rawValue, nonce: signed.nonce, signingHash: signingHash, hash: signed.hash)
        }
        return entry
    }

    /// The comparison code over what was signed.
    private static func code(of transactions: [Payment.Transaction]) -> String {
        ComparisonCode.code(
            over: transactions.compactMap { signed in
                guard let raw = signed.raw else { return signed.hash }
                return try? SignedTransaction(raw: raw).transaction.signingHash
            })
    }
}
