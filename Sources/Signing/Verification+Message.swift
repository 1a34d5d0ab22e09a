import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequestKinds
import AirlockRequests

extension Verification {
    /// A message that somebody else is to send: what its call says counts, and only the message that the call needs has
    /// the digest that was signed.
    static func checkMessage(
        _ permit: Payment.Permit, of payment: Payment, _ policy: Policy
    ) -> (own: Check, request: (any Request)?) {
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
        return (own, read.request)
    }
}
