import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests
import AirlockSafes
import AirlockSecp256k1
import AirlockSigning
import AirlockStrictJSON
import AirlockTransactions

/// The input for the proof of a payment or a signature, besides the signed file itself.
struct ProofInput {
    let files: EvidenceFiles
    let policy: Policy
    /// The ledger entry that records the signed payment or signature.
    let entry: LedgerEntry
    let request: (name: String, bytes: [UInt8])

    /// Reads the conditions file. Returns `nil` if the evidence folder has no conditions file.
    func conditions() throws -> Conditions? {
        guard let bytes = files[EvidenceFiles.conditions] else { return nil }
        return try Evidence.naming(EvidenceFiles.conditions) { try Conditions(bytes) }
    }

    /// Whether the request is one line of a batch.
    var isLine: Bool { request.name == EvidenceFiles.requests[2] }

    /// Whether the request is a Safe transaction.
    var isSafe: Bool { (try? JSONDocument(request.bytes)).map { SafeRequest.recognises($0.root) } ?? false }

    /// Reads the Safe transaction in the request file. If this file does not contain the chain, the Safe or the nonce,
    /// uses the value that was signed.
    func safeMessage(_ chain: Chain?, _ safe: Address, _ nonce: UInt64?) throws -> SignableMessage {
        let request = try SafeRequest(request.bytes)
        var given = SafeProposal.Given()
        // A Safe batch file is accepted here even if its checksum is wrong, because the user was warned about the
        // checksum before signing.
        given.takesAnyChecksum = true
        if request.chain == nil { given.chain = chain }
        if request.safe == nil { given.safe = safe }
        if request.source == .batch {
            guard let nonce else {
                throw Problem(
                    EvidenceRule.noPlace, at: self.request.name,
                    expected: "a file that names the nonce of the Safe transaction whose hash is approved")
            }
            given.nonce = nonce
        }
        return try SignableMessage(SafeProposal(request, given, listed: policy.safes))
    }
}

/// Proves that the transactions of a payment follow from the request, the conditions file and the policy of this
/// payment.
struct PaymentProof {
    let signed: [SignedTransaction]
    let text: String
    let sentence: String
    let readAs: String
    private(set) var statements: [Evidence.Statement] = []

    private let payment: Payment
    /// The name of the payment's file in the evidence folder.
    private let name: String
    private let input: ProofInput

    init(_ payment: Payment, _ name: String, _ input: ProofInput) throws {
        (self.payment, self.name, self.input) = (payment, name, input)
        signed = try Evidence.naming(name) { try payment.verify() }
        if let head = payment.ledgerHead, head != input.entry.hash {
            throw Evidence.problem(.otherEntry, at: "/ledgerHead", "\(head)", "\(input.entry.hash)", in: name)
        }
        var (request, line) = try Self.request(payment, input)
        Self.fill(&request, with: payment, signed, line)
        let review = Review(withoutLedger: request)
        // A payment can be the approval of a Safe transaction. In that case the payment and the Safe transaction each
        // have a review, and the problems of both reviews are thrown. Neither review uses the ledger.
        let problems = (review.approvedProblems + review.ownProblems).map(Self.placed(in: input, request))
        if let all = ProblemList(problems) { throw all }
        text = review.text(width: Evidence.width)
        sentence = review.sentence
        readAs = request.subject.readAs
        try compare(review)
        let conditions = try line?.conditions ?? input.conditions()
        statements = stated(review, conditions, line)
    }

