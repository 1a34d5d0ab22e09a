import AirlockDiagnostics
package import AirlockEthereumTypes
import AirlockGcrypt
package import AirlockPaymentFiles
package import AirlockPolicies
import AirlockRequests
import AirlockSigning
import AirlockStrictJSON
package import AirlockTransactions

/// Statements about one payment or signature, made from the files of an evidence folder. Each statement is marked as
/// proved or not proved by these files. If the files contradict each other, the folder is refused.
package struct Evidence: Sendable {
    /// A statement about the payment or signature, and whether it is proved.
    package struct Statement: Hashable, Sendable {
        package enum Standing: String, Sendable {
            /// The files of the evidence folder prove the statement.
            case proved = "ok"
            /// The files prove the statement. It is a warning that two values differ, or that no file names a value.
            /// For example, it warns that the policy was changed after signing.
            case differs = "warn"
            /// No file of the evidence folder proves the statement.
            case believed
        }

        package let standing: Standing
        package let subject: String
        package let text: String

        init(_ standing: Standing, _ subject: String, _ text: String) {
            self.standing = standing
            self.subject = subject
            self.text = text
        }
    }

    /// What was signed: a payment with its decoded transactions, or a message whose signature is in a signature file.
    package enum Signed: Sendable {
        case payment(Payment, [SignedTransaction])
        case signature(SignatureFile)

        package var code: String {
            switch self {
            case .payment(let payment, _): payment.code
            case .signature(let file): file.code
            }
        }

        package var signer: Address {
            switch self {
            case .payment(let payment, _): payment.from
            case .signature(let file): file.signer
            }
        }

        /// What the folder gives evidence for: `payment` or `signature`.
        package var name: String {
            switch self {
            case .payment: "payment"
            case .signature: "signature"
            }
        }
    }

    package let files: EvidenceFiles
    package let signed: Signed
    /// The text of the review. The text is generated again from the request, the conditions file and the policy. The
    /// time of signing is used as the current time.
    package let review: String
    /// The first sentence of the review.
    package let sentence: String
    /// The kind of the request and the format in which it was given, as text for the user.
    package let readAs: String
    package let ledger: LedgerExcerpt
    package let policy: Policy
    package let approvals: [ApprovalFile]
    package let relay: RelayEvidence?
    package private(set) var statements: [Statement] = []

    /// The width of the review in columns. It does not depend on the terminal, so the same files always give the same
    /// text.
    static let width = 100

    /// Verifies the files of an evidence folder. Throws at the first step that finds problems. The error lists all
    /// problems of this step, but not the problems that later steps would find.
    package init(_ files: EvidenceFiles) throws {
        self.files = files
        policy = try Self.policy(files)
        let ledger = try Self.read(files, EvidenceFiles.ledger) { try LedgerExcerpt($0) }
        guard let first = ledger.entries.first else { throw Problem(EvidenceRule.notInLedger) }
        self.ledger = ledger
        guard let (name, bytes) = files.one(of: EvidenceFiles.signed),
            let (requestName, request) = files.one(of: EvidenceFiles.requests)
        else { throw Problem(EvidenceRule.missingFile, expected: "one signed file and one request") }
        let input = ProofInput(files: files, policy: policy, entry: first.entry, request: (requestName, request))
        if let file = try Self.signature(bytes, in: name) {
            let proof = try SignatureProof(file, name, input)
            signed = .signature(file)
            (review, sentence, readAs) = (proof.text, proof.sentence, proof.readAs)
            statements = proof.statements
            guard files[EvidenceFiles.relay] == nil else {
                throw Problem(
                    EvidenceRule.noPlace, at: EvidenceFiles.relay, expected: "a payment, which a relay can send")
            }
            relay = nil
        } else {
            let payment = try Self.payment(bytes, in: name, first)
            let proof = try PaymentProof(payment, name, input)
            signed = .payment(payment, proof.signed)
            (review, sentence, readAs) = (proof.text, proof.sentence, proof.readAs)
            statements = proof.statements
            relay = try files[EvidenceFiles.relay].map { _ in
                let relay = try Self.read(files, EvidenceFiles.relay) { try RelayEvidence($0) }
                try Self.naming(EvidenceFiles.relay) { try relay.requireOf(payment, else: EvidenceRule.otherRelay) }
                return relay
            }
        }
        approvals = try files.approvals.map { name, bytes in
            try Self.naming(name) {
                let file = try ApprovalFile(bytes)
                try file.verify()
                return file
            }
        }
        statements += policyStatements(first.entry) + ledgerStatements(first) + approvalStatements + believed
    }

    // MARK: Reading

    /// Runs a closure that uses the file `name`. Adds this name to the problems that the closure throws.
    static func naming<Value>(_ name: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let broken as any RuleBroken {
            let problems = broken.problems.map { problem in
                problem.file != nil
                    ? problem
                    : problem.field.map { $0.hasPrefix("/") } ?? false ? problem.inFile(name) : problem.at(name)
            }
            throw ProblemList(problems) ?? ProblemList(broken)
        }
    }

    static func read<Value>(_ files: EvidenceFiles, _ name: String, _ body: ([UInt8]) throws -> Value) throws -> Value {
        guard let bytes = files[name] else { throw Problem(EvidenceRule.missingFile, at: name) }
        return try naming(name) { try body(bytes) }
    }

    private static func policy(_ files: EvidenceFiles) throws -> Policy {
        guard let bytes = files[EvidenceFiles.policy] else { return .builtIn }
        return try naming(EvidenceFiles.policy) { try Policy(bytes, origin: EvidenceFiles.policy) }
    }

    /// Reads the signature from a signature file or from a batch answer. Returns `nil` if the file contains no
    /// signature.
    package static func signature(_ bytes: [UInt8], in name: String) throws -> SignatureFile? {
        guard let root = try? JSONDocument(bytes).root else { return nil }
        if root["kind"]?.string == SignatureFile.kind { return try naming(name) { try SignatureFile(bytes) } }
        guard root["ok"]?.boolean == true, let inside = root["signature"] else { return nil }
        return try naming(name) { try SignatureFile(Array(bytes[inside.byteRange])) }
    }

    /// Reads the payment from a payment file or from a batch answer. A batch answer has fewer members than a payment
    /// file, so the missing values come from the ledger.
    static func payment(
        _ bytes: [UInt8], in name: String, _ first: (entry: LedgerEntry, hash: Hash)
    ) throws -> Payment {
        try naming(name) {
            guard name == EvidenceFiles.signed[2] else { return try Payment(bytes) }
            return try SignedAnswer(bytes).payment(recordedBy: first.entry, first.hash)
        }
    }

    /// Reads the signed file. Returns the hashes of its transactions or, if it contains a signature, the digest of the
    /// signed permit or message. These hashes identify the ledger entry of the payment, permit or message.
    package static func hashes(_ bytes: [UInt8], in name: String) throws -> [Hash] {
        if let file = try signature(bytes, in: name) { return [file.digest] }
        return try naming(name) {
            name == EvidenceFiles.signed[2]
                ? try SignedAnswer(bytes).transactions.map(\.hash) : try Payment(bytes).transactions.map(\.hash)
        }
    }

    // MARK: Statements about the policy, the ledger and the approvals

    /// Adds a proved statement before all other statements. Use this function if the proof also uses something that is
    /// not among the files that the user provided, such as the manifest or a hash that the user knows.
    mutating func prove(_ subject: String, _ text: String) {
        statements.insert(Statement(.proved, subject, text), at: 0)
    }

    private func policyStatements(_ entry: LedgerEntry) -> [Statement] {
        let name = files[EvidenceFiles.policy] == nil ? "the built-in policy" : "the policy"
        guard policy.hash != entry.policyHash else {
            return [Statement(.proved, "policy", "\(name) is the one of the time of signing: \(policy.hash)")]
        }
        return [
            Statement(
                .differs, "policy",
                "\(name) here is not the one of the time of signing: labels and limits may have been others. Here "
                    + "\(policy.hash), then \(entry.policyHash)")
        ]
    }

    private func ledgerStatements(_ first: (entry: LedgerEntry, hash: Hash)) -> [Statement] {
        let count = ledger.entries.count - 1
        let others =
            count == 0 ? "it is the last one here" : count == 1 ? "1 entry follows it" : "\(count) entries follow it"
        return [
            Statement(.proved, "ledger", "entry \(first.hash) records it; \(others), head \(ledger.head)")
        ]
    }

    private var approvalStatements: [Statement] {
        approvals.map { Statement(.proved, "approval", "\($0.approver) signed the approval of \($0.hash)") }
    }

    /// Statements that the files of the evidence folder cannot prove. The reader has to believe them without a proof.
    private var believed: [Statement] {
        var all = [
            Statement(
                .believed, "time",
                "that it was signed at \(ledger.entries[0].entry.time): by the clock of the signing machine"),
            Statement(
                .believed, "ledger",
                "that head \(ledger.head) is one of the signing machine's ledger: compare it with that ledger, or with "
                    + "what the relay saw"),
        ]
        if files[EvidenceFiles.conditions] != nil {
            all.append(
                Statement(.believed, "conditions", "what the online machine measured: nobody signed the conditions"))
        }
        if !approvals.isEmpty {
            all.append(Statement(.believed, "approval", "that the hashes of the approvals are of what was signed here"))
        }
        if let relay {
            all.append(
                Statement(
                    .believed, "relay",
                    "what the nodes answered, the receipts and the events, as the relay wrote them down at \(relay.made)"
                )
            )
        }
        return all
    }
}

