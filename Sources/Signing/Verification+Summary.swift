import AirlockEthereumTypes
import AirlockRequests
public import AirlockStrictJSON

extension Verification {
    /// What a signed payment does. It is read from the signed bytes, and not from the other values in the file.
    public struct Summary: Sendable {
        /// One sentence with the amount, the chain and the recipient. Worded as in a review.
        public let sentence: String
        /// The sentence and its values as JSON members. The members have the same names as in a review.
        public let members: [(String, JSONOutput)]

        init(_ payment: RecognisedPayment) {
            let request = payment.request
            var parts = request.opening
            if let call = payment.call {
                parts += request.spendingWords(call, isPayment: request.facts.deed == nil)
            } else if let swap = payment.read.swap {
                let most =
                    payment.takes.first.map { request.words($0.amount, of: $0.token) } ?? request.nativeWords(swap.most)
                parts.append("by a swap that may spend up to all of \(most)")
            } else if !payment.value.isZero {
                parts.append("with \(request.nativeWords(payment.value))")
            }
            sentence = parts.joined(separator: ", ") + "."
            members = [("sentence", .string(sentence))] + request.termsMembers
        }
    }
}
