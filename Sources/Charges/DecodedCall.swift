public import AirlockABI
public import AirlockEthereumTypes
public import AirlockRequests
import AirlockTokens

/// A call to a known function, decoded from its call data. The call data shows what the transaction really does, even
/// if a file describes the transaction differently.
public struct DecodedCall: Hashable, Sendable {
    public let function: ABIFunction
    public let arguments: [ABIValue]
    /// The method of the payment contract that is called. `nil` if another function is called.
    public let method: TransferMethod?
    /// The intent that the call pays. `nil` if no method of the payment contract is called.
    public let intent: TransferIntent?

    /// The payer, and the payer's signature of the token's permit. The call contains them only if somebody else sends
    /// it for the payer. `nil` if the payer sends the call.
    public var subsidized: (owner: Address, signature: [UInt8])? {
        guard method == .subsidizedTransferToken, case .tuple(let parts) = arguments[1],
            case .address(let owner) = parts[0], case .bytes(let signature) = parts[1]
        else { return nil }
        return (owner, signature)
    }

    /// The function `approve` of ERC-20. It is called before a payment if the allowance is too low. The declaration is
    /// valid, so this constant is never `nil`.
    private static let approve = try? ABIFunction("function approve(address spender, uint256 amount) returns (bool)")

    /// Decodes call data. Returns `nil` if the called function is not known, or if the call data is not exactly the
    /// encoding of the decoded arguments.
    public init?(_ data: [UInt8]) {
        guard let selector = Selector(of: data.span) else { return nil }
        let method = TransferMethod.allCases.first { $0.function.selector == selector }
        guard let function = method?.function ?? Self.approve, function.selector == selector,
            let arguments = try? function.decodeCall(data), (try? function.encodeCall(arguments)) == data
        else { return nil }
        self.function = function
        self.arguments = arguments
        self.method = method
        guard method != nil else {
            intent = nil
            return
        }
        guard case .tuple(let fields)? = arguments.first, let paid = TransferIntent(fields) else { return nil }
        intent = paid
    }
}

extension TransferIntent {
    /// Makes an intent from the ten fields of the contract's tuple. Returns `nil` if the fields do not have the right
    /// types.
    init?(_ fields: [ABIValue]) {
        guard fields.count == 10, case .uint(let recipientAmount) = fields[0], case .uint(let deadline) = fields[1],
            case .address(let recipient) = fields[2], case .address(let recipientCurrency) = fields[3],
            case .address(let refundDestination) = fields[4], case .uint(let feeAmount) = fields[5],
            case .fixedBytes(let idBytes) = fields[6], let id = FixedBytes<16>(idBytes),
            case .address(let `operator`) = fields[7], case .bytes(let signature) = fields[8],
            case .bytes(let prefix) = fields[9]
        else { return nil }
        self.init(
            recipientAmount: recipientAmount, deadline: deadline, recipient: recipient,
            recipientCurrency: recipientCurrency, refundDestination: refundDestination, feeAmount: feeAmount, id: id,
            operator: `operator`, signature: signature, prefix: prefix)
    }
}

extension TransferIntent {
    /// Reads the intent directly from the call data, without building `ABIValue`s. This works only for methods whose
    /// arguments are the intent and possibly a pool fee. Returns `nil` for any other method, and if the data is not
    /// exactly the encoding of such a call.
    init?(calling method: TransferMethod, with data: [UInt8]) {
        guard method.takesOnlyIntentAndFee else { return nil }
        func read() throws(ABIError) -> TransferIntent {
            var reader = try ABIReader(data, after: method.function.selector, words: method.isSwap ? 2 : 1)
            let outside = try reader.enterTuple(words: 10)
            let intent = TransferIntent(
                recipientAmount: try reader.uint256(), deadline: try reader.uint256(),
                recipient: try reader.address(), recipientCurrency: try reader.address(),
                refundDestination: try reader.address(), feeAmount: try reader.uint256(), id: try reader.fixedBytes(),
                operator: try reader.address(), signature: try reader.bytes(), prefix: try reader.bytes())
            reader.leave(to: outside)
            if method.isSwap { _ = try reader.uint64(bits: 24) }
            try reader.finish()
            return intent
        }
        guard let intent = try? read() else { return nil }
        self = intent
    }
}

