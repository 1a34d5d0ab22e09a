import AirlockABI
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
        let effect = call.effect(by: signed.to, value: signed.value, of: signed.payer, on: signed.chain)
        guard method.isSubsidized else {
            guard signed.message == nil else { return nil }
            return ReadBack(
                request: charge, method: method.rawValue, value: value, spenders: spenders, effect: effect,
                swap: call.swap(from: signed))
        }
        return ReadBack(
            request: charge, method: method.rawValue, value: value, spenders: spenders,
            message: permit(call, intent, signed), effect: effect)
    }

    public static func function(of data: [UInt8]) -> FunctionCall? {
        DecodedCall(data).map { FunctionCall($0.function, $0.arguments) }
    }

    public static func movement(_ call: SignedCall) -> Movement? {
        guard let decoded = DecodedCall(call.data), let intent = decoded.intent else { return nil }
        let take = decoded.take(from: call.payer, on: call.chain, by: call.to)
        return Movement(payee: intent.recipient, takes: take.map { [$0] } ?? [])
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

extension DecodedCall {
    /// What a call of the payment contract takes from its sender in a token.
    fileprivate func take(from sender: Address, on chain: Chain, by spender: Address) -> Take? {
        guard let method, let intent, let needed = intent.needed else { return nil }
        func take(_ currency: Address?, _ amount: UInt256) -> Take? {
            currency.map { Take(token: $0, amount: amount, spender: spender) }
        }
        switch method {
        case .transferNative, .wrapAndTransfer, .swapAndTransferUniswapV3Native: return nil
        case .transferToken, .transferTokenPreApproved: return take(intent.recipientCurrency, needed)
        case .unwrapAndTransfer, .unwrapAndTransferPreApproved:
            return take(KnownTokens.on(chain)?.wrappedNative, needed)
        case .subsidizedTransferToken:
            return subsidized?.owner == sender ? take(intent.recipientCurrency, needed) : nil
        case .swapAndTransferUniswapV3TokenPreApproved:
            guard case .address(let token) = arguments[1], case .uint(let most) = arguments[2] else { return nil }
            return take(token, most)
        case .swapAndTransferUniswapV3Token:
            guard case .tuple(let parts) = arguments[1], case .tuple(let permit) = parts[0],
                case .tuple(let permitted) = permit[0], case .address(let token) = permitted[0],
                case .uint(let most) = permitted[1]
            else { return nil }
            return take(token, most)
        }
    }

    /// What a person chose of a swap; `nil` where nothing is swapped.
    fileprivate func swap(from signed: SignedCall) -> (most: UInt256, poolFee: UInt64)? {
        guard let method, method.isSwap, case .uint(let tier)? = arguments.last, let poolFee = UInt64(exactly: tier)
        else { return nil }
        guard !method.spendsNative else { return (signed.value, poolFee) }
        return take(from: signed.payer, on: signed.chain, by: signed.to).map { ($0.amount, poolFee) }
    }
}
