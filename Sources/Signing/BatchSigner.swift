public import AirlockPolicies
public import AirlockEthereumTypes
public import AirlockPaymentFiles
public import AirlockDiagnostics
public import AirlockSecretKeys
import AirlockMessages
import AirlockStrictJSON
import AirlockRequests
import AirlockTransactions

/// Signs many requests in chunks. All cores check the lines of a chunk, independently of each other. Then one thread
/// checks the nonces and the caps in the order of the lines. This thread adds the signed lines of the chunk to the
/// ledger, and writes these entries to disk together. Only then does it return the answers. While it records one chunk,
/// the cores check the next chunk.
///
/// If each line has its own conditions, the cores sign a line as soon as they have run the checks that need only the
/// line itself. The ledger check follows. If it refuses the line, the signature is dropped.
///
/// If all lines share conditions, the nonce of a payment depends on how many earlier lines are refused. So no payment
/// of a chunk is signed before all checks that can refuse a payment. First, the cores run the checks that need only the
/// line itself. Then the checks of balances, nonces, caps and the ledger run in the order of the lines. After that, the
/// cores sign the payments. A message needs no nonce of an account, so it is signed before the ledger check here too.
public struct BatchSigner: ~Copyable {
    /// The settings that apply to all lines of the batch.
    public struct Terms: Sendable {
        public let policy: Policy
        /// The time that the user gave for the start of the batch. Deadlines are compared with this time plus the time
        /// since the start. If `now` is `nil`, deadlines are compared with the machine's time.
        public let now: Timestamp?
        public let machineTime: @Sendable () -> Timestamp
        public let approve: Bool
        public let rungs: UInt64
        public let cancel: Bool
        public let secondEngine: Bool
        /// The conditions that all lines share, and the name of the conditions file. `nil` if each line contains its
        /// own conditions.
        public let conditions: (measured: Conditions, file: String)?

        public init(
            policy: Policy, now: Timestamp?, machineTime: @escaping @Sendable () -> Timestamp, approve: Bool,
            rungs: UInt64, cancel: Bool, secondEngine: Bool, conditions: (measured: Conditions, file: String)? = nil
        ) {
            self.policy = policy
            self.now = now
            self.machineTime = machineTime
            self.approve = approve
            self.rungs = rungs
            self.cancel = cancel
            self.secondEngine = secondEngine
            self.conditions = conditions
        }

        /// Whether each payment of the batch consists of exactly one transaction. The answer to a line then contains
        /// this transaction instead of a list of transactions.
        var isSingle: Bool { !approve && rungs == 1 && !cancel }
    }

    private let key: SharedKey
    private let terms: Terms
    private var session: LedgerSession
    private let start: Timestamp
    /// The amounts that the payments in the earlier lines of the batch spend. They are subtracted from the balances and
    /// allowances in the shared conditions.
    private var remaining = Remaining()
    /// The nonces of the payments in the earlier lines of the batch, and the next nonce.
    private var nonces: BatchNonces

    /// Starts to sign a batch. The ledger is locked while a chunk is recorded, but not while the batch waits for lines.
    public init(_ key: consuming SecretKey, _ terms: Terms, recordingIn file: LedgerFile) throws {
        self.key = SharedKey(key)
        self.terms = terms
        nonces = BatchNonces(from: terms.conditions?.measured.nonce ?? 0)
        start = terms.machineTime()
        session = try LedgerSession(file, for: self.key.secret, after: nil)
        // Unlocks the ledger, so that other processes can sign while this process waits for its input.
        session.release()
    }

    /// A chunk of lines. The cores check its lines independently of each other.
    public final class Chunk {
        fileprivate let work: Cores.Work<[Candidate]>

        fileprivate init(_ work: Cores.Work<[Candidate]>) { self.work = work }
    }

    /// The answer to a line of the batch.
    public enum Answer: Sendable {
        /// The line was signed. The bytes are the text of the answer, which is one line of JSON with its line ending.
        /// `signingHashes` are the hashes that were signed for the payment. For a line with typed data, `signingHashes`
        /// is empty. The comparison code of the whole batch is computed from the signing hashes of all lines.
        case signed([UInt8], signingHashes: [Hash])
        case refused([Problem])
    }

    /// The number of lines that one core signs together. Signing several lines together is faster, because the hashes
    /// of all their transactions are computed together.
    private static let together = 4

