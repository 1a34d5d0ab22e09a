import EthereumTypes
import PaymentFiles
import Problems
import Secp256k1
import TransferProtocol

extension SelfCheck {
    /// The same for a permit: takes the call apart afresh, puts the permit together again from what it says, compares
    /// it with what was reviewed, recovers the owner, and has a second engine verify the signature.
    static func verify(
        _ signed: Payment.Permit, nonce: UInt64, of reviewed: TokenPermit, paying charge: UnverifiedCharge,
        publicKey: PublicKey, secondEngine: Bool = true
    ) throws(Problem) {
        guard let call = PermittedCall(signed, nonce: nonce) else { throw Problem(SelfCheckRule.notDecodable) }
        guard call.intent == charge.intent, signed.to == charge.contract, call.signature == signed.signature else {
            throw Problem(SelfCheckRule.otherCall)
        }
        guard call.permit == reviewed else { throw Problem(SelfCheckRule.otherTransaction) }
        let digest = call.permit.digest
        let signature: Signature
        let owner: Address
        do throws(SignatureError) {
            signature = try Signature(call.signature, accepting: .only27Or28)
            try signature.requireLowS()
            owner = try signature.recoverAddress(digest: digest)
        } catch {
            throw Problem(SelfCheckRule.otherSender, because: error.problems[0], at: "signature")
        }
        guard owner == charge.sender else {
            throw Problem(SelfCheckRule.otherSender, saw: owner.description, expected: charge.sender.description)
        }
        if secondEngine { try confirm(signature, of: digest, by: publicKey, at: "signature") }
    }
}