/// The error codes for evidence folders.
package enum EvidenceRule: String, Rule {
    case noPlace = "evidence.no-place"
    case otherRequest = "evidence.other-request"
    case otherTransactions = "evidence.other-transactions"
    case notInLedger = "evidence.not-in-ledger"
    case brokenChain = "evidence.broken-chain"
    case otherEntry = "evidence.other-entry"
    case headUnknown = "evidence.head-unknown"
    case tooManyEntries = "evidence.too-many-entries"
    case otherRelay = "evidence.other-relay"
    case notManifest = "evidence.no-manifest"
    case unknownFile = "evidence.unknown-file"
    case missingFile = "evidence.missing-file"
    case alteredFile = "evidence.altered-file"
    case otherPage = "evidence.other-page"

    package var meaning: String {
        switch self {
        case .noPlace: "this does not belong to the evidence"
        case .otherRequest: "the signed file does not belong to this request"
        case .otherTransactions: "what was signed does not follow from the request, the conditions and the policy"
        case .notInLedger: "the ledger has no entry that records what was signed"
        case .brokenChain: "an entry of the ledger does not follow the one before it"
        case .otherEntry: "the ledger's entry does not match what was signed"
        case .headUnknown: "neither this entry nor a later one has the hash"
        case .tooManyEntries: "too many entries of the ledger follow this one"
        case .otherRelay: "the relay's evidence belongs to another payment"
        case .notManifest: "the folder has no manifest of evidence"
        case .unknownFile: "the folder has a file that the manifest does not name"
        case .missingFile: "a file that the manifest names is missing"
        case .alteredFile: "a file differs from the one that the manifest names"
        case .otherPage: "the file is not what this Airlock makes from the others"
        }
    }
}
