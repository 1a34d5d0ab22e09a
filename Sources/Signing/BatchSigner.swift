public import EthereumTypes
import PaymentFiles
public import Problems
public import SecretKeys
public import StrictJSON
import TransferProtocol

/// Signs many charges, chunk by chunk: each line by itself on all cores, then nonces and caps in the order of the
/// lines, then one durable write to the ledger, and only then is anything put out.
public struct BatchSigner: ~Copyable {
    /// What all lines have in common.
    public struct Terms: Sendable {
        public let policy: Policy
        /// The time that was typed; else each chunk has the machine's.
        public let now: Timestamp?
        public let approve: Bool
        public let rungs: UInt64
        public let cancel: Bool
        public let secondEngine: Bool

        public init(
            policy: Policy, now: Timestamp?, approve: Bool, rungs: UInt64, cancel: Bool, secondEngine: Bool
        ) {
            self.policy = policy
            self.now = now
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

    /// Holds the ledger until the batch ends.
    public init(_ key: consuming SecretKey, _ terms: Terms, recordingIn file: LedgerFile) throws {
        self.key = SharedKey(key)
        self.terms = terms
        self.session = try LedgerSession(file)
    }

    /// One answer for each line, in order: what is ok is recorded when this returns.
    public mutating func sign(
        _ lines: [Result<[UInt8], Problem>], clock: Timestamp
    ) throws -> [(isSigned: Bool, json: JSONOutput)] {
        let candidates = Cores.map(lines.count) { [key, terms] index in
            Candidate(lines[index], key, terms, clock)
        }
        let answers = candidates.map { candidate in answer(candidate) }
        try session.sync()
        return answers
    }

    /// What the ledger has to say of a candidate, after all those before it.
    private mutating func answer(_ candidate: Candidate) -> (isSigned: Bool, json: JSONOutput) {
        switch candidate {
        case .refused(let problems): return (false, Self.refusal(problems))
        case .signed(let payment, let transactions, let json):
            do throws(ProblemList) {
                let (entry, isNew) = try payment.entry(following: session.ledger, transactions)
                if isNew { session.add(entry) }
                return (true, json)
            } catch {
                return (false, Self.refusal(error.problems))
            }
        }
    }

    private static func refusal(_ problems: [Problem]) -> JSONOutput {
        let problems = problems.map(BatchLine.placed)
        var members: [(String, JSONOutput)] = [("ok", false)]
        if let first = problems.first { members.append(("error", first.json)) }
        if problems.count > 1 { members.append(("errors", .array(problems.map(\.json)))) }
        return .object(members)
    }
}

/// A key that several threads may use at once; signing changes nothing in it.
private final class SharedKey: Sendable {
    let secret: SecretKey

    init(_ secret: consuming SecretKey) { self.secret = secret }
}

/// A line by itself: refused, or signed and checked, and not yet compared with the ledger.
private enum Candidate: Sendable {
    case refused([Problem])
    case signed(ReviewedPayment, [Payment.Transaction], JSONOutput)

    init(_ line: Result<[UInt8], Problem>, _ key: SharedKey, _ terms: BatchSigner.Terms, _ clock: Timestamp) {
        do {
            let line = try BatchLine(line.get())
            var request = PaymentRequest(charge: line.charge, now: terms.now ?? clock, clock: clock)
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
            let review = Review(request, withLedger: false)
            guard let payment = review.payment else {
                self = .refused(review.problems)
                return
            }
            let consent = try Consent.ofPolicy(for: payment)
            let transactions = try payment.signed(with: key.secret, consent, secondEngine: terms.secondEngine)
            self = .signed(payment, transactions, Self.answer(payment, transactions, terms))
        } catch let broken as any RuleBroken {
            self = .refused(broken.problems)
        } catch {
            self = .refused([Problem(SelfCheckRule.notDecodable)])
        }
    }

    private static func answer(
        _ payment: ReviewedPayment, _ transactions: [Payment.Transaction], _ terms: BatchSigner.Terms
    ) -> JSONOutput {
        var members: [(String, JSONOutput)] = [("ok", true)]
        if terms.isSingle, let only = transactions.first {
            members += [("raw", .string(Hex.encode(only.raw))), ("hash", .string("\(only.hash)"))]
        }
        members.append(("chargeId", .string(payment.call.charge.contents.id)))
        if !terms.isSingle { members.append(("transactions", .array(transactions.map(\.json)))) }
        return .object(members)
    }
}