    /// Starts to sign a chunk. ``finish(_:)`` returns the answers. Chunks must be finished in the order in which they
    /// were started.
    public func begin(_ lines: [Result<[UInt8], Problem>]) -> Chunk {
        let clock = terms.machineTime()
        let elapsed = clock.seconds - min(clock.seconds, start.seconds)
        let now = terms.now.map { Timestamp(seconds: min($0.seconds + elapsed, Timestamp.last.seconds)) } ?? clock
        return Chunk(
            Cores.begin(lines.count, together: Self.together) { [key, terms] places in
                Candidate.all(lines[places], key, terms, now: now, clock)
            })
    }

    /// Returns one answer for each line, in the order of the lines. When this function returns, the signed lines are
    /// recorded in the ledger.
    public mutating func finish(_ chunk: Chunk) throws -> [Answer] {
        let candidates = chunk.work.results().flatMap(\.self)
        try session.hold()
        let answers: [Answer]
        if terms.conditions == nil {
            answers = candidates.map { candidate in answer(candidate) }
        } else {
            // The clock is read once for all lines of the chunk. The ledger is locked, so no other process can record a
            // later time before the chunk is recorded.
            let clock = terms.machineTime()
            answers = try sign(place(candidates, at: clock), at: clock)
        }
        try session.sync()
        session.release()
        return answers
    }

    /// Records a signed line in the ledger, unless the ledger check refuses the line. All earlier lines that were
    /// signed must be in the ledger already.
    private mutating func answer(_ candidate: Candidate) -> Answer {
        switch candidate {
        case .refused(let problems): return .refused(problems)
        case .message(let signed, let line):
            do throws(ProblemList) {
                try session.record(signed)
                return .signed(line, signingHashes: [])
            } catch { return .refused(error.problems.map(MessageLine.placed)) }
        case .reviewed(_, let line): return .refused(line.placed([Problem(SelfCheckRule.notDecodable)], terms))
        case .signed(let payment, let asked, let parts, let line):
            do throws(ProblemList) {
                try payment.requireStillInTime()
                try session.record(payment, parts)
                return .signed(line, signingHashes: parts.map(\.signingHash))
            } catch {
                return .refused(asked.placed(error.problems, terms))
            }
        }
    }

    // MARK: Lines that share conditions

    /// Assigns a nonce to each line that is not refused, in the order of the lines. A refused line uses no nonce. A
    /// line that the ledger contains already keeps its nonce.
    private mutating func place(_ candidates: [Candidate], at clock: Timestamp) -> [Placed] {
        // `known` is a temporary copy of the ledger. Each line of this chunk that is not refused is added to the copy,
        // so that later lines are checked against it. After signing, these lines are added to the ledger itself.
        var known = session.ledger
        return candidates.map { candidate in
            switch candidate {
            case .refused(let problems): return .refused(problems)
            case .message(let signed, let line):
                do throws(ProblemList) {
                    try signed.request.requireRecordable(in: known, at: clock)
                    for entry in try signed.request.entries(in: known, at: clock) { known.add(entry, entry.line) }
                    return .message(signed, line)
                } catch { return .refused(error.problems.map(MessageLine.placed)) }
            case .signed(_, let line, _, _):
                return .refused(line.placed([Problem(SelfCheckRule.otherTransaction)], terms))
            case .reviewed(let review, let line):
                do throws(ProblemList) { return .consented(try place(review, in: &known, at: clock), line) } catch {
                    return .refused(line.placed(error.problems, terms))
                }
            }
        }
    }

    private mutating func place(
        _ first: Review, in known: inout Ledger, at clock: Timestamp
    ) throws(ProblemList) -> ConsentedPayment {
        var request = first.request
        remaining.apply(to: &request)
        guard let proved = first.proved else { throw ProblemList(Problem(SelfCheckRule.otherTransaction)) }
        let review = try review(request, provedBefore: proved, in: known, at: clock)
        guard let payment = review.payment else {
            // This line is refused, and was reviewed with the next nonce. If an earlier run also refused it, that run
            // gave this nonce to a later line. The review then also reports the nonce as used, which is not why the
            // line is refused. So a used nonce is reported only if there is no other problem.
            let others = review.problems.filter { $0.rule as? LedgerRule != .nonceSigned }
            throw ProblemList(others) ?? ProblemList(review.problems)
                ?? ProblemList(Problem(SelfCheckRule.otherTransaction))
        }
        try payment.requireStillInTime()
        let consented: ConsentedPayment
        do throws(Problem) { consented = try ConsentedPayment.ofPolicy(for: payment) } catch {
            throw ProblemList(error)
        }
        remaining.take(review)
        nonces.take(review.plan.map(\.transaction.nonce))
        if !payment.isRecorded { payment.enter(into: &known, at: clock) }
        return consented
    }