extension UnverifiedCharge {
    public static func reading(_ signed: SignedCall) -> RecognisedCall? {
        guard let call = DecodedCall(signed.data), let method = call.method, let intent = call.intent,
            let charge = UnverifiedCharge(
                id: signed.name, chain: signed.chain, contract: signed.to, sender: signed.payer, intent: intent)
        else { return nil }
        let value: UInt256? =
            method.isSwap && method.spendsNative ? nil : method.spendsNative ? charge.needed : .zero
        let effect = call.effect(by: signed.to, value: signed.value, of: signed.payer, on: signed.chain)
        guard method.isSubsidized else {
            guard signed.message == nil else { return nil }
            return RecognisedCall(
                request: charge, method: method.rawValue, value: value, effect: effect, swap: call.swap(from: signed))
        }
        return RecognisedCall(
            request: charge, method: method.rawValue, value: value, message: permit(call, intent, signed),
            effect: effect)
    }

    /// The signatures of the functions of the payment contract.
    public static var paymentFunctions: [String] { TransferMethod.allCases.map { $0.function.signature } }

    public static func function(of data: [UInt8]) -> FunctionCall? {
        DecodedCall(data).map { FunctionCall($0.function, $0.arguments) }
    }

    public static func movement(_ call: SignedCall) -> CallOutflow? {
        guard let decoded = DecodedCall(call.data), let intent = decoded.intent else { return nil }
        let take = decoded.take(from: call.payer, on: call.chain, by: call.to)
        return CallOutflow(payee: intent.recipient, takes: take.map { [$0] } ?? [])
    }

    /// Rebuilds the permit that the payment contract passes to the token, to compute the digest of the permit. The
    /// nonce and the domain separator come from the payment file, and the other values come from the call data. If the
    /// payment file is wrong, this digest differs from the digest that the payer signed.
    private static func permit(
        _ call: DecodedCall, _ intent: TransferIntent, _ signed: SignedCall
    ) -> RecognisedCall.Message? {
        guard let said = signed.message, let (owner, signature) = call.subsidized,
            let permit = TokenPermit(
                paying: intent, owner: owner, spender: signed.to, nonce: UInt256(said.nonce),
                domainSeparator: said.domainSeparator)
        else { return nil }
        return RecognisedCall.Message(
            digest: permit.digest, signature: signature, signer: owner, token: intent.recipientCurrency)
    }

    public func isSame(as other: any Request) -> Bool {
        guard let other = other as? UnverifiedCharge else { return false }
        return intent == other.intent && contract == other.contract && sender == other.sender && chain == other.chain
    }
}

extension DecodedCall {
    /// The token amount that a call of the payment contract spends from its sender. `nil` if the call spends no token
    /// of the sender. Also `nil` if the call spends the wrapped native currency of a chain that Airlock does not know.
    fileprivate func take(from sender: Address, on chain: Chain, by spender: Address) -> TokenOutflow? {
        guard let method, let intent, let needed = intent.needed else { return nil }
        func take(_ currency: Address?, _ amount: UInt256) -> TokenOutflow? {
            currency.map { TokenOutflow(token: $0, amount: amount, spender: spender) }
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

    /// The maximum amount that a swap can spend, and the pool fee of the swap. `nil` if the method does not swap.
    fileprivate func swap(from signed: SignedCall) -> (most: UInt256, poolFee: UInt64)? {
        guard let method, method.isSwap, case .uint(let tier)? = arguments.last, let poolFee = UInt64(exactly: tier)
        else { return nil }
        guard !method.spendsNative else { return (signed.value, poolFee) }
        return take(from: signed.payer, on: signed.chain, by: signed.to).map { ($0.amount, poolFee) }
    }
}