    /// Makes the request as it was when the payment was signed. If the request is a line of a batch, also returns this
    /// line.
    private static func request(
        _ payment: Payment, _ input: ProofInput
    ) throws -> (request: PaymentRequest, line: BatchLine?) {
        let entry = input.entry
        var line: BatchLine?
        var subject: any Request
        if input.isLine {
            let read = try Evidence.naming(input.request.name) { try BatchLine(input.request.bytes) }
            subject = read.request
            line = read
        } else if input.isSafe {
            subject = try approval(payment, input)
        } else {
            subject = try Evidence.naming(input.request.name) { try RequestKinds.read(input.request.bytes) }
        }
        if case .request(_, _, let text) = payment.subject, !text.isEmpty,
            subject.reference(payer: payment.from).text != text
        {
            // The reference in the payment file differs from the reference in the request file. The user may have given
            // a reference as a command-line option. Only the payment file and the ledger contain such a reference.
            do throws(Problem) { subject = try subject.referenced(text) } catch {
                throw Evidence.problem(
                    .otherRequest, at: "/request/reference", text, subject.reference(payer: payment.from).text,
                    in: input.files.one(of: EvidenceFiles.signed)?.name ?? "")
            }
        }
        let reference = subject.reference(payer: payment.from)
        let isSame =
            switch payment.subject {
            case .first(_, let id, _): reference.legacy == id
            case .request(let kind, let key, _):
                reference.legacy == nil && (kind, key) == (reference.kind, reference.key)
            }
        guard isSame else {
            throw ProblemList(
                Problem(
                    EvidenceRule.otherRequest, at: input.request.name, saw: "\(reference.kind) \(reference.key)",
                    expected: "the request that the payment names"))
        }
        var request = PaymentRequest(subject, now: entry.claimedTime, clock: entry.time, policy: input.policy)
        let measured = try line?.conditions ?? input.conditions()
        request.conditions = measured?.narrowed(to: subject)
        return (request, line)
    }

    /// Returns the call with which an owner approved the hash of a Safe transaction.
    private static func approval(_ payment: Payment, _ input: ProofInput) throws -> any Request {
        guard let to = payment.safe else {
            throw ProblemList(
                Problem(EvidenceRule.otherRequest, at: input.request.name, expected: "a payment that approves it"))
        }
        return try Evidence.naming(input.request.name) {
            let message = try input.safeMessage(payment.chain, to, nil)
            var asked = MessageRequest(
                message, now: input.entry.claimedTime, clock: input.entry.time, policy: input.policy)
            asked.key = payment.from
            guard let approval = HashApproval(of: MessageReview(asked, withLedger: false)) else {
                throw Problem(EvidenceRule.otherRequest)
            }
            return approval
        }
    }

    /// Changes the request: sets each value that the user could choose with an option, such as the nonce, to the value
    /// that was signed. The review then checks whether the request allows these values.
    private static func fill(
        _ request: inout PaymentRequest, with payment: Payment, _ signed: [SignedTransaction], _ line: BatchLine?
    ) {
        let listed = payment.transactions
        request.key = payment.from
        request.nonce = listed.filter { $0.role != .cancel }.map(\.nonce).min()
        request.rungs = UInt64(max(1, listed.count { $0.role == .pay }))
        request.cancel = listed.contains { $0.role == .cancel }
        request.approve = listed.contains { [.approve, .reset].contains($0.role) }
        if case .first(_, _, let method) = payment.subject { request.method = method }
        guard let index = listed.firstIndex(where: { $0.role == .pay && $0.rung ?? 0 == 0 }), index < signed.count
        else { return }
        let transaction = signed[index].transaction
        request.gas = transaction.gas
        request.maxFeePerGas = transaction.maxFeePerGas
        request.maxPriorityFeePerGas = transaction.maxPriorityFeePerGas
        guard let to = transaction.to else { return }
        let call = SignedCall(
            chain: payment.chain, payer: payment.from, to: to, value: transaction.value, data: transaction.data,
            name: payment.name)
        if let swap = RequestKinds.reading(call)?.swap { (request.value, request.poolFee) = (swap.most, swap.poolFee) }
    }

    /// Adds the name of the request file or of the conditions file to a problem. Which of the two names is added
    /// depends on the field and the error code of the problem.
    private static func placed(in input: ProofInput, _ request: PaymentRequest) -> (Problem) -> Problem {
        { problem in
            guard let field = problem.field, field.hasPrefix("/"), problem.file == nil else { return problem }
            let isOfRequest =
                request.subject.isPlace(field) && (problem.rule as? SigningRule)?.isOfConditions != true
            return problem.inFile(isOfRequest ? input.request.name : EvidenceFiles.conditions)
        }
    }

    // MARK: Comparing

