import AirlockEthereumTypes
public import AirlockRequests
import AirlockTokens

extension UnverifiedCharge {
    public static func reading(_ signed: SignedCall) -> ReadBack? {
        guard let call = DecodedCall(signed.data), let method = call.method, let intent = call.intent,
            let charge = UnverifiedCharge(
                id: signed.name, chain: signed.chain, contract: signed.to, sender: signed.payer, intent: intent)
        else { return nil }
        let value: UInt256? =
            method.isSwap && method.spendsNative ? nil : method.spendsNative ? charge.needed : .zero
        let spenders = [signed.to, Permit2Transfer.contract]
        guard method.isSubsidized else {
            guard signed.message == nil else { return nil }
            return ReadBack(request: charge, method: method.rawValue, value: value, spenders: spenders)
        }
        return ReadBack(
            request: charge, method: method.rawValue, value: value, spenders: spenders,
            message: permit(call, intent, signed))
    }

    /// A signed permit looked at from the call that stands beside it: put together again from what the contract will ask the
    /// token for. Only nonce and domain are the file's word, and only the right ones make the digest that was signed.
    private static func permit(
        _ call: DecodedCall, _ intent: TransferIntent, _ signed: SignedCall
    ) -> ReadBack.Message? {
        guard let said = signed.message, let (owner, signature) = call.subsidized,
            let permit = TokenPermit(
                paying: intent, owner: owner, spender: signed.to, nonce: UInt256(said.nonce),
                domainSeparator: said.domainSeparator)
        else { return nil }
        return ReadBack.Message(
            digest: permit.digest, signature: signature, signer: owner, token: intent.recipientCurrency)
    }

    public func isSame(as other: any Request) -> Bool {
        guard let other = other as? UnverifiedCharge else { return false }
        return intent == other.intent && contract == other.contract && sender == other.sender && chain == other.chain
    }
}
