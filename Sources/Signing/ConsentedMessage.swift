public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
public import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequests
import AirlockSafes
import AirlockSecp256k1
public import AirlockSecretKeys

/// A reviewed message that a person has confirmed, or that the policy allows without asking a person. This value
/// contains the message, so the confirmation cannot be used to sign another message.
public struct ConsentedMessage: Sendable {
    public let message: ReviewedMessage

    private init(_ message: ReviewedMessage) { self.message = message }

    /// Checks the answer that a person typed. Throws unless it is the expected answer.
    public static func typed(_ answer: String?, for message: ReviewedMessage) throws(Problem) -> ConsentedMessage {
        guard let answer else { throw Problem(SigningRule.nobodyToAsk) }
        let words = answer.unicodeScalars.split { [" ", "\t", "\r", "\n"].contains($0) }
        guard words.map({ String($0).lowercased() }).joined(separator: " ") == message.expectedAnswer else {
            throw Problem(SigningRule.declined)
        }
        return ConsentedMessage(message)
    }

    /// Confirms the message without asking a person. Throws if the policy does not cover the whole message, because a
    /// person must then confirm it.
    public static func ofPolicy(for message: ReviewedMessage) throws(Problem) -> ConsentedMessage {
        guard message.openMembers.isEmpty else {
            throw Problem(
                SigningRule.policyNotEnough, at: .policy, saw: message.request.policy.origin,
                expected: "one with \(message.openMembers.joined(separator: ", "))")
        }
        return ConsentedMessage(message)
    }

    /// Signs the message, and verifies the signature with libsecp256k1 and with libgcrypt. Records the signature in the
    /// ledger before it returns.
    public func sign(with key: borrowing SecretKey, recordingIn file: LedgerFile) throws -> SignatureFile {
        let signed = try signed(with: key)
        var session = try LedgerSession(file, for: key, after: message.request.ledger?.recordedHead)
        // The ledger is locked while the session exists. So if two processes sign for the same nonce, only the first
        // can record its signature. The second fails, and outputs no signature.
        try session.record(signed)
        try session.sync()
        return signed.file
    }

    /// Signs the message, and verifies the signature with libsecp256k1 and with libgcrypt. The ledger is not changed.
    func signed(with key: borrowing SecretKey) throws -> SignedMessage {
        var request = message.request
        // The review used the address in the keystore file, which may be wrong. The key is unlocked now, so its true
        // address is known, and the checks of the key are repeated with the true address.
        request.key = key.address
        let signable = request.message
        let expiry = MessageChecker(request: request).time(at: request.time(at: request.currentClock))
        var owner = MessageChecker(request: request)
        owner.checkKey()
        if let problems = ProblemList(expiry.problems + owner.checks.flatMap(\.problems)) { throw problems }
        let from = key.address
        let signature = try key.sign(SigningTask(signable.digest, for: .message))
        try SelfCheck.verify(signature, of: signable.digest, from: from, publicKey: key.publicKey)
        let file = SignatureFile(
            request: signable.kind, chain: signable.chain, safe: signable.ofSafe?.safe,
            safeNonce: signable.safe?.transaction.nonce, digest: signable.digest, signer: from,
            signature: signature.bytes, code: message.code)
        return SignedMessage(request: request, file: file)
    }
}

/// A message and its verified signature. Record the signature in the ledger before you output it.
struct SignedMessage: Sendable {
    let request: MessageRequest
    let file: SignatureFile
}

/// Functions for the ledger entries that record a message.
extension MessageRequest {
    /// Checks whether this message can be recorded. If this message is a Safe's approval of another Safe's transaction,
    /// that transaction is checked too. Throws if the ledger check refuses one of the two, or if one of them has
    /// expired since the review.
    func requireRecordable(in ledger: Ledger, at clock: Timestamp) throws(ProblemList) {
        var problems: [Problem] = []
        for request in agreed {
            let checker = MessageChecker(request: request)
            var check = checker.time(at: request.time(at: clock))
            _ = checker.add(to: &check, ledger, at: clock)
            problems += check.problems
        }
        if let all = ProblemList(problems) { throw all }
    }

    /// Returns the ledger entries for this message, and for the Safe transaction that the message approves, if there is
    /// one. Entries that the ledger already contains are left out. For example, after an interrupted write, the ledger
    /// can contain only some of the entries.
    func entries(in ledger: Ledger, at clock: Timestamp) throws(ProblemList) -> [LedgerEntry] {
        var head = ledger.head
        var entries: [LedgerEntry] = []
        for request in agreed {
            for use in request.message.uses {
                guard try !MessageChecker(request: request).isRecorded(use.reference, in: ledger) else { continue }
                let entry = request.entry(for: use, after: head, at: clock)
                head = entry.hash
                entries.append(entry)
            }
        }
        return entries
    }

    /// The ledger entries that record this message, one for each nonce that it uses. They are made without a ledger. So
    /// their times, previous hashes and replaced hash differ from those of the entries in a ledger file. The entries of
    /// the Safe transaction that this message may approve are not included.
    package var ownEntries: [LedgerEntry] { message.uses.map { entry(for: $0, after: .zero, at: clock) } }

    /// Returns a new ledger entry for one of the nonces that the message uses.
    private func entry(
        for use: (reference: Reference, takes: [MessageTerms.TokenOutflow]), after head: Hash, at clock: Timestamp
    ) -> LedgerEntry {
        var entry = LedgerEntry(
            .payment, previous: head, time: clock, claimedTime: now == self.clock ? clock : now)
        entry.chain = message.chain ?? Chain(id: 0)
        entry.from = account ?? .zero
        entry.request = .request(kind: message.recordedKind, key: use.reference.key, reference: use.reference.text)
        entry.recipient = message.terms?.taker ?? inside?.onlyTarget ?? .zero
        entry.spends = (inside?.spends ?? Self.spends(of: use.takes)).filter { !$0.amount.isZero }
        entry.policyHash = policy.hash
        entry.replaces = replace
        // A permit uses a nonce that the token counts. So the ledger entry must contain the token, as the currency of
        // an amount. If the permit spends nothing, an amount of zero is recorded, so that the entry still contains the
        // token.
        let tokenNonce = message.terms?.tokenNonce
        if let tokenNonce, entry.spends.isEmpty {
            entry.spends = [LedgerEntry.Spend(currency: tokenNonce.token, amount: .zero)]
        }
        entry.transactions = [
            LedgerEntry.Transaction(
                role: tokenNonce == nil ? message.kind : Payment.Role.permit.rawValue,
                nonce: tokenNonce?.number, signingHash: message.digest, hash: message.digest)
        ]
        return entry
    }
}
