import AirlockEthereumTypes
public import AirlockDiagnostics
public import AirlockSecretKeys
public import AirlockSecp256k1
import AirlockTransactions

/// Something without a request, to the signing of which somebody has consented. It is inside the consent, so that a
/// consent to one thing cannot sign another.
public struct ConsentedBlindSigning: Sendable {
    /// What was consented to.
    public let signing: BlindSigning

    private init(_ signing: BlindSigning) { self.signing = signing }

    /// A person's consent: any other answer than `sign` declines.
    public static func typed(_ answer: String?, for signing: BlindSigning) throws(Problem) -> ConsentedBlindSigning {
        guard let answer else { throw Problem(SigningRule.nobodyToAsk) }
        guard answer == "sign" else { throw Problem(SigningRule.declined) }
        return ConsentedBlindSigning(signing)
    }

    /// `--blind --yes`, where there is nobody to ask.
    public static func ofScript(for signing: BlindSigning) -> ConsentedBlindSigning { ConsentedBlindSigning(signing) }

    /// Signs, recovers the signer afresh, and records it before it lets it out.
    public func sign(
        with key: borrowing SecretKey, recordingIn file: LedgerFile
    ) throws -> Signature {
        var session = try LedgerSession(file, for: key)
        let signature = try sign(with: key, recordingIn: &session)
        try session.sync()
        return signature
    }

    /// The same within a ledger that is held for many: durable, and to be let out, once the session is synced.
    public func sign(
        with key: borrowing SecretKey, recordingIn session: inout LedgerSession
    ) throws -> Signature {
        if let problems = ProblemList(signing.problems) { throw problems }
        let from = key.address
        let digest = signing.digest
        let signature = try key.sign(SigningTask(digest, for: .blind))
        try SelfCheck.verify(signature, of: digest, from: from, publicKey: key.publicKey, secondEngine: false)
        let signed = LedgerEntry.Transaction(
            role: signing.role, nonce: signing.nonce, signingHash: digest, hash: try signing.hash(signature))
        let clock = signing.currentClock
        guard try !signing.isRecorded(in: session.ledger, from, at: clock) else { return signature }
        var entry = LedgerEntry(.blind, previous: session.ledger.head, time: clock, claimedTime: clock)
        entry.chain = signing.chain
        entry.from = from
        entry.method = signing.role
        if case .transaction(let transaction) = signing.subject { entry.recipient = transaction.to ?? .zero }
        entry.spends = signing.spends(from: from)
        entry.transactions = [signed]
        session.add(entry)
        return signature
    }
}
