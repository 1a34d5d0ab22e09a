public import Problems
import TransferProtocol

/// A person's or a policy's word that a reviewed payment is to be signed.
public struct Consent: Sendable {
    private init() {}

    /// What a person typed; any other answer than the expected one is a no.
    public static func typed(_ answer: String?, for payment: ReviewedPayment) throws(Problem) -> Consent {
        guard let answer else { throw Problem(SigningRule.nobodyToAsk) }
        // By scalars, since the end of a line in CRLF is one character to Swift, and another than CR or LF.
        let words = answer.unicodeScalars.split { [" ", "\t", "\r", "\n"].contains($0) }
        guard words.count == 1, String(words[0]).lowercased() == payment.expectedAnswer else {
            throw Problem(SigningRule.declined)
        }
        return Consent()
    }

    /// The policy's, where it pins recipients and caps amounts, so that nobody need be asked.
    public static func ofPolicy(for payment: ReviewedPayment) throws(Problem) -> Consent {
        let isEnough = payment.request.policy.isEnough(
            on: payment.request.charge.chain, spends: payment.request.spends(payment.call))
        guard isEnough else {
            throw Problem(SigningRule.policyNotEnough, at: "--policy", saw: payment.request.policy.origin)
        }
        return Consent()
    }
}
