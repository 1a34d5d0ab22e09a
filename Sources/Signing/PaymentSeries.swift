public import AirlockDiagnostics
import AirlockEthereumTypes
public import AirlockPaymentFiles
public import AirlockRequests
import AirlockTransactions

/// Several payments of one payer. They are reviewed as a sequence, in the order of their deadlines. The nonces follow
/// this order. Each payment is checked against the balances, allowances and caps that remain after the earlier
/// payments.
public struct PaymentSeries: Sendable {
    /// The reviews, in the order in which the payments are signed.
    public let reviews: [(name: String, review: Review)]

    /// Reviews the payments. Throws if two of the requests are the same, because a request is paid only once.
    ///
    /// - Parameter requests: the requests, each with its name. The first payment gets the nonce that the user gave. If
    ///   the user gave none, it gets the nonce in the conditions file.
    public init(_ requests: [(name: String, request: PaymentRequest)]) throws(ProblemList) {
        let repeated = Self.repeatedIntents(requests)
        if let problems = ProblemList(repeated) { throw problems }
        var reviews: [(name: String, review: Review)] = []
        var remaining = Remaining()
        // A temporary copy of the ledger. Each payment that can be signed is added to the copy, so that the later
        // payments are checked against it.
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

    /// Orders the requests by deadline, and then by name, so that every machine has the same order. Requests without a
    /// deadline come last.
    private static func isSooner(
        _ left: (name: String, request: PaymentRequest), _ right: (name: String, request: PaymentRequest)
    ) -> Bool {
        let (first, second) = (left.request.terms.expires ?? .last, right.request.terms.expires ?? .last)
        return first == second ? left.name < right.name : first < second
    }
}

extension ReviewedPayment {
    /// Adds an entry for this payment to a copy of the ledger, as if the payment were already signed. The transaction
    /// hashes in this entry are zero, because the hash of a transaction is known only after signing.
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

/// The effect of the earlier payments on the next payment: the nonce of the next payment, and the amounts that the
/// earlier payments spend.
struct Remaining: Sendable {
    /// The next nonce. `nil` before the first payment.
    private(set) var nonce: UInt64?
    private var native = UInt256.zero
    private var tokens: [Address: UInt256] = [:]
    private var allowances: [Address: UInt256] = [:]

    /// Records which nonces and amounts a payment uses. A later payment can use only the nonces and the amounts that
    /// remain.
    mutating func take(_ review: Review) {
        let used = UInt64(max(1, Set(review.plan.map(\.transaction.nonce)).count))
        // EIP-2681 forbids the highest nonce. So if the nonce overflows, it is set to the highest value, and the next
        // payment is refused.
        nonce = review.request.effectiveNonce.map { $0.addingReportingOverflow(used).overflow ? .max : $0 + used }
        func add(_ amount: UInt256, to sum: inout UInt256) { sum = sum.adding(amount) ?? .max }
        add(review.totalCost ?? .zero, to: &native)
        for take in review.action?.call.takes ?? [] where take.needsBalance {
            add(take.amount, to: &tokens[take.token, default: .zero])
            if let spender = take.spender { add(take.amount, to: &allowances[spender, default: .zero]) }
        }
    }

    /// Sets the nonce of a request. Subtracts the amounts that the earlier payments spend from the balances and
    /// allowances in the request's conditions file.
    func apply(to request: inout PaymentRequest) {
        guard let nonce else { return }
        request.nonce = nonce
        guard var conditions = request.conditions else { return }
        func left(_ amount: UInt256, _ spent: UInt256?) -> UInt256 { amount.subtracting(spent ?? .zero) ?? .zero }
        conditions.nativeBalance = conditions.nativeBalance.map { left($0, native) }
        if let token = conditions.token {
            conditions.token = Conditions.Token(
                address: token.address, symbol: token.symbol, decimals: token.decimals,
                balance: left(token.balance, tokens[token.address]), domainSeparator: token.domainSeparator)
        }
        if let approval = conditions.approval {
            conditions.approval = Conditions.Approval(
                spender: approval.spender, allowance: left(approval.allowance, allowances[approval.spender]),
                resetFirst: approval.resetFirst)
        }
        request.conditions = conditions
    }
}

extension Conditions {
    /// The conditions for one payment of a payroll. The payroll's conditions file has a list `tokens`. Each element of
    /// this list contains the values of one token, and the gas of payments with this token. The result keeps only the
    /// element for the token of this payment. If there is no such element, the review reports that the values are
    /// missing. So the gas for another token is never used by mistake.
    public func narrowed(to request: any Request) -> Conditions {
        guard let tokens else { return self }
        var conditions = self
        conditions.tokens = nil
        let currency = request.terms.owed.first?.currency ?? .zero
        if !request.sharesConditions {
            conditions.gas = nil
        } else if !currency.isZero {
            let listed = tokens.first { $0.token.address == currency }
            conditions.token = listed?.token
            conditions.gas = listed?.gas
        }
        return conditions
    }

    /// Converts a JSON pointer into the conditions of one payment (``narrowed(to:)``) to a JSON pointer into the
    /// conditions of the whole payroll. For example, `/token/balance` becomes `/tokens/1/balance`. Most pointers stay
    /// the same.
    public func place(of field: String, narrowedTo request: any Request) -> String {
        let currency = request.terms.owed.first?.currency
        guard request.sharesConditions, let index = tokens?.firstIndex(where: { $0.token.address == currency }) else {
            return field
        }
        if field == "/gas" { return "/tokens/\(index)/gas" }
        return field.hasPrefix("/token/") ? "/tokens/\(index)\(field.dropFirst("/token".utf8.count))" : field
    }
}
