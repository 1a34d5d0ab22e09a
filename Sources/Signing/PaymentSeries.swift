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
        var remaining: Remaining?
        // All of them have the ledger as it is now. There is one copy, to which each payment is added.
        var ledger = requests.first?.request.ledger
        for (name, request) in requests.sorted(by: Self.isSooner) {
            var request = request
            remaining?.apply(to: &request)
            request.ledger = ledger
            let review = Review(request)
            request.ledger = nil
            remaining = Remaining(after: review)
            if let payment = review.payment {
                var known = ledger ?? Ledger()
                ledger = nil
                payment.enter(into: &known)
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

    /// What a payment leaves to the next one.
    private struct Remaining {
        let nonce: UInt64?
        let nativeBalance: UInt256?
        let tokenBalance: UInt256?
        let allowance: UInt256?

        init(after review: Review) {
            let request = review.request
            let used = UInt64(max(1, Set(review.plan.map(\.transaction.nonce)).count))
            nonce = request.effectiveNonce.flatMap { $0.addingReportingOverflow(used).overflow ? nil : $0 + used }
            let spent = review.action?.call.takes?.amount ?? .zero
            func left(_ amount: UInt256?, _ taken: UInt256) -> UInt256? {
                amount.map { $0.subtracting(taken) ?? .zero }
            }
            nativeBalance = left(request.conditions?.nativeBalance, review.totalCost ?? .zero)
            tokenBalance = left(request.conditions?.token?.balance, spent)
            allowance = left(request.conditions?.approval?.allowance, spent)
        }

        func apply(to request: inout PaymentRequest) {
            request.nonce = nonce
            guard var conditions = request.conditions else { return }
            conditions.nativeBalance = nativeBalance
            if let token = conditions.token, let tokenBalance {
                conditions.token = Conditions.Token(
                    address: token.address, symbol: token.symbol, decimals: token.decimals, balance: tokenBalance,
                    domainSeparator: token.domainSeparator)
            }
            if let approval = conditions.approval, let allowance {
                conditions.approval = Conditions.Approval(
                    spender: approval.spender, allowance: allowance, resetFirst: approval.resetFirst)
            }
            request.conditions = conditions
        }
    }
}

extension ReviewedPayment {
    /// Has the ledger be as it will be once this payment is recorded, but for the hashes that only signing makes.
    fileprivate func enter(into ledger: inout Ledger) {
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
        let entry = entry(after: ledger.head, parts, at: request.clock)
        ledger.add(entry, entry.line)
    }
}