    /// Checks that the transactions of the review are exactly the transactions that were signed. Also checks that the
    /// ledger entry records them.
    private func compare(_ review: Review) throws {
        let planned: [Planned]
        if let message = review.message {
            planned = [Planned(role: .permit, rung: nil, reviewed: message.digest, signed: message.digest)]
        } else {
            planned = zip(review.plan, try placing(review)).map {
                Planned(role: $0.role, rung: $0.rung, reviewed: $0.signingHash, signed: $1.signingHash)
            }
        }
        let listed = payment.transactions
        let hashes = payment.signingHashes
        var problems: [Problem] = []
        func compare(_ rule: EvidenceRule, _ place: String, _ saw: String, _ expected: String) {
            if saw != expected { problems.append(Problem(rule, at: place, saw: saw, expected: expected).inFile(name)) }
        }
        compare(.otherTransactions, "/transactions", "\(listed.count) of them", "\(planned.count) of them")
        for (index, pair) in zip(listed, planned).enumerated() {
            let (transaction, plan) = pair
            func rung(_ rung: UInt64?) -> String { rung.map { "\($0)" } ?? "none" }
            compare(
                .otherTransactions, "/transactions/\(index)/role", transaction.role.rawValue, plan.role.rawValue)
            compare(.otherTransactions, "/transactions/\(index)/rung", rung(transaction.rung), rung(plan.rung))
            compare(.otherTransactions, "/transactions/\(index)/raw", "\(hashes[index])", "\(plan.signed)")
        }
        // The signature covers only the digest of a permit. So the call that somebody else must send is compared here.
        // The call data is long, so a problem shows its hash.
        if let permit = payment.permit, let message = review.message, let action = review.action {
            let call = action.placing(permit.signature)
            let separator = message.domain.map { "\($0.separator)" } ?? "none"
            compare(.otherTransactions, "/transactions/0/domainSeparator", "\(permit.domainSeparator)", separator)
            compare(.otherTransactions, "/transactions/0/to", "\(permit.to)", "\(call.to)")
            compare(
                .otherTransactions, "/transactions/0/data", "\(Hash.keccak(permit.data))", "\(Hash.keccak(call.data))")
        }
        let expires = review.request.subject.terms.expires
        // A batch answer does not always contain an expiry. For a batch answer, the expiry is therefore compared only
        // if it is present.
        if payment.expires != expires, name != EvidenceFiles.signed[2] || payment.expires != nil {
            compare(
                .otherRequest, "/expires", payment.expires.map { "\($0)" } ?? "none",
                expires.map { "\($0)" } ?? "none")
        }
        if let all = ProblemList(problems) { throw all }
        try compareEntry(review, planned)
    }

    /// A transaction or permit that the review computes. The payer's transaction can contain the signature of a
    /// message. Therefore each transaction has two signing hashes. `reviewed` is computed with a placeholder in place
    /// of the message's signature, and `signed` is computed with the signature itself.
    private struct Planned {
        let role: Payment.Role
        let rung: UInt64?
        let reviewed: Hash
        let signed: Hash
    }

    /// Checks that the ledger entry agrees with the review and with the signed file.
    private func compareEntry(_ review: Review, _ planned: [Planned]) throws {
        let entry = input.entry
        let listed = payment.transactions
        var problems: [Problem] = []
        func compare(_ place: String, _ saw: String, _ expected: String) {
            guard saw != expected else { return }
            problems.append(Problem(EvidenceRule.otherEntry, at: place, saw: saw, expected: expected).inFile(name))
        }
        compare("/transactions", "\(listed.count) of them", "\(entry.transactions.count) of them")
        for (index, recorded) in entry.transactions.enumerated() where index < min(listed.count, planned.count) {
            let (place, transaction, plan) = ("/transactions/\(index)", listed[index], planned[index])
            compare("\(place)/hash", "\(transaction.hash)", "\(recorded.hash)")
            compare("\(place)/role", transaction.role.rawValue, recorded.role)
            compare("\(place)/nonce", "\(transaction.nonce)", recorded.nonce.map { "\($0)" } ?? "none")
            // Earlier versions of Airlock recorded only the signing hash of the transaction with the placeholder for
            // the message's signature. A ledger entry with only this hash is accepted too.
            let isOld = recorded.signingHash == recorded.reviewedHash && recorded.reviewedHash == plan.reviewed
            compare("\(place)/raw", "\(isOld ? recorded.signingHash : plan.signed)", "\(recorded.signingHash)")
            compare("\(place)/raw", "\(plan.reviewed)", "\(recorded.reviewedHash)")
        }
        compare("/chainId", "\(payment.chain.id)", "\(entry.chain.id)")
        compare("/from", "\(payment.from)", "\(entry.from)")
        compare("/policyHash", "\(payment.policyHash)", "\(entry.policyHash)")
        let place = payment.isFirstForm ? "/\(LegacyMembers.id)" : "/request/key"
        compare(place, Self.words(payment.subject), entry.request.map(Self.words) ?? "no request")
        let terms = review.request.subject.terms
        compare("/transactions", "paid to \(terms.payee)", "paid to \(entry.recipient)")
        compare("/transactions", Self.words(terms.spends(review.action?.call)), Self.words(entry.spends))
        if let all = ProblemList(problems) { throw all }
    }

