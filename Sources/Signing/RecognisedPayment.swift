import AirlockEthereumTypes
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests

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
