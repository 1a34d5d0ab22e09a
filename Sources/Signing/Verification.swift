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

    public var problems: [Problem] { checks.flatMap(\.problems) }

    /// Reads either of the two files, by what it says it is.
    public init(_ bytes: [UInt8], policy: Policy, now: Timestamp) throws {
        let root = try JSONDocument(bytes).root
        if root["airlock"] != nil {
            kind = "payment"
            checks = try Self.check(Payment(bytes), policy, now)
        } else {
            kind = "charge"
            checks = Self.check(try UnverifiedCharge(root), policy, now)
        }
    }

    private static func check(_ charge: UnverifiedCharge, _ policy: Policy, _ now: Timestamp) -> [Check] {
        var request = PaymentRequest(charge: charge, now: now)
        request.policy = policy
        var checker = Checker(request)
        checker.checkChargeAlone()
        return checker.checks
    }

    /// What the transactions say counts, not what the file says of them.
    private static func check(_ payment: Payment, _ policy: Policy, _ now: Timestamp) throws -> [Check] {
        let transactions = try payment.verify()
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
            let says = [
                ("/intentId", payment.intentID.description, intent.id.description),
                ("/expires", payment.expires.description, charge.deadline.description),
                ("/method", payment.method, call.method?.rawValue ?? ""),
            ]
            for (field, saw, expected) in says where saw != expected {
                own.problems.append(Problem(SigningRule.otherPayment, at: field, saw: saw, expected: expected))
            }
            if checks.isEmpty { checks = check(charge, policy, now) }
        }
        if !payment.transactions.contains(where: { $0.role == .pay }) {
            own.problems.append(
                Problem(SigningRule.unknownCall, at: "/transactions", expected: "a transaction of the role pay"))
        }
        return [own] + checks
    }

    /// `{"ok":…,"kind":…,"checks":[…]}`, with the errors where there are any.
    public var json: [(String, JSONOutput)] {
        [("kind", .string(kind)), ("checks", .array(checks.map(\.json)))]
    }
}
