import AirlockTransactions
import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockDiagnostics
import AirlockRequests

/// Several payments of one payer, reviewed as if they came one after the other: with the nonces in the order of the
/// deadlines, and each with what the ones before it leave of balances, allowances and caps.
public struct PaymentSeries: Sendable {
    /// In the order in which they are signed.
    public let reviews: [(name: String, review: Review)]

    /// Refuses two names for one request, which is paid once.
    ///
    /// - Parameter requests: one for each name; the first nonce is that of the conditions, or the typed one.
    public init(_ requests: [(name: String, request: PaymentRequest)]) throws(ProblemList) {
        let repeated = Self.repeatedIntents(requests)
        if let problems = ProblemList(repeated) { throw problems }
        var reviews: [(name: String, review: Review)] = []
        var remaining = Remaining()
        // All of them have the ledger as it is now. There is one copy, to which each payment is added.
        var ledger = requests.first?.request.ledger
        for (name, request) in requests.sorted(by: Self.isSooner) {
            var request = request
            remaining.apply(to: &request)
            request.ledger = ledger
            let review = Review(request)
            request.ledger = nil
            remaining.take(review)
            if let payment = review.payment {
                var known = ledger ?? Ledger()
                ledger = nil
                payment.enter(into: &known, at: payment.request.clock)
                ledger = known
            }
            reviews.append((name, review))
        }
        self.reviews = reviews
    }

    private static func repeatedIntents(_ requests: [(name: String, request: PaymentRequest)]) -> [Problem] {
        var names: [[String]: String] = [:]
        return requests.sorted { $0.name < $1.name }.compactMap { name, request in
            let payer = request.payer ?? .zero
            let reference = request.subject.reference(payer: payer)
            let same = ["\(request.terms.chain.id)", "\(payer)", "\(reference.key)"]
            guard let first = names[same] else {
                names[same] = name
                return nil
            }
            return Problem(
                SigningRule.sameIntent, at: name, saw: reference.legacy.map { "\($0)" } ?? "\(reference.key)",
                expected: "another request than that of \(escaped(first))")
        }
    }

    /// Sooner due, and then by name, so that the order is the same on every machine; what never expires comes last.
    private static func isSooner(
        _ left: (name: String, request: PaymentRequest), _ right: (name: String, request: PaymentRequest)
    ) -> Bool {
        let (first, second) = (left.request.terms.expires ?? .last, right.request.terms.expires ?? .last)
        return first == second ? left.name < right.name : first < second
    }
}

extension ReviewedPayment {
    /// Has the ledger be as it will be once this payment is recorded, but for the hashes that only signing makes.
    func enter(into ledger: inout Ledger, at clock: Timestamp) {
        var parts = plan.map { planned in
            SignedPart(
                transaction: Payment.Transaction(
                    role: planned.role, rung: planned.rung, nonce: planned.transaction.nonce, hash: .zero, raw: []),
                signingHash: planned.signingHash)
        }
        if action.isMessageAlone, let message = action.message, let nonce = message.nonce?.number {
            let permit = Payment.Permit(
                signature: [], domainSeparator: message.domain?.separator ?? .zero, to: action.call.to, data: [])
            parts.append(
                SignedPart(
                    transaction: Payment.Transaction(permit, nonce: nonce, digest: .zero), signingHash: message.digest))
        }
        let entry = entry(after: ledger.head, parts, at: clock)
        ledger.add(entry, entry.line)
    }
}