    /// Reviews a line with the nonce that it gets. If this request was signed in an earlier run of the batch, it keeps
    /// the nonces of that run, so that the batch can be run again. If not, it gets the next nonce. If the ledger has
    /// this nonce for another payment, the line is refused, and does not get a later nonce. A transaction after a gap
    /// could not be mined until the nonces in the gap are used, perhaps by a payment that this line was meant to
    /// correct.
    private func review(
        _ request: PaymentRequest, provedBefore proved: any ProvedRequest, in known: Ledger, at clock: Timestamp
    ) throws(ProblemList) -> Review {
        func reviewed(_ nonce: UInt64) -> Review {
            var request = request
            request.nonce = nonce
            return Review(request, provedBefore: proved, asking: known, at: clock)
        }
        if let recorded = try Self.nonce(of: request, in: known), nonces.canKeep(recorded) {
            let same = reviewed(recorded)
            let isKept = same.plan.allSatisfy { nonces.canKeep($0.transaction.nonce) }
            if isKept, same.payment?.isRecorded == true { return same }
        }
        return reviewed(nonces.next)
    }

    /// Returns the lowest nonce of the account in the latest ledger entry for a request. Returns `nil` if there is no
    /// such entry or nonce.
    private static func nonce(of request: PaymentRequest, in ledger: Ledger) throws(ProblemList) -> UInt64? {
        guard let payer = request.payer else { return nil }
        let key = request.subject.reference(payer: payer).key
        return try ledger.entries(of: key, chain: request.terms.chain, from: payer).last.flatMap { recorded in
            recorded.transactions.compactMap { recorded.entry.nonce(of: $0) }.filter { $0.token == nil }.map(\.number)
                .min()
        }
    }

    /// Signs the lines on all cores, and records them in their order. Throws if the signing of one line fails; no line
    /// of the chunk is then recorded or returned. The line cannot simply be left out, because the nonces are already
    /// assigned.
    private mutating func sign(_ placed: [Placed], at clock: Timestamp) throws -> [Answer] {
        let work = Cores.begin(placed.count, together: Self.together) { [key, terms] places in
            Signed.all(placed[places], key, terms)
        }
        let results = work.results().flatMap(\.self)
        for case .failed(let problems) in results {
            throw ProblemList(problems) ?? ProblemList(Problem(SelfCheckRule.notDecodable))
        }
        var answers: [Answer] = []
        for result in results {
            switch result {
            case .refused(let problems): answers.append(.refused(problems))
            case .message(let signed, let line):
                try session.record(signed, at: clock)
                answers.append(.signed(line, signingHashes: []))
            case .signed(let payment, let parts, let line):
                try session.record(payment, parts, at: clock)
                answers.append(.signed(line, signingHashes: parts.map(\.signingHash)))
            case .failed: break
            }
        }
        return answers
    }
}

/// A line of a batch with shared conditions. All checks that can refuse the line have run. A payment is not signed yet.
/// A message is already signed.
private enum Placed: Sendable {
    case refused([Problem])
    indirect case message(SignedMessage, [UInt8])
    indirect case consented(ConsentedPayment, BatchLine)

    var consented: ConsentedPayment? { if case .consented(let payment, _) = self { payment } else { nil } }
}

/// A line of a batch with shared conditions, after the cores have signed it.
private enum Signed: Sendable {
    case refused([Problem])
    case failed([Problem])
    indirect case message(SignedMessage, [UInt8])
    indirect case signed(ReviewedPayment, [SignedPart], [UInt8])

