import AirlockEthereumTypes
import AirlockPolicies
import AirlockRequests
public import AirlockStrictJSON

extension Verification {
    /// What a signed payment does. It is read from the signed bytes, and not from the other values in the file.
    public struct Summary: Sendable {
        /// One sentence with the amount, the chain and the recipient. It has the words of the sentence in a review.
        public let sentence: String
        /// The sentence and its values as JSON members. They have the names that they have in a review.
        public let members: [(String, JSONOutput)]

        /// - Parameters:
        ///   - subject: the request that the call fulfils. It is `read.request`, or the approval that the call makes.
        ///   - read: the signed call.
        ///   - value: the native currency that the signed call sends.
        init(
            _ subject: any Request, _ read: RecognisedCall, sending value: UInt256, _ policy: Policy, _ now: Timestamp
        ) {
            var request = PaymentRequest(subject, now: now, policy: policy)
            if subject.hasMethods { request.method = read.method }
            if let swap = read.swap { (request.value, request.poolFee) = (swap.most, swap.poolFee) }
            let call = request.inputs.flatMap { inputs in
                try? request.subject.prove().action(inputs).call
            }
            var parts = request.opening
            if let call {
                parts += request.spendingWords(call, isPayment: request.facts.deed == nil)
            } else if let swap = read.swap {
                // The signed call does not name the token that the swap spends, so the call cannot be built again.
                parts.append("by a swap that may spend up to all of \(swap.most) atomic units of another token")
            } else if !value.isZero {
                parts.append("with \(request.nativeWords(value))")
            }
            sentence = parts.joined(separator: ", ") + "."
            members = [("sentence", .string(sentence))] + request.termsMembers
        }
    }
}
