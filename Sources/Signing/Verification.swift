public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests
public import AirlockStrictJSON
import AirlockTokens
import AirlockTransactions

/// Checks a request or an already signed payment. No key is needed.
public struct Verification: Sendable {
    public let kind: String
    /// The kind of the request and the format of its input, as text. `nil` for a payment file.
    public let readAs: String?
    public package(set) var checks: [Check]
    /// The comparison code of a payment, computed from the payment's bytes. `nil` for a request.
    public let code: String?
    /// The Safe transaction that the payment approves: its chain, its Safe and its hash. `nil` if the payment is not
    /// such an approval, or if the policy does not list the Safe.
    public let approved: (chain: Chain, safe: Address, hash: Hash)?
    /// What the payment does. `nil` if the input is a request and not a payment, or if Airlock does not recognise the
    /// payment's call.
    public let summary: Summary?

    public var problems: [Problem] { checks.flatMap(\.problems) }

    /// Reads a request or a payment file. The content of the file decides which of the two it is.
    public init(_ bytes: [UInt8], policy: Policy, now: Timestamp) throws {
        if let root = try? JSONDocument(bytes).root, root["airlock"] != nil, root["kind"]?.string == Payment.kind {
            let payment = try Payment(bytes)
            kind = Payment.kind
            readAs = nil
            (checks, approved, summary) = try Self.check(payment, policy, now)
            // `Self.check` has already compared the comparison code in the file with the signing hashes.
            code = payment.code
        } else {
            let request = try RequestKinds.read(bytes)
            kind = type(of: request).kind
            readAs = request.readAs
            checks = Self.checkAlone(PaymentRequest(request, now: now, policy: policy)).checks
            code = nil
            approved = nil
            summary = nil
        }
    }

    /// Runs the checks of a request that need neither a key nor the transactions.
    private static func checkAlone(_ request: PaymentRequest) -> Checker {
        var checker = Checker(SharedRequest(request))
        checker.checkRequestAlone()
        return checker
    }

    /// Checks the transactions of a payment file. The values in the file that describe the transactions are not
    /// trusted.
    private static func check(
        _ payment: Payment, _ policy: Policy, _ now: Timestamp
    ) throws -> ([Check], approved: (chain: Chain, safe: Address, hash: Hash)?, Summary?) {
        let transactions = try payment.verify()
        if let permit = payment.permit {
            let (own, paid) = checkMessage(permit, of: payment, policy, now)
            return ([own] + (paid.map { checkAlone($0.request).checks } ?? []), nil, paid.map { Summary($0) })
        }
        var own = Check(.transactions)
        own.findings.append("every transaction has the hash, nonce, chain and sender that the file says")
        var approved: (chain: Chain, safe: Address, hash: Hash)?
        var first: (payment: RecognisedPayment, place: String)?
        for (index, signed) in transactions.enumerated() where payment.transactions[index].role == .pay {
            let (transaction, place) = (signed.transaction, "/transactions/\(index)/raw")
            let call = transaction.to.map { to in
                SignedCall(
                    chain: payment.chain, payer: payment.from, to: to, value: transaction.value,
                    data: transaction.data, name: payment.name)
            }
            guard let call, let read = RequestKinds.reading(call), payment.mayPay(read.request) else {
                own.problems.append(Problem(SigningRule.unknownCall, at: place))
                continue
            }
            own.problems += differences(payment, read)
            if let value = read.value, transaction.value != value {
                own.problems.append(
                    Problem(SigningRule.otherValue, at: place, saw: "\(transaction.value)", expected: "\(value)"))
            }
            // The other transactions that pay must make the same call, so the policy is applied once.
            guard first == nil else { continue }
            let approval = HashApproval(call, listedIn: policy.chains[payment.chain]?.section(of: HashApproval.self))
            approved = approval.map { ($0.domain.chain, $0.domain.safe, $0.hash) }
            let subject: any Request = approval ?? read.request
            first = (RecognisedPayment(call, read, as: subject, policy, now), place)
        }
        let plan = zip(payment.transactions, transactions).map { said, signed in
            PlannedTransaction(role: said.role, rung: said.rung, transaction: signed.transaction)
        }
        if let paying = plan.payment {
            own.problems += companionProblems(plan, paying, payment.from, first?.payment.takes ?? [])
        } else {
            own.problems.append(
                Problem(SigningRule.unknownCall, at: "/transactions", expected: "a transaction of the role pay"))
        }
        guard let (paid, place) = first else { return ([own], approved, nil) }
        var checker = checkAlone(paid.request)
        checker.checkSigned(plan, value: paid.value, takes: paid.takes, at: place)
        var checks = checker.checks
        if case .request = payment.subject {
            checks = checks.map { $0.subject == .time ? time(of: payment, now) : $0 }
        }
        return ([own] + checks, approved, Summary(paid))
    }

    /// Checks the expiry in the payment file. The signed bytes of some payments, such as transfers, contain no expiry.
    /// For such a payment, only the expiry in the file can be checked.
    private static func time(of payment: Payment, _ now: Timestamp) -> Check {
        var check = Check(.time)
        guard let expires = payment.expires else {
            check.findings.append("the file names no expiry")
            return check
        }
        check.require(now <= expires, "the file says that it may be sent until \(expires)") {
            Problem(SigningRule.paymentExpired, at: "/expires", saw: "\(expires)", expected: "\(now) or later")
        }
        return check
    }