    /// Signs several lines at once, except the lines that were refused and the messages that are already signed.
    static func all(_ placed: ArraySlice<Placed>, _ key: SharedKey, _ terms: BatchSigner.Terms) -> [Signed] {
        let consented = placed.compactMap(\.consented)
        var results = ConsentedPayment.signed(consented, with: key.secret, secondEngine: terms.secondEngine)[...]
        return placed.map { placed in
            switch placed {
            case .refused(let problems): return .refused(problems)
            case .message(let signed, let line): return .message(signed, line)
            case .consented(let payment, _):
                do {
                    let parts = try results.removeFirst().get()
                    return .signed(
                        payment.payment, parts, Candidate.answer(payment.payment, parts.map(\.transaction), terms))
                } catch { return .failed(Candidate.problems(of: error)) }
            }
        }
    }
}

extension BatchLine {
    fileprivate func placed(_ problems: [Problem], _ terms: BatchSigner.Terms) -> [Problem] {
        problems.map { placed($0, sharing: terms.conditions) }
    }
}

/// A key that several threads can use at once. Sharing it is safe, because signing does not change the key.
private final class SharedKey: Sendable {
    let secret: SecretKey
    let address: Address

    init(_ secret: consuming SecretKey) {
        address = secret.address
        self.secret = secret
    }
}

/// A line of a batch after all checks that use only this line. The line has not been compared with the ledger or with
/// earlier lines yet.
private enum Candidate: Sendable {
    case refused([Problem])
    /// This case is indirect, because its values are large. A copy of the enum then copies only a reference to them.
    indirect case signed(ReviewedPayment, BatchLine, [SignedPart], [UInt8])
    /// A reviewed line that uses the shared conditions. It is not signed yet, because its nonce depends on the earlier
    /// lines.
    indirect case reviewed(Review, BatchLine)
    /// A signed message. It can be signed before the earlier lines are checked, because it uses no conditions and no
    /// nonce of an account.
    indirect case message(SignedMessage, [UInt8])

    /// Checks several lines. The lines that are not refused are signed together.
    static func all(
        _ lines: ArraySlice<Result<[UInt8], Problem>>, _ key: SharedKey, _ terms: BatchSigner.Terms, now: Timestamp,
        _ clock: Timestamp
    ) -> [Candidate] {
        let drafts = lines.map { Draft($0, key, terms, now: now, clock) }
        let consented = drafts.compactMap(\.consented)
        var results = ConsentedPayment.signed(consented, with: key.secret, secondEngine: terms.secondEngine)[...]
        return drafts.map { draft in
            switch draft {
            case .ended(let candidate): return candidate
            case .consented(let consented, let line):
                let payment = consented.payment
                do {
                    let parts = try results.removeFirst().get()
                    return .signed(payment, line, parts, answer(payment, parts.map(\.transaction), terms))
                } catch { return .refused(problems(of: error)) }
            }
        }
    }

    static func problems(of error: any Error) -> [Problem] {
        (error as? any RuleBroken)?.problems ?? [Problem(SelfCheckRule.notDecodable)]
    }

    /// A line of a batch that has been reviewed. If it contains a payment, the payment is not signed yet.
    fileprivate enum Draft {
        case ended(Candidate)
        case consented(ConsentedPayment, BatchLine)

        var consented: ConsentedPayment? { if case .consented(let payment, _) = self { payment } else { nil } }

        init(
            _ line: Result<[UInt8], Problem>, _ key: SharedKey, _ terms: BatchSigner.Terms, now: Timestamp,
            _ clock: Timestamp
        ) {
            do { self = try Draft(reading: line, key, terms, now: now, clock) } catch {
                self = .ended(.refused(problems(of: error)))
            }
        }
    }
}

