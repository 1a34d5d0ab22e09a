public import AirlockPolicies
public import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockDiagnostics
public import AirlockSecretKeys
import AirlockStrictJSON
import AirlockRequests

/// Signs many charges, chunk by chunk: each line by itself on all cores, then nonces and caps in the order of the
/// lines, then one durable write to the ledger, and only then is anything put out. While one chunk is compared with the
/// ledger and written to it, the cores are at work on the next.
public struct BatchSigner: ~Copyable {
    /// What all lines have in common.
    public struct Terms: Sendable {
        public let policy: Policy
        /// The time that was typed, which goes on like the machine's; else each chunk has the machine's.
        public let now: Timestamp?
        public let machineTime: @Sendable () -> Timestamp
        public let approve: Bool
        public let rungs: UInt64
        public let cancel: Bool
        public let secondEngine: Bool

        public init(
            policy: Policy, now: Timestamp?, machineTime: @escaping @Sendable () -> Timestamp, approve: Bool,
            rungs: UInt64, cancel: Bool, secondEngine: Bool
        ) {
            self.policy = policy
            self.now = now
            self.machineTime = machineTime
            self.approve = approve
            self.rungs = rungs
            self.cancel = cancel
            self.secondEngine = secondEngine
        }

        /// Does a payment stand for one transaction alone, so that its line holds no list?
        var isSingle: Bool { !approve && rungs == 1 && !cancel }
    }

    private let key: SharedKey
    private let terms: Terms
    private var session: LedgerSession
    private let start: Timestamp

    /// Holds the ledger while a chunk is recorded, and not while lines are awaited.
    public init(_ key: consuming SecretKey, _ terms: Terms, recordingIn file: LedgerFile) throws {
        self.key = SharedKey(key)
        self.terms = terms
        start = terms.machineTime()
        session = try LedgerSession(file, for: self.key.secret)
        // Others may sign while this one waits for its input.
        session.release()
    }

    /// Lines that all cores are at work on, each by itself.
    public final class Chunk {
        fileprivate let work: Cores.Work<Candidate>

        fileprivate init(_ work: Cores.Work<Candidate>) { self.work = work }
    }

    /// What is said of a line: one line of JSON, with its end.
    public struct Answer: Sendable {
        public let isSigned: Bool
        public let line: [UInt8]
    }

    /// Begins to sign; ``finish(_:)`` answers. Chunks are finished in the order in which they were begun.
    public func begin(_ lines: [Result<[UInt8], Problem>]) -> Chunk {
        let clock = terms.machineTime()
        let elapsed = clock.seconds - min(clock.seconds, start.seconds)
        let now = terms.now.map { Timestamp(seconds: min($0.seconds + elapsed, Timestamp.last.seconds)) } ?? clock
        return Chunk(
            Cores.begin(lines.count) { [key, terms] index in
                Candidate(lines[index], key, terms, now: now, clock)
            })
    }

    /// One answer for each line, in order: what is ok is recorded when this returns.
    public mutating func finish(_ chunk: Chunk) throws -> [Answer] {
        let candidates = chunk.work.results()
        try session.hold()
        let answers = candidates.map { candidate in answer(candidate) }
        try session.sync()
        session.release()
        return answers
    }

    /// What the ledger has to say of a candidate, after all those before it.
    private mutating func answer(_ candidate: Candidate) -> Answer {
        switch candidate {
        case .refused(let line): return Answer(isSigned: false, line: line)
        case .signed(let payment, let asked, let parts, let line):
            do throws(ProblemList) {
                try payment.requireStillInTime()
                try session.record(payment, parts)
                return Answer(isSigned: true, line: line)
            } catch {
                return Answer(isSigned: false, line: BatchLine.refusal(error.problems.map(asked.placed)))
            }
        }
    }
}

/// A key that several threads may use at once; signing changes nothing in it.
private final class SharedKey: Sendable {
    let secret: SecretKey

    init(_ secret: consuming SecretKey) { self.secret = secret }
}

/// A line by itself: refused, or signed and checked, and not yet compared with the ledger.
private enum Candidate: Sendable {
    case refused([UInt8])
    /// Held by reference, since it goes from hand to hand.
    indirect case signed(ReviewedPayment, BatchLine, [SignedPart], [UInt8])

    init(
        _ line: Result<[UInt8], Problem>, _ key: SharedKey, _ terms: BatchSigner.Terms, now: Timestamp,
        _ clock: Timestamp
    ) {
        do {
            let line = try BatchLine(line.get())
            var request = PaymentRequest(
                try line.reference.map { try line.request.referenced($0) } ?? line.request, now: now, clock: clock)
            request.machineTime = terms.machineTime
            request.conditions = line.conditions
            request.method = line.method
            request.value = line.value
            request.poolFee = line.poolFee
            request.policy = terms.policy
            request.approve = terms.approve
            request.rungs = terms.rungs
            request.cancel = terms.cancel
            request.key = key.secret.address
            // The ledger has its say later, in the order of the lines.
            let review = Review(Shared(request), asking: nil)
            guard let payment = review.payment else {
                self = .refused(BatchLine.refusal(review.problems.map(line.placed)))
                return
            }
            let parts = try ConsentedPayment.ofPolicy(for: payment)
                .signed(with: key.secret, secondEngine: terms.secondEngine)
            self = .signed(payment, line, parts, Self.answer(payment, parts.map(\.transaction), terms))
        } catch let broken as any RuleBroken {
            self = .refused(BatchLine.refusal(broken.problems))
        } catch {
            self = .refused(BatchLine.refusal([Problem(SelfCheckRule.notDecodable)]))
        }
    }

    private static func answer(
        _ payment: ReviewedPayment, _ transactions: [Payment.Transaction], _ terms: BatchSigner.Terms
    ) -> [UInt8] {
        // A permit has no raw transaction, so that it is told in full.
        let raw = terms.isSingle ? transactions.first?.raw : nil
        var writer = JSONWriter(reserving: 2048, printable: true)
        writer.object { writer in
            writer.key("ok")
            writer.boolean(true)
            if let raw, let only = transactions.first {
                writer.member("raw", Hex.encode(raw))
                writer.member("hash", only.hash.description)
            }
            let reference = payment.request.subject.reference(payer: payment.payer)
            writer.member(reference.legacy == nil ? "reference" : FirstForm.name, reference.text)
            if raw == nil {
                writer.key("transactions")
                writer.value(.array(transactions.map(\.json)))
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