    static func words(_ subject: Payment.Subject) -> String {
        switch subject {
        case .first(let name, let id, let method): "\(name) \(id) \(method)"
        case .request(let kind, let key, let reference): "\(kind) \(key) \(reference)"
        }
    }

    static func words(_ spends: [LedgerEntry.Spend]) -> String {
        spends.isEmpty ? "nothing" : spends.map { "\($0.amount) of \($0.currency)" }.joined(separator: ", ")
    }

    /// Returns the transactions that the review computes. Puts the signature of the message in the place of its
    /// placeholder.
    private func placing(_ review: Review) throws -> [UnsignedTransaction] {
        guard case .messageInCall(let message, _, _)? = review.action, let action = review.action else {
            return review.plan.map(\.transaction)
        }
        let ones = action.placing([UInt8](repeating: 0xff, count: 65)).data
        let zeros = action.placing([UInt8](repeating: 0, count: 65)).data
        let paying = zip(payment.transactions, signed).first { $0.0.role == .pay }?.1.transaction.data ?? []
        let places = zip(ones, zeros).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
        let bytes = paying.count == ones.count ? places.map { paying[$0] } : []
        try Evidence.naming(name) {
            let signature = try Signature(bytes, accepting: .only27Or28)
            try signature.requireLowS()
            let signer = try signature.recoverAddress(digest: message.digest)
            guard signer == payment.from else {
                throw Problem(
                    PaymentFileRule.signerMismatch, at: "/transactions", saw: "\(signer)", expected: "\(payment.from)")
            }
        }
        let data = action.placing(bytes).data
        return review.plan.map { planned in
            var transaction = planned.transaction
            if planned.role == .pay { transaction.data = data }
            return transaction
        }
    }

    // MARK: Statements about the payment

    private func stated(_ review: Review, _ conditions: Conditions?, _ line: BatchLine?) -> [Evidence.Statement] {
        var all: [Evidence.Statement] = []
        let count = signed.count
        if payment.permit != nil {
            all.append(.init(.proved, "signatures", "\(payment.from) signed the permit"))
        } else {
            let what = count == 1 ? "the transaction" : "all \(count) transactions"
            all.append(.init(.proved, "signatures", "\(payment.from) signed \(what)"))
        }
        let measured = conditions == nil ? "" : ", the conditions"
        let bytes = "what was signed is what the request\(measured) and the policy give, byte for byte"
        all.append(.init(.proved, "request", bytes))
        all += Evidence.requester(review.checks)
        let chosen = chosenValues(review, conditions, line)
        all += chosen.compactMap { $0.difference(isMeasured: conditions != nil) }
        let unnamed = chosen.filter { $0.said == nil }.map { "\($0.name) \($0.signed)" }
        if conditions == nil, let last = unnamed.last {
            let names = [unnamed.dropLast().joined(separator: ", "), last].filter { !$0.isEmpty }
            let verb = unnamed.count == 1 ? "comes" : "come"
            let from = "\(verb) from the command line, or from conditions that were left out"
            all.append(
                .init(.differs, "conditions", "no conditions are here: \(names.joined(separator: " and ")) \(from)"))
        }
        return all
    }

    /// A signed value that the user could choose with an option.
    private struct Chosen {
        let name: String
        let signed: String
        /// The value in the files of the evidence. `nil` if no file names the value.
        let said: String?
        var source = "the conditions say"
        /// Whether the value is a higher nonce than the first one of the conditions.
        var isLater = false

