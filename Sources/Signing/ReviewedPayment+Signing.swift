import AirlockPolicies
import AirlockEthereumTypes
public import AirlockPaymentFiles
public import AirlockSecretKeys
import AirlockDiagnostics
import AirlockSecp256k1
import AirlockTransactions
import AirlockRequests

extension ConsentedPayment {
    /// Signs the payment, checks the result from its bytes, and records the payment in the ledger before it returns.
    ///
    /// The ledger is locked and then read again. So if two processes sign for the same nonce, only one of them
    /// succeeds. If the ledger was lost since the review, nothing is signed. A crash can leave a payment that is
    /// recorded in the ledger but was never output. If the same command is run again, it outputs that payment. A crash
    /// cannot leave a signature that is not recorded.
    public func sign(
        with key: borrowing SecretKey, recordingIn file: LedgerFile
    ) throws -> Payment {
        try payment.requireStillInTime()
        let parts = try signed(with: key, secondEngine: true)
        var session = try LedgerSession(file, for: key, after: payment.reviewedHead)
        let head = try session.record(payment, parts)
        try session.sync()
        return payment.file(parts, recordedAs: head)
    }

    /// Signs the payment, and records it in a ledger session. One session can record several payments. The ledger entry
    /// is written to disk only by `sync()` of the session. So output the payment only after `sync()` has returned.
    public func sign(
        with key: borrowing SecretKey, recordingIn session: inout LedgerSession
    ) throws -> Payment {
        try payment.requireStillInTime()
        let parts = try signed(with: key, secondEngine: true)
        return payment.file(parts, recordedAs: try session.record(payment, parts))
    }

    /// The signed and checked transactions of this payment. Record them in the ledger before you write them anywhere.
    func signed(with signer: borrowing some Signer & ~Copyable, secondEngine: Bool) throws -> [SignedPart] {
        try StagedSigning.complete(self, by: signer, secondEngine: secondEngine)
    }

    /// The signed and checked transactions of several payments.
    static func signed(
        _ payments: [ConsentedPayment], with signer: borrowing some Signer & ~Copyable, secondEngine: Bool
    ) -> [Result<[SignedPart], any Error>] {
        StagedSigning.complete(payments, by: signer, secondEngine: secondEngine)
    }
}

extension ReviewedPayment {
    /// Throws if the deadline has passed since the review, or if the conditions file has become too old.
    func requireStillInTime() throws(ProblemList) {
        let check = TimeCheck(shared, isBrief: true).check(at: shared.time(at: shared.currentClock))
        if let problems = ProblemList(check.problems) { throw problems }
    }

    /// Checks the payment against the ledger. Throws if the ledger does not accept the payment. If the ledger already
    /// has an entry for this payment, returns the hash of the entry. If it has none, returns a new entry.
    func record(
        in ledger: Ledger, _ parts: [SignedPart], at clock: Timestamp
    ) throws(ProblemList) -> LedgerRecord {
        var check = Check(.ledger, isBrief: true)
        let existing = ledgerCheck.add(to: &check, ledger, at: clock)
        if let problems = ProblemList(check.problems) { throw problems }
        if let existing {
            // A signer must not give two different signatures for one payment, because the ledger would know only the
            // first signature.
            guard existing.transactions.map(\.hash) == parts.map(\.transaction.hash) else {
                throw ProblemList(Problem(SelfCheckRule.otherTransaction))
            }
            return .standing(existing.hash)
        }
        return .new(entry(after: ledger.head, parts, at: clock))
    }

    /// The payer. It is always known here, because a payment without a known payer is refused.
    var payer: Address { shared.payer ?? .zero }

    /// The request that this payment fulfils, in the form that payment files and the ledger store.
    private var subject: Payment.Subject {
        let reference = request.subject.reference(payer: payer)
        guard let legacy = reference.legacy else {
            return .request(kind: reference.kind, key: reference.key, reference: reference.text)
        }
        return .first(name: reference.text, id: legacy, method: action.call.method)
    }

    fileprivate func file(_ parts: [SignedPart], recordedAs head: Hash) -> Payment {
        Payment(
            subject, chain: request.terms.chain, from: payer, expires: request.terms.expires,
            policyHash: request.policy.hash, ledgerHead: head,
            code: ComparisonCode.code(over: parts.map(\.signingHash)), transactions: parts.map(\.transaction))
    }

    func entry(after head: Hash, _ parts: [SignedPart], at clock: Timestamp) -> LedgerEntry {
        var entry = LedgerEntry(
            .payment, previous: head, time: clock, claimedTime: shared.claimedTime(at: clock))
        entry.chain = request.terms.chain
        entry.from = payer
        entry.request = subject
        entry.recipient = request.terms.payee
        entry.spends = shared.value.terms.spends(action.call)
        entry.policyHash = request.policy.hash
        entry.replaces = request.replace
        entry.transactions = zip(parts, ledgerCheck.reviewedHashes).map { part, reviewedHash in
            let signed = part.transaction
            return LedgerEntry.Transaction(
                role: signed.role.rawValue, nonce: signed.nonce, signingHash: part.signingHash,
                reviewedHash: reviewedHash, hash: signed.hash)
        }
        return entry
    }
}

/// How the ledger records a payment: with a new entry, or with an entry that exists already.
enum LedgerRecord {
    case new(LedgerEntry)
    /// The ledger already records the payment, in the entry with this hash.
    case standing(Hash)
}
