import EthereumTypes
import PaymentFiles
import TransferProtocol

/// A signed permit looked at from the call that stands beside it: what the contract will ask the token for.
struct PermittedCall {
    let intent: TransferIntent
    /// Put together again from the call alone; only nonce and domain are the file's word, and only the right ones make
    /// the digest that was signed.
    let permit: TokenPermit
    /// The one in the call.
    let signature: [UInt8]

    /// Nothing when the call is not one that takes a permit.
    init?(_ signed: Payment.Permit, nonce: UInt64) {
        guard let call = DecodedCall(signed.data), let intent = call.intent,
            let (owner, signature) = call.subsidized,
            let permit = TokenPermit(
                paying: intent, owner: owner, spender: signed.to, nonce: UInt256(nonce),
                domainSeparator: signed.domainSeparator)
        else { return nil }
        self.intent = intent
        self.permit = permit
        self.signature = signature
    }
}
