import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequests
import AirlockSafes
import AirlockSigning
import AirlockStrictJSON

/// Proves that a signature is for the message or Safe transaction in the same folder.
struct SignatureProof {
    let text: String
    let sentence: String
    let readAs: String
    private(set) var statements: [Evidence.Statement] = []

    init(_ file: SignatureFile, _ name: String, _ input: ProofInput) throws {
        try Evidence.naming(name) { try file.verify() }
        guard input.files[EvidenceFiles.conditions] == nil else {
            throw Problem(
                EvidenceRule.noPlace, at: EvidenceFiles.conditions, expected: "none: a message is not a transaction")
        }
        let message = try Evidence.naming(input.request.name) { try Self.message(file, input) }
        var asked = MessageRequest(
            message.asked, now: input.entry.claimedTime, clock: input.entry.time, policy: input.policy)
        asked.key = file.signer
        asked.ownerSafe = message.owner?.domain.safe
        var review = MessageReview(asked, withLedger: false)
        if let owner = message.owner {
            review = MessageReview(try MessageRequest(owner, approving: review, replace: nil), withLedger: false)
        }
        let request = review.request
        // The content of the request file is shown only if the file is the request that was signed, because any other
        // file could contain a secret.
        guard request.message.digest == file.digest, request.message.chain == file.chain,
            request.message.ofSafe?.safe == file.safe, request.message.kind == file.request
        else {
            throw ProblemList(
                Problem(
                    EvidenceRule.otherRequest, at: input.request.name, saw: "\(request.message.digest)",
                    expected: "\(file.digest)"))
        }
        // The file states the nonce of the Safe's transaction separately. The digest covers the nonce too, so the two
        // must agree.
        if let nonce = request.message.safe?.transaction.nonce, nonce != file.safeNonce {
            throw Evidence.problem(
                .otherRequest, at: "/nonce", file.safeNonce.map { "\($0)" } ?? "none", "\(nonce)", in: name)
        }
        let problems = review.problems.map { $0.inFile(input.request.name) }
        if let all = ProblemList(problems) { throw all }
        try Self.compare(request, file, name, input.entry)
        text = review.text(width: Evidence.width)
        sentence = request.summary + "."
        readAs = request.message.readAs
        statements = [
            .init(.proved, "signatures", "\(file.signer) signed \(file.digest)"),
            .init(
                .proved, "request",
                "that is the digest of the \(file.safeNonce == nil ? "message" : "Safe transaction") in \(input.request.name)"
            ),
        ]
        statements += Evidence.requester(review.checks)
        if let owners = request.message.safeRules?.owners {
            guard owners[file.signer] != nil else {
                throw ProblemList(
                    Problem(SafeRule.notOwner, at: "/signer", saw: "\(file.signer)").inFile(name))
            }
            statements.append(.init(.proved, "owner", "the policy lists the signer as an owner of the Safe"))
        }
    }

    /// Returns the message in the request file. This message can be a transaction of a Safe that is owned by a second
    /// Safe. The second Safe signs an approval of the transaction, and not the transaction itself. In that case the
    /// approval is returned too.
    private static func message(
        _ file: SignatureFile, _ input: ProofInput
    ) throws -> (asked: SignableMessage, owner: SafeProposal?) {
        guard input.isSafe else {
            let bytes = input.isLine ? try line(input.request.bytes) : input.request.bytes
            let message = try SignableMessage(bytes)
            if case .text = message.content, !input.policy.allowsTexts {
                throw Problem(MessageRule.textNotAllowed, expected: "a policy with \"text\":true")
            }
            guard let safe = file.safe else { return (message, nil) }
            var given = SafeProposal.Given()
            given.chain = file.chain
            return (try SignableMessage(message, of: safe, given, listed: input.policy.safes), nil)
        }
        guard let safe = file.safe else { throw Problem(EvidenceRule.otherRequest) }
        let request = try SafeRequest(input.request.bytes)
        guard let own = request.safe, own != safe else {
            return (try input.safeMessage(file.chain, safe, file.safeNonce), nil)
        }
        // The Safe in the signature file does not execute the transaction itself. It is an owner of the Safe that
        // executes the transaction, and it approves the transaction.
        let asked = try input.safeMessage(file.chain, own, nil)
        guard let proposal = asked.safe, let nonce = file.safeNonce else { throw Problem(EvidenceRule.otherRequest) }
        let approving = try SafeProposal(
            .approval(of: proposal, by: safe, nonce: nonce), listed: input.policy.safes)
        return (asked, approving)
    }

    /// Extracts the typed data from a line of a batch.
    private static func line(_ bytes: [UInt8]) throws -> [UInt8] {
        let root = try JSONDocument(bytes).root
        guard let inside = root["request"] else {
            throw Problem(EvidenceRule.otherRequest, at: "/request", expected: "typed data")
        }
        return Array(bytes[inside.byteRange])
    }

    /// Checks that the ledger entry is the one that signing makes for this request. Does not compare its time and its
    /// previous hash, because they depend on the ledger. A policy other than the one at signing causes only a warning.
    private static func compare(
        _ request: MessageRequest, _ file: SignatureFile, _ name: String, _ entry: LedgerEntry
    ) throws {
        // A batch of allowances uses several nonces, and the ledger has an entry for each of them.
        let made = request.ownEntries
        guard let own = made.first(where: { $0.request == entry.request }) ?? made.first else {
            throw Problem(EvidenceRule.notInLedger)
        }
        var problems: [Problem] = []
        func compare(_ place: String, _ saw: String, _ expected: String) {
            guard saw != expected else { return }
            problems.append(Problem(EvidenceRule.otherEntry, at: place, saw: saw, expected: expected).inFile(name))
        }
        func asked(_ entry: LedgerEntry) -> String { entry.request.map { PaymentProof.words($0) } ?? "no request" }
        func nonce(_ transaction: LedgerEntry.Transaction) -> String {
            transaction.nonce.map { "nonce \($0)" } ?? "no nonce"
        }
        compare("/request", "a \(own.subject.rawValue) entry", "a \(entry.subject.rawValue) entry")
        compare("/request", asked(own), asked(entry))
        compare("/digest", "\(own.transactions.count) of them", "\(entry.transactions.count) of them")
        for (signed, recorded) in zip(own.transactions, entry.transactions) {
            let hashes = [recorded.hash, recorded.signingHash, recorded.reviewedHash]
            compare("/digest", "\(file.digest)", "\(hashes.first { $0 != file.digest } ?? file.digest)")
            compare("/digest", signed.role, recorded.role)
            compare("/digest", nonce(signed), nonce(recorded))
        }
        compare("/digest", "for \(own.recipient)", "for \(entry.recipient)")
        // What the calls of a Safe transaction spend depends on the policy. So the amounts are compared only under the
        // same policy.
        if request.message.safe == nil || entry.policyHash == request.policy.hash {
            compare("/digest", PaymentProof.words(own.spends), PaymentProof.words(entry.spends))
        }
        compare("/chainId", "\(file.chain?.id ?? 0)", "\(entry.chain.id)")
        let account = request.account.map { "\($0)" } ?? "nobody"
        compare(file.safe == nil ? "/signer" : "/safe", account, "\(entry.from)")
        if let all = ProblemList(problems) { throw all }
    }
}