    /// Returns a problem for each value in the payment file that differs from the signed call.
    static func differences(_ payment: Payment, _ read: RecognisedCall) -> [Problem] {
        let reference = read.request.reference(payer: payment.from)
        let expires = read.request.terms.expires.map { "\($0)" }
        var says: [(field: String, saw: String, expected: String)] = []
        switch payment.subject {
        case .first(_, let id, let method):
            says = [
                ("/\(LegacyMembers.id)", "\(id)", reference.legacy.map { "\($0)" } ?? "a request of another kind"),
                ("/expires", payment.expires.map { "\($0)" } ?? "", expires ?? ""), ("/method", method, read.method),
            ]
        case .request(let kind, let key, _):
            // The expiry in the file is not compared with the call here, because the call data contains no expiry. Only
            // the case `first` above compares the expiry.
            says = [
                ("/request/kind", kind, type(of: read.request).kind), ("/request/key", "\(key)", "\(reference.key)"),
            ]
        }
        return says.filter { $0.saw != $0.expected }.map { field, saw, expected in
            Problem(SigningRule.otherPayment, at: field, saw: saw, expected: expected)
        }
    }

    /// Checks that each transaction has the effect that its role requires, and returns the problems. If a transaction
    /// was signed several times with different fees, all of these transactions must have the same nonce and make the
    /// same call.
    private static func companionProblems(
        _ plan: [PlannedTransaction], _ paying: UnsignedTransaction, _ payer: Address, _ takes: [TokenOutflow]
    ) -> [Problem] {
        plan.enumerated().compactMap { index, planned in
            let transaction = planned.transaction
            let first = plan.first { $0.role != .cancel && $0.transaction.nonce == transaction.nonce }?.transaction
            let isRight =
                switch planned.role {
                case .pay: transaction.nonce == paying.nonce && transaction.hasSameCall(as: paying)
                case .cancel:
                    first != nil && transaction.to == payer && transaction.value.isZero && transaction.data.isEmpty
                case .approve, .reset:
                    transaction.nonce < paying.nonce && first?.hasSameCall(as: transaction) == true
                        && isApproval(transaction, planned.role, takes)
                case .permit: false
                }
            guard !isRight else { return nil }
            return Problem(
                SigningRule.otherPayment, at: "/transactions/\(index)/raw",
                expected: planned.role == .pay
                    ? "the first call of the role pay, with nonce \(paying.nonce)"
                    : "what its role \(planned.role) does")
        }
    }

    /// Whether the transaction approves a spender that takes a token in the payment, and whether the approved amount is
    /// at most what the spender takes. For the role `reset`, the approved amount must be zero.
    private static func isApproval(
        _ transaction: UnsignedTransaction, _ role: Payment.Role, _ takes: [TokenOutflow]
    ) -> Bool {
        guard transaction.value.isZero, let (spender, amount) = ERC20.approval(in: transaction.data) else {
            return false
        }
        return takes.contains { take in
            take.token == transaction.to && take.spender == spender
                && (role == .reset ? amount.isZero : amount <= take.amount)
        }
    }

    /// The result as JSON members: `kind` and `checks`. The members `readAs` and `code`, and those of ``summary``, are
    /// added if their values are known. In `checks`, each check with problems has the member `errors`.
    ///
    /// - Parameter problem: converts one problem to JSON.
    public func json(_ problem: (Problem) -> JSONOutput) -> [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = [("kind", .string(kind))]
        if let readAs { members.append(("readAs", .string(readAs))) }
        if let code { members.append(("code", .string(code))) }
        members += summary?.members ?? []
        members.append(("checks", .array(checks.map { $0.json(problem) })))
        return members
    }
}

extension Verification {
    /// Checks a message that someone else will send in a call. The call must contain all values of the message. The
    /// signed digest must equal the digest that is computed from the call.
    static func checkMessage(
        _ permit: Payment.Permit, of payment: Payment, _ policy: Policy, _ now: Timestamp
    ) -> (own: Check, paid: RecognisedPayment?) {
        var own = Check(.transactions)
        let signed = payment.transactions[0]
        let place = "/transactions/0"
        let call = SignedCall(
            chain: payment.chain, payer: payment.from, to: permit.to, value: .zero, data: permit.data,
            name: payment.name, message: (signed.nonce, permit.domainSeparator))
        guard let read = RequestKinds.reading(call), let message = read.message else {
            own.problems.append(Problem(SigningRule.unknownCall, at: "\(place)/data"))
            return (own, nil)
        }
        own.problems += differences(payment, read)
        let says = [
            ("\(place)/hash", "\(signed.hash)", "\(message.digest)"),
            ("\(place)/signature", Hex.encode(permit.signature), Hex.encode(message.signature)),
            ("/from", "\(payment.from)", "\(message.signer)"),
        ]
        for (field, saw, expected) in says where saw != expected {
            own.problems.append(Problem(SigningRule.otherPayment, at: field, saw: saw, expected: expected))
        }
        if own.problems.isEmpty {
            own.findings.append(
                "the payer signed the permit that the call asks the token for; someone else must send it")
        }
        policy.checkDomain(
            permit.domainSeparator, of: message.token, on: payment.chain, at: "\(place)/domainSeparator", &own)
        return (own, RecognisedPayment(call, read, as: read.request, policy, now))
    }
}
