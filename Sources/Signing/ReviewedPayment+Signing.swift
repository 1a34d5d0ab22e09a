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
        let parts = try signed(with: key, secondEngine: true)
        var session = try LedgerSession(file, for: key)
        let head = try session.record(payment, parts)
        try session.sync()
        return payment.file(parts, recordedAs: head)
    }

    /// The same within a ledger that is held for many: durable, and to be put out, once the session is synced.
    public func sign(
        with key: borrowing SecretKey, recordingIn session: inout LedgerSession
    ) throws -> Payment {
        try payment.requireStillInTime()
        let parts = try signed(with: key, secondEngine: true)
        return payment.file(parts, recordedAs: try session.record(payment, parts))
    }

    /// Signed and checked, but not recorded: not to be written anywhere before that.
    func signed(with signer: borrowing some Signer & ~Copyable, secondEngine: Bool) throws -> [SignedPart] {
        try StagedSigning.complete(self, by: signer, secondEngine: secondEngine)
    }

    /// The same of several payments.
    static func signed(
        _ payments: [ConsentedPayment], with signer: borrowing some Signer & ~Copyable, secondEngine: Bool
    ) -> [Result<[SignedPart], any Error>] {
        StagedSigning.complete(payments, by: signer, secondEngine: secondEngine)
    }
}

extension ReviewedPayment {
    /// Throws where the deadline has passed, or the conditions have become too old, since the review.
    func requireStillInTime() throws(ProblemList) {
        let check = TimeCheck(shared, isBrief: true).check(at: request.time(at: request.currentClock))
        if let problems = ProblemList(check.problems) { throw problems }
    }

    /// The entry that records the payment: a new one, or the hash of the one that stands there already. Throws what the
    /// ledger refuses.
    func record(
        in ledger: Ledger, _ parts: [SignedPart], at clock: Timestamp
    ) throws(ProblemList) -> LedgerRecord {
        var check = Check(.ledger, isBrief: true)
        let existing = ledgerCheck.add(to: &check, ledger, at: clock)
        if let problems = ProblemList(check.problems) { throw problems }
        if let existing {
            // A signer must not give two signatures for one thing: the ledger would know only the first.
            guard existing.transactions.map(\.hash) == parts.map(\.transaction.hash) else {
                throw ProblemList(Problem(SelfCheckRule.otherTransaction))
            }
            return .standing(existing.hash)
        }
        return .new(entry(after: ledger.head, parts, at: clock))
    }

    /// Who pays; a review without a payer holds no payment.
    var payer: Address { request.payer ?? .zero }

    /// What is paid, as files know it.
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
            .payment, previous: head, time: clock, claimedTime: request.claimedTime(at: clock))
        entry.chain = request.terms.chain
        entry.from = payer
        entry.request = subject
        entry.recipient = request.terms.payee
        entry.spends = request.spends(action.call)
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

/// How the ledger knows a payment.
enum LedgerRecord {
    case new(LedgerEntry)
    /// By this hash it stands there already.
    case standing(Hash)
}
