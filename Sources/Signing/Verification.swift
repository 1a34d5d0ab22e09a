public import EthereumTypes
import PaymentFiles
public import Problems
public import StrictJSON
import Transactions
import TransferProtocol

/// A charge, or a payment that was signed before, checked again without a key.
public struct Verification: Sendable {
    public let kind: String
    public let checks: [Check]
    /// The comparison code of a payment, computed from its bytes.
    public let code: String?

    public var problems: [Problem] { checks.flatMap(\.problems) }

    /// Reads either of the two files, by what it says it is.
    public init(_ bytes: [UInt8], policy: Policy, now: Timestamp) throws {
        let root = try JSONDocument(bytes).root
        if root["airlock"] != nil {
            let payment = try Payment(bytes)
            kind = "payment"
            checks = try Self.check(payment, policy, now)
            // The check has compared it with the code over the signing hashes.
            code = payment.code
        } else {
            kind = "charge"
            checks = Self.check(try UnverifiedCharge(root), policy, now)
            code = nil
        }
    }

    private static func check(_ charge: UnverifiedCharge, _ policy: Policy, _ now: Timestamp) -> [Check] {
        var request = PaymentRequest(charge: charge, now: now)
        request.policy = policy
        var checker = Checker(Shared(request))
        checker.checkChargeAlone()
        return checker.checks
    }

    /// What the transactions say counts, not what the file says of them.
    private static func check(_ payment: Payment, _ policy: Policy, _ now: Timestamp) throws -> [Check] {
        let transactions = try payment.verify()
        if let permit = payment.permit {
            let (own, charge) = checkPermit(permit, of: payment, policy)
            return [own] + (charge.map { check($0, policy, now) } ?? [])
        }
        var own = Check(.transactions)
        own.findings.append("every transaction has the hash, nonce, chain and sender that the file says")
        var checks: [Check] = []
        for (index, signed) in transactions.enumerated() where payment.transactions[index].role == .pay {
            let transaction = signed.transaction
            guard let call = DecodedCall(transaction.data), let intent = call.intent, let contract = transaction.to,
                let charge = UnverifiedCharge(
                    id: payment.chargeID, chain: payment.chain, contract: contract, sender: payment.from,
                    intent: intent)
            else {
                own.problems.append(Problem(SigningRule.unknownCall, at: "/transactions/\(index)/raw"))
                continue
            }
            if let method = call.method {
                own.problems += differences(payment, method, charge)
                own.problems += valueProblems(transaction, method, charge, index)
                own.problems += currencyProblems(transaction, charge, policy, index)
            }
            if checks.isEmpty { checks = check(charge, policy, now) }
        }
        if payment.transactions.contains(where: { $0.role == .pay }) {
            own.problems += companionProblems(payment, transactions)
        } else {
            own.problems.append(
                Problem(SigningRule.unknownCall, at: "/transactions", expected: "a transaction of the role pay"))
        }
        return [own] + checks
    }

    /// Where the file says something else of the payment than its call does.
    static func differences(_ payment: Payment, _ method: TransferMethod, _ charge: UnverifiedCharge) -> [Problem] {
        let says = [
            ("/intentId", payment.intentID.description, charge.intent.id.description),
            ("/expires", payment.expires.description, charge.deadline.description),
            ("/method", payment.method, method.rawValue),
        ]
        return says.filter { $0.1 != $0.2 }.map { field, saw, expected in
            Problem(SigningRule.otherPayment, at: field, saw: saw, expected: expected)
        }
    }

    /// What a payment sends in native currency: exactly what is needed, nothing, or any amount for a swap.
    private static func valueProblems(
        _ transaction: UnsignedTransaction, _ method: TransferMethod, _ charge: UnverifiedCharge, _ index: Int
    ) -> [Problem] {
        guard !method.isSwap || !method.spendsNative else { return [] }
        let expected = method.spendsNative ? charge.needed : .zero
        guard transaction.value != expected else { return [] }
        return [
            Problem(
                PaymentRule.valueNotExact, at: "/transactions/\(index)/raw", saw: "\(transaction.value)",
                expected: "\(expected)")
        ]
    }

    /// Native currency that is spent for a token is listed, as the token is.
    private static func currencyProblems(
        _ transaction: UnsignedTransaction, _ charge: UnverifiedCharge, _ policy: Policy, _ index: Int
    ) -> [Problem] {
        guard !transaction.value.isZero, !charge.intent.recipientCurrency.isZero,
            let rules = policy.chains[charge.chain], rules.currencies[.zero] == nil
        else { return [] }
        return [
            Problem(
                PolicyRule.currency, at: "/transactions/\(index)/raw",
                saw: "\(transaction.value) wei of \(Address.zero)")
        ]
    }

    /// What stands beside the payment does what its role says, and every rung pays the same.
    private static func companionProblems(_ payment: Payment, _ signed: [SignedTransaction]) -> [Problem] {
        let paying = zip(payment.transactions, signed).first { $0.0.role == .pay }?.1.transaction
        return zip(payment.transactions, signed).enumerated().compactMap { index, pair in
            let (said, transaction) = (pair.0, pair.1.transaction)
            let isRight =
                switch said.role {
                case .pay: transaction.data == paying?.data && transaction.value == paying?.value
                case .cancel:
                    transaction.to == payment.from && transaction.value.isZero && transaction.data.isEmpty
                case .approve, .reset: transaction.value.isZero && isApproval(transaction.data, said.role, paying?.to)
                case .permit: false
                }
            guard !isRight else { return nil }
            return Problem(
                SigningRule.otherPayment, at: "/transactions/\(index)/raw", expected: "what its role \(said.role) does")
        }
    }

    /// `approve` of the payment contract or Permit2, and of nothing at all for a reset.
    private static func isApproval(_ data: [UInt8], _ role: Payment.Role, _ contract: Address?) -> Bool {
        guard let contract, let amount = FixedBytes<32>(Array(data.suffix(32))).map({ UInt256($0) }) else {
            return false
        }
        return [contract, Permit2Transfer.contract].contains { Plan.approval(of: $0, amount) == data }
            && (role == .approve || amount.isZero)
    }

    /// `{"ok":…,"kind":…,"checks":[…]}`, with the errors where there are any.
    public var json: [(String, JSONOutput)] {
        [("kind", .string(kind))] + (code.map { [("code", .string($0))] } ?? []) + [
            ("checks", .array(checks.map(\.json)))
        ]
    }
}
