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
    /// What the payment does. `nil` for a request, and for a payment whose call Airlock does not recognise.
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
            checks = Self.check(request, policy, now)
            code = nil
            approved = nil
            summary = nil
        }
    }

    private static func check(_ subject: any Request, _ policy: Policy, _ now: Timestamp) -> [Check] {
        let request = PaymentRequest(subject, now: now, policy: policy)
        var checker = Checker(SharedRequest(request))
        checker.checkRequestAlone()
        return checker.checks
    }

    /// Checks the transactions of a payment file. The values in the file that describe the transactions are not
    /// trusted.
    private static func check(
        _ payment: Payment, _ policy: Policy, _ now: Timestamp
    ) throws -> ([Check], approved: (chain: Chain, safe: Address, hash: Hash)?, Summary?) {
        let transactions = try payment.verify()
        if let permit = payment.permit {
            let (own, read) = checkMessage(permit, of: payment, policy)
            let checks = [own] + (read.map { check($0.request, policy, now) } ?? [])
            return (checks, nil, read.map { Summary($0.request, $0, sending: .zero, policy, now) })
        }
        var own = Check(.transactions)
        own.findings.append("every transaction has the hash, nonce, chain and sender that the file says")
        var checks: [Check] = []
        var spenders: [Address] = []
        var approved: (chain: Chain, safe: Address, hash: Hash)?
        var summary: Summary?
        for (index, signed) in transactions.enumerated() where payment.transactions[index].role == .pay {
            let transaction = signed.transaction
            let call = transaction.to.map { to in
                SignedCall(
                    chain: payment.chain, payer: payment.from, to: to, value: transaction.value,
                    data: transaction.data, name: payment.name)
            }
            guard let call, let read = RequestKinds.reading(call), payment.mayPay(read.request) else {
                own.problems.append(Problem(SigningRule.unknownCall, at: "/transactions/\(index)/raw"))
                continue
            }
            own.problems += differences(payment, read)
            if let value = read.value, transaction.value != value {
                own.problems.append(
                    Problem(
                        SigningRule.otherValue, at: "/transactions/\(index)/raw", saw: "\(transaction.value)",
                        expected: "\(value)"))
            }
            spenders = read.spenders
            own.problems += currencyProblems(transaction, read.request.terms, policy, index)
            let approval = HashApproval(call, listedIn: policy.chains[payment.chain]?.section(of: HashApproval.self))
            approved = approval.map { ($0.domain.chain, $0.domain.safe, $0.hash) }
            if checks.isEmpty {
                let subject: any Request = approval ?? read.request
                checks = check(subject, policy, now)
                summary = Summary(subject, read, sending: transaction.value, policy, now)
            }
        }
        if payment.transactions.contains(where: { $0.role == .pay }) {
            own.problems += companionProblems(payment, transactions, spenders)
        } else {
            own.problems.append(
                Problem(SigningRule.unknownCall, at: "/transactions", expected: "a transaction of the role pay"))
        }
        if case .request = payment.subject, !checks.isEmpty {
            checks = checks.filter { $0.subject != .time } + [time(of: payment, now)]
        }
        return ([own] + checks, approved, summary)
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

    /// Returns a problem if the transaction sends native currency although the payment owes none, and if the policy
    /// does not list native currency among the currencies of the chain. Returns none if the policy does not list the
    /// chain.
    private static func currencyProblems(
        _ transaction: UnsignedTransaction, _ terms: Terms, _ policy: Policy, _ index: Int
    ) -> [Problem] {
        guard !transaction.value.isZero, terms.owed(of: .zero) == nil,
            let rules = policy.chains[terms.chain], rules.currencies[.zero] == nil
        else { return [] }
        return [
            Problem(
                PolicyRule.currency, at: "/transactions/\(index)/raw",
                saw: "\(transaction.value) wei of \(Address.zero)")
        ]
    }

    /// Checks that each transaction has the effect that its role requires, and returns the problems. If the payment was
    /// signed several times with different fees, all of these transactions must have the same call data and the same
    /// value.
    private static func companionProblems(
        _ payment: Payment, _ signed: [SignedTransaction], _ spenders: [Address]
    ) -> [Problem] {
        let paying = zip(payment.transactions, signed).first { $0.0.role == .pay }?.1.transaction
        return zip(payment.transactions, signed).enumerated().compactMap { index, pair in
            let (said, transaction) = (pair.0, pair.1.transaction)
            let isRight =
                switch said.role {
                case .pay: transaction.data == paying?.data && transaction.value == paying?.value
                case .cancel:
                    transaction.to == payment.from && transaction.value.isZero && transaction.data.isEmpty
                case .approve, .reset: transaction.value.isZero && isApproval(transaction.data, said.role, spenders)
                case .permit: false
                }
            guard !isRight else { return nil }
            return Problem(
                SigningRule.otherPayment, at: "/transactions/\(index)/raw", expected: "what its role \(said.role) does")
        }
    }

    /// Whether the call data is an `approve` for the spender of the payment. For the role `reset`, the approved amount
    /// must be zero.
    private static func isApproval(_ data: [UInt8], _ role: Payment.Role, _ spenders: [Address]) -> Bool {
        guard let amount = FixedBytes<32>(Array(data.suffix(32))).map({ UInt256($0) }) else { return false }
        return spenders.contains { ERC20.approve($0, amount) == data } && (role == .approve || amount.isZero)
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
        _ permit: Payment.Permit, of payment: Payment, _ policy: Policy
    ) -> (own: Check, read: RecognisedCall?) {
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
        return (own, read)
    }
}