        /// A statement that the signed value was given by hand. `nil` if it is the value in the files. If there is no
        /// conditions file, a value that no other file names may have come from the conditions. The result is then
        /// `nil` too.
        func difference(isMeasured: Bool) -> Evidence.Statement? {
            guard let said else {
                let words = "\(name) \(signed) was signed, and the conditions do not name it: it was given by hand"
                return isMeasured ? Evidence.Statement(.differs, "conditions", words) : nil
            }
            guard said != signed else { return nil }
            let why = isLater ? "it was counted up for several payments, or given by hand" : "it was given by hand"
            return Evidence.Statement(
                .differs, "conditions", "\(name) \(signed) was signed, and \(source) \(said): \(why)")
        }
    }

    /// Returns the signed values that the user could choose with an option. If the payer signed only a permit, there is
    /// no gas and no fee.
    private func chosenValues(_ review: Review, _ measured: Conditions?, _ line: BatchLine?) -> [Chosen] {
        func text(_ value: (some CustomStringConvertible)?) -> String? { value.map { $0.description } }
        let request = review.request
        let conditions = measured?.narrowed(to: request.subject)
        let proposal = request.subject.proposal
        let nonce = payment.transactions.filter { $0.role != .cancel }.map(\.nonce).min() ?? 0
        let first = conditions?.nonce
        let isLater = first.map { nonce > $0 } ?? false
        // Payments that share conditions have consecutive nonces, and the conditions name the first of them.
        let isCountedUp = isLater && measured?.tokens != nil
        var chosen = [
            Chosen(
                name: "nonce", signed: "\(nonce)", said: isCountedUp ? "\(nonce)" : text(first ?? proposal?.nonce),
                isLater: isLater)
        ]
        if let index = payment.transactions.firstIndex(where: { $0.role == .pay && $0.rung ?? 0 == 0 }),
            index < signed.count
        {
            let transaction = signed[index].transaction
            let maxFee = conditions?.maxFeePerGas ?? proposal?.maxFeePerGas
            let gasPrice = proposal?.isGasPrice == true ? proposal?.maxFeePerGas : nil
            let priorityFee = conditions?.maxPriorityFeePerGas ?? proposal?.maxPriorityFeePerGas ?? gasPrice
            chosen += [
                Chosen(name: "gas", signed: "\(transaction.gas)", said: text(conditions?.gas ?? proposal?.gas)),
                Chosen(name: "maximum fee", signed: "\(transaction.maxFeePerGas)", said: text(maxFee)),
                Chosen(name: "priority fee", signed: "\(transaction.maxPriorityFeePerGas)", said: text(priorityFee)),
            ]
        }
        if let value = request.value {
            chosen.append(
                Chosen(
                    name: "value", signed: "\(value)", said: text(line?.value ?? conditions?.value),
                    source: line?.value == nil ? "the conditions say" : "the line says"))
        }
        // A swap has a usual pool fee, so a file need not name one.
        if let poolFee = request.poolFee, let said = line?.poolFee ?? conditions?.poolFee {
            chosen.append(
                Chosen(
                    name: "pool fee", signed: "\(poolFee)", said: "\(said)",
                    source: line?.poolFee == nil ? "the conditions say" : "the line says"))
        }
        return chosen
    }
}

extension Payment {
    fileprivate var isFirstForm: Bool { if case .first = subject { true } else { false } }

    /// The Safe whose transaction this payment approves. It is the address that the transaction with the role `pay`
    /// calls. `nil` if no transaction has this role.
    fileprivate var safe: Address? {
        transactions.first { $0.role == .pay }?.raw.flatMap { (try? SignedTransaction(raw: $0))?.transaction.to }
    }
}

extension Evidence {
    /// Statements about the party that made the request. What the review verified about the party is marked as proved.
    /// Each warning of the review about the party is marked as not proved.
    static func requester(_ checks: [Check]) -> [Statement] {
        checks.filter { $0.subject == .signature }.flatMap { check in
            (check.findings.isEmpty
                ? [] : [Statement(.proved, "requester", check.findings.joined(separator: "; "))])
                + check.warnings.map { Statement(.believed, "requester", $0) }
        }
    }

    /// Makes the problem for a value in a file that differs from the expected value.
    static func problem(
        _ rule: EvidenceRule, at place: String, _ saw: String, _ expected: String, in file: String
    ) -> ProblemList {
        ProblemList(Problem(rule, at: place, saw: saw, expected: expected).inFile(file))
    }
}
