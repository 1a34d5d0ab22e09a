import EthereumTypes
import PaymentFiles
public import Problems
public import TransferProtocol
public import Transactions

/// A payment in which nothing was refused: the only thing that can be signed, and only with a ``Consent``.
public struct ReviewedPayment: Sendable {
    public let call: PaymentCall
    public let transaction: UnsignedTransaction
    let request: PaymentRequest

    init(call: PaymentCall, transaction: UnsignedTransaction, request: PaymentRequest) {
        self.call = call
        self.transaction = transaction
        self.request = request
    }

    /// See `ComparisonCode`.
    public var code: String { ComparisonCode.code(over: [transaction.signingHash]) }

    /// Is the recipient one that the policy names?
    var recipientIsPinned: Bool {
        request.rules?.recipients?[call.charge.contents.intent.recipient] != nil
    }

    /// What the person has to type: `sign`, or the last six digits of a recipient that no policy pins.
    public var expectedAnswer: String {
        recipientIsPinned ? "sign" : String("\(call.charge.contents.intent.recipient)".suffix(6)).lowercased()
    }

    /// The question that asks for it.
    public var question: String {
        recipientIsPinned
            ? "Type sign to sign it: "
            : "No policy pins the recipient. Type the last six digits of its address to sign: "
    }
}

/// A person's or a policy's word that a reviewed payment is to be signed.
public struct Consent: Sendable {
    private init() {}

    /// What a person typed; any other answer than the expected one is a no.
    public static func typed(_ answer: String?, for payment: ReviewedPayment) throws(Problem) -> Consent {
        guard let answer else { throw Problem(SigningRule.nobodyToAsk) }
        let spaces: Set<Character> = [" ", "\t", "\r", "\n"]
        let word = String(answer.drop { spaces.contains($0) }.reversed().drop { spaces.contains($0) }.reversed())
        guard word.lowercased() == payment.expectedAnswer else { throw Problem(SigningRule.declined) }
        return Consent()
    }

    /// The policy's, where it pins recipients and caps amounts, so that nobody need be asked.
    public static func ofPolicy(for payment: ReviewedPayment) throws(Problem) -> Consent {
        let contents = payment.call.charge.contents
        let isEnough = payment.request.policy.isEnough(
            on: contents.chain, currency: contents.intent.recipientCurrency,
            spendsNative: payment.call.method.spendsNative)
        guard isEnough else {
            throw Problem(SigningRule.policyNotEnough, at: "--policy", saw: payment.request.policy.origin)
        }
        return Consent()
    }
}