extension Candidate.Draft {
    fileprivate init(
        reading line: Result<[UInt8], Problem>, _ key: SharedKey, _ terms: BatchSigner.Terms, now: Timestamp,
        _ clock: Timestamp
    ) throws {
        let bytes = try line.get()
        let line: BatchLine
        do throws(ProblemList) { line = try BatchLine(bytes) } catch {
            guard let message = try MessageLine(bytes)?.message else { throw error }
            self = .ended(try Candidate.message(message, key, terms, now: now, clock))
            return
        }
        var request = PaymentRequest(
            try line.reference.map { try line.request.referenced($0) } ?? line.request, now: now, clock: clock,
            policy: terms.policy)
        request.machineTime = terms.machineTime
        request.conditions = line.conditions
        if let shared = terms.conditions {
            if line.conditions != nil {
                throw Problem(RequestRule.twoConditions, at: BatchLine.conditions)
            }
            request.conditions = shared.measured.narrowed(to: request.subject)
        }
        request.method = line.method
        request.value = line.value
        request.poolFee = line.poolFee
        request.approve = terms.approve
        request.rungs = terms.rungs
        request.cancel = terms.cancel
        request.key = key.address
        // This review does not check the ledger. The ledger is checked later, in the order of the lines.
        let review = Review(SharedRequest(request), asking: nil, isBrief: true)
        let unmeasured = terms.conditions.flatMap { _ in Candidate.unmeasured(review) }
        guard let payment = review.payment, unmeasured == nil else {
            self = .ended(.refused(line.placed(review.problems + (unmeasured.map { [$0] } ?? []), terms)))
            return
        }
        if terms.conditions != nil {
            self = .ended(.reviewed(review, line))
            return
        }
        self = .consented(try ConsentedPayment.ofPolicy(for: payment), line)
    }
}

extension Candidate {
    fileprivate static func message(
        _ message: SignableMessage, _ key: SharedKey, _ terms: BatchSigner.Terms, now: Timestamp, _ clock: Timestamp
    ) throws -> Candidate {
        let given: [(ArgumentPlace, Bool)] = [
            (.approve, terms.approve), (.rungs, terms.rungs > 1), (.cancel, terms.cancel),
        ]
        let useless = given.filter(\.1).map {
            Problem(RequestRule.argumentUnused, at: $0.0, detail: "a message is not a transaction")
        }
        if let problems = ProblemList(useless) { throw problems }
        var request = MessageRequest(message, now: now, clock: clock)
        request.policy = terms.policy
        request.machineTime = terms.machineTime
        request.key = key.address
        // This review does not read the ledger, so it does not find earlier signatures. The ledger is checked later, in
        // the order of the lines.
        let review = MessageReview(request)
        guard let reviewed = review.reviewed else { return .refused(review.problems.map(MessageLine.placed)) }
        let signed = try ConsentedMessage.ofPolicy(for: reviewed).signed(with: key.secret)
        let answer: JSONOutput = ["ok": true, "signature": signed.file.json]
        return .message(signed, Array((answer.printable + "\n").utf8))
    }

    /// Returns the reason why a line cannot use the shared conditions, or `nil` if it can. There are two possible
    /// reasons. First, the payer signs only a permit, whose nonce is counted by the token, but the shared conditions
    /// contain only the account's nonce. Second, the line spends a token that is not in the shared conditions.
    fileprivate static func unmeasured(_ review: Review) -> Problem? {
        if review.shared.signsMessageAlone {
            return Problem(SigningRule.otherMethod, at: .method)
        }
        let takes = review.action?.call.takes.filter(\.needsBalance) ?? []
        guard let take = takes.first(where: { review.request.token($0.token) == nil }) else { return nil }
        return Problem(SigningRule.missingValue, at: "/tokens", detail: "\(take.token)")
    }

    static func answer(
        _ payment: ReviewedPayment, _ transactions: [Payment.Transaction], _ terms: BatchSigner.Terms
    ) -> [UInt8] {
        // A permit is a message, so there is no raw transaction. The answer for a permit contains the member
        // `transactions`, a list, instead of `raw`.
        let raw = terms.isSingle ? transactions.first?.raw : nil
        var writer = JSONWriter(reserving: 2048, printable: true)
        writer.object { writer in
            writer.key("ok")
            writer.boolean(true)
            if let raw, let only = transactions.first {
                writer.member("raw", hex: raw)
                writer.member("hash", only.hash)
            }
            let reference = payment.request.subject.reference(payer: payment.payer)
            writer.member(reference.legacy == nil ? "reference" : LegacyMembers.name, reference.text)
            // For most kinds of request, the answer contains the expiry time, because no contract checks it and so the
            // relay must. For a request of the oldest kind (`reference.legacy`), the answer does not contain it,
            // because the contract checks the expiry time.
            if reference.legacy == nil, let expires = payment.request.terms.expires {
                writer.member("expires", expires.description)
            }
            if raw == nil {
                writer.key("transactions")
                writer.value(.array(transactions.map(\.json)))
            }
        }
        writer.endLine()
        return writer.bytes
    }
}
