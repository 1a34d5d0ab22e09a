import AirlockEthereumTypes
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests
public import AirlockStrictJSON

/// A call that was signed before, and the request that it fulfils.
struct RecognisedPayment {
    let request: PaymentRequest
    let read: RecognisedCall
    /// The native currency that the signed call sends.
    let value: UInt256
    /// The call that Airlock makes for the request. `nil` if Airlock makes none, for example because the verification
    /// of the request's author fails.
    let call: Call?
    /// The tokens that the signed call spends.
    let takes: [TokenOutflow]

    /// - Parameters:
    ///   - signed: the signed call.
    ///   - read: the request that was recognised in the signed call.
    ///   - subject: the request that the call fulfils. It is `read.request`, or the approval that the call makes.
    init(_ signed: SignedCall, _ read: RecognisedCall, as subject: any Request, _ policy: Policy, _ now: Timestamp) {
        var request = PaymentRequest(subject, now: now, policy: policy)
        if subject.hasMethods { request.method = read.method }
        if let swap = read.swap { (request.value, request.poolFee) = (swap.most, swap.poolFee) }
        let moved = RequestKinds.movement(signed)?.takes ?? []
        var inputs = request.inputs
        // When a swap is signed, the conditions name the token to spend. Here the call data names it.
        if read.swap != nil, let take = moved.first {
            inputs?.token = (address: take.token, balance: take.amount, domainSeparator: nil)
        }
        call = inputs.flatMap { try? subject.prove().action($0).call }
        takes = call?.takes ?? moved
        value = signed.value
        self.read = read
        self.request = request
    }
}

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
