import EthereumTypes
import PaymentFiles
import Problems
import TransferProtocol

extension Verification {
    /// A permit that someone else is to send: what its call says counts, and only the permit that the call needs has
    /// the digest that was signed.
    static func checkPermit(
        _ permit: Payment.Permit, of payment: Payment, _ policy: Policy
    ) -> (own: Check, charge: UnverifiedCharge?) {
        var own = Check(.transactions)
        let signed = payment.transactions[0]
        let place = "/transactions/0"
        guard let call = PermittedCall(permit, nonce: signed.nonce),
            let charge = UnverifiedCharge(
                id: payment.chargeID, chain: payment.chain, contract: permit.to, sender: payment.from,
                intent: call.intent)
        else {
            own.problems.append(Problem(SigningRule.unknownCall, at: "\(place)/data"))
            return (own, nil)
        }
        own.problems += differences(payment, .subsidizedTransferToken, charge)
        let says = [
            ("\(place)/hash", "\(signed.hash)", "\(call.permit.digest)"),
            ("\(place)/signature", Hex.encode(permit.signature), Hex.encode(call.signature)),
            ("/from", "\(payment.from)", "\(call.permit.owner)"),
        ]
        for (field, saw, expected) in says where saw != expected {
            own.problems.append(Problem(SigningRule.otherPayment, at: field, saw: saw, expected: expected))
        }
        if own.problems.isEmpty {
            own.findings.append(
                "the payer signed the permit that the call asks the token for; someone else must send it")
        }
        policy.checkDomain(
            permit.domainSeparator, of: call.intent.recipientCurrency, on: payment.chain,
            at: "\(place)/domainSeparator", &own)
        return (own, charge)
    }
}
