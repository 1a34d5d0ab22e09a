import AirlockPolicies
public import AirlockDiagnostics
import AirlockRequests

/// A reviewed payment to which a person or a policy has consented: the only thing that can be signed.
///
/// The payment is inside the consent, so that a consent to one payment cannot sign another.
public struct ConsentedPayment: Sendable {
    /// What was consented to.
    public let payment: ReviewedPayment

    private init(_ payment: ReviewedPayment) { self.payment = payment }

    /// A person's consent: what was typed must be the expected answer; any other answer declines.
    public static func typed(_ answer: String?, for payment: ReviewedPayment) throws(Problem) -> ConsentedPayment {
        guard let answer else { throw Problem(SigningRule.nobodyToAsk) }
        // By scalars, since the end of a line in CRLF is one character to Swift, and another than CR or LF.
        let words = answer.unicodeScalars.split { [" ", "\t", "\r", "\n"].contains($0) }
        guard words.map({ String($0).lowercased() }) == payment.expectedWords else {
            throw Problem(SigningRule.declined)
        }
        return ConsentedPayment(payment)
    }

    /// The policy's consent, where the policy decides everything, so that nobody need be asked.
    public static func ofPolicy(for payment: ReviewedPayment) throws(Problem) -> ConsentedPayment {
        let missing = payment.openPoints.map { $0.policyMember(on: payment.request.terms.chain) }
        guard missing.isEmpty else {
            throw Problem(
                SigningRule.policyNotEnough, at: .policy, saw: payment.request.policy.origin,
                expected: "one with \(missing.joined(separator: ", "))")
        }
        return ConsentedPayment(payment)
    }
}
