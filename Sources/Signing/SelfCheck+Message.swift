import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequestKinds
import AirlockRequests
import AirlockSecp256k1

extension SelfCheck {
    /// The same for a message alone: takes the call apart afresh, puts the message together again from what it says,
    /// compares it with what was reviewed, recovers the signer, and has a second engine verify the signature.
    static func verify(
        _ signed: Payment.Permit, nonce: UInt64, of message: Message, for payment: ReviewedPayment,
        publicKey: PublicKey, secondEngine: Bool = true
    ) throws(Problem) {
        let subject = payment.request.subject
        let call = SignedCall(
            chain: payment.request.terms.chain, payer: payment.payer, to: signed.to, value: .zero, data: signed.data,
            name: subject.reference(payer: payment.payer).text, message: (nonce, signed.domainSeparator))
        guard let read = RequestKinds.reading(call), let found = read.message else {
            throw Problem(SelfCheckRule.notDecodable)
        }
        guard read.request.isSame(as: subject), found.signature == signed.signature else {
            throw Problem(RequestRule.otherCall)
        }
        guard found.digest == message.digest else { throw Problem(SelfCheckRule.otherTransaction) }
        let signature: Signature
        do throws(SignatureError) { signature = try Signature(found.signature, accepting: .only27Or28) } catch {
            throw Problem(SelfCheckRule.otherSender, because: error.problems[0], at: "signature")
        }
        try verify(
            signature, of: found.digest, from: payment.payer, publicKey: publicKey, secondEngine: secondEngine)
    }
}
