import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockTokens

/// The contract call that pays a charge with a verified signature: its target, its call data and its value.
public struct PaymentCall: Hashable, Sendable {
    public let charge: Charge
    public let method: TransferMethod
    /// The native currency that the call sends. For a swap of native currency, this is the maximum that the swap is
    /// allowed to spend.
    public let value: UInt256
    /// The token amount that the call spends. `nil` if the method spends native currency.
    public let spend: TokenSpend?
    /// The fee tier of the Uniswap pool, for a swap. `nil` for other methods.
    public let poolFee: UInt64?
    /// The payer's signature of a permit. For a method that uses Permit2, the signed permit is ``permit``. For
    /// `subsidizedTransferToken`, it is the permit of the token itself. `nil` until the payer has signed, and for
    /// methods without a permit.
    public private(set) var permitSignature: [UInt8]?
    public private(set) var data: [UInt8]

    /// The payment contract that is called.
    public var to: Address { charge.contents.contract }

    /// The Permit2 permit that the payer must sign in addition to the transaction. `nil` for methods that need no such
    /// permit.
    public var permit: Permit2Transfer? {
        guard method.source == .permitted, let spend else { return nil }
        let contents = charge.contents
        return Permit2Transfer(
            chain: contents.chain, token: spend.token, amount: spend.amount, spender: to,
            nonce: UInt256(contents.intent.id), deadline: contents.intent.deadline)
    }

    /// Returns a copy of this call that contains the signature of the permit. Until the payer signs, the call data
    /// contains a placeholder of the same length.
    public func permitted(by signature: [UInt8]) -> PaymentCall {
        var call = self
        call.permitSignature = signature
        call.data = call.encoded
        return call
    }

    /// Builds the call. If the request breaks rules of the method, throws one error that lists all problems.
    ///
    /// For a swap, `value` is the maximum amount to spend. This amount comes from the user or from a price query. For
    /// other methods, `value` must be `nil`, or exactly the native currency that the call sends. `wrappedNative` is the
    /// address of the chain's wrapped native currency, or `nil` if this address is unknown. `tokenIn` is the token that
    /// the payer spends if the method swaps a token.
    public init(
        paying charge: Charge, by method: TransferMethod, value given: UInt256?, poolFee: UInt64?,
        wrappedNative: Address?, tokenIn: Address? = nil
    ) throws(ProblemList) {
        let contents = charge.contents
        let currency = contents.intent.recipientCurrency
        var problems = Self.currencyProblems(currency, method, wrappedNative, tokenIn)
        let exact = method.spendsNative ? contents.needed : .zero
        if method.isSwap, given == nil { problems.append(Problem(PaymentRule.valueMissing, at: .value)) }
        if method.isSwap, given?.isZero == true { problems.append(Problem(PaymentRule.valueZero, at: .value)) }
        if !method.isSwap, let given, given != exact {
            problems.append(
                Problem(
                    PaymentRule.valueNotExact, at: .value, saw: given.description, expected: exact.description))
        }
        if let poolFee, !method.isSwap {
            problems.append(Problem(PaymentRule.poolFeeUnused, at: .poolFee, saw: String(poolFee)))
        } else if let poolFee, !TransferMethod.poolFees.contains(poolFee) {
            problems.append(Problem(PaymentRule.unknownPoolFee, at: .poolFee, saw: String(poolFee)))
        }
        if let all = ProblemList(problems) { throw all }
        let token: Address? =
            switch method {
            case .transferNative, .wrapAndTransfer, .swapAndTransferUniswapV3Native: nil
            case .transferToken, .transferTokenPreApproved, .subsidizedTransferToken: currency
            case .unwrapAndTransfer, .unwrapAndTransferPreApproved: wrappedNative
            case .swapAndTransferUniswapV3Token, .swapAndTransferUniswapV3TokenPreApproved: tokenIn
            }
        let most = method.isSwap ? given ?? .zero : contents.needed
        self.charge = charge
        self.method = method
        self.value = method.spendsNative ? most : .zero
        self.spend = token.map { token in
            let spender = method.source == .permitted ? Permit2Transfer.contract : contents.contract
            return TokenSpend(token: token, amount: most, spender: spender)
        }
        self.poolFee = method.isSwap ? poolFee ?? TransferMethod.defaultPoolFee : nil
        self.data = []
        self.data = encoded
    }

    /// Checks the charge's currency by the same rules as the payment contract.
    private static func currencyProblems(
        _ currency: Address, _ method: TransferMethod, _ wrappedNative: Address?, _ tokenIn: Address?
    ) -> [Problem] {
        var place: String { "\(UnverifiedCharge.callData)/recipient_currency" }
        func wrong(_ expected: String) -> [Problem] {
            [
                Problem(
                    PaymentRule.incorrectCurrency, at: place, saw: currency.description,
                    expected: "\(expected) for \(method.rawValue)")
            ]
        }
        func wrapped(_ rule: (Address) -> [Problem]) -> [Problem] {
            wrappedNative.map(rule) ?? [Problem(PaymentRule.wrappedNativeUnknown, at: place)]
        }
        switch method {
        case .transferNative: return currency.isZero ? [] : wrong("the zero address")
        case .transferToken, .transferTokenPreApproved, .subsidizedTransferToken:
            return currency.isZero ? wrong("a token") : []
        case .wrapAndTransfer: return wrapped { currency == $0 ? [] : wrong("\($0)") }
        case .unwrapAndTransfer, .unwrapAndTransferPreApproved:
            return wrapped { _ in currency.isZero ? [] : wrong("the zero address") }
        case .swapAndTransferUniswapV3Native:
            return wrapped { currency.isZero || currency == $0 ? wrong("a token other than \($0)") : [] }
        case .swapAndTransferUniswapV3Token, .swapAndTransferUniswapV3TokenPreApproved:
            guard let tokenIn else { return [Problem(PaymentRule.swapTokenUnknown, at: "/token/address")] }
            return tokenIn == currency
                ? [Problem(PaymentRule.swapSameToken, at: "/token/address", saw: tokenIn.description)] : []
        }
    }
}

extension PaymentCall {
    private var encoded: [UInt8] {
        let intent = charge.contents.intent
        let selector = method.function.selector
        switch method {
        case .transferNative, .transferTokenPreApproved, .wrapAndTransfer, .unwrapAndTransferPreApproved:
            return ABIWriter.encode(selector, words: 1) { $0.append(intent) }
        case .transferToken, .unwrapAndTransfer:
            return ABIWriter.encode(selector, words: 2) { writer in
                writer.append(intent)
                append(permitTo: &writer)
            }
        case .swapAndTransferUniswapV3Native:
            return ABIWriter.encode(selector, words: 2) { writer in
                writer.append(intent)
                writer.append(poolFee ?? 0)
            }
        case .swapAndTransferUniswapV3Token:
            return ABIWriter.encode(selector, words: 3) { writer in
                writer.append(intent)
                append(permitTo: &writer)
                writer.append(poolFee ?? 0)
            }
        case .swapAndTransferUniswapV3TokenPreApproved:
            return ABIWriter.encode(selector, words: 4) { writer in
                writer.append(intent)
                writer.append(spend?.token ?? .zero)
                writer.append(spend?.amount ?? .zero)
                writer.append(poolFee ?? 0)
            }
        case .subsidizedTransferToken:
            return ABIWriter.encode(selector, words: 2) { writer in
                writer.append(intent)
                writer.tuple(words: 2) { writer in
                    writer.append(charge.contents.sender)
                    writer.append(bytes: permitBytes.span)
                }
            }
        }
    }

    /// Appends the permit, and the payer's signature of the permit, to the call data.
    private func append(permitTo writer: inout ABIWriter) {
        guard let permit else { return }
        writer.tuple(words: 7) { writer in
            writer.append(permit.token)
            writer.append(permit.amount)
            writer.append(permit.nonce)
            writer.append(permit.deadline)
            writer.append(to)
            writer.append(permit.amount)
            writer.append(bytes: permitBytes.span)
        }
    }

    /// The signature of the permit, or a placeholder. The call data costs at least as much gas with the placeholder as
    /// with any signature, so a gas estimate before signing is never too low.
    private var permitBytes: [UInt8] { permitSignature ?? [UInt8](repeating: 0xFF, count: 65) }
}

extension ABIWriter {
    mutating func append(_ intent: TransferIntent) {
        tuple(words: 10) { writer in
            writer.append(intent.recipientAmount)
            writer.append(intent.deadline)
            writer.append(intent.recipient)
            writer.append(intent.recipientCurrency)
            writer.append(intent.refundDestination)
            writer.append(intent.feeAmount)
            writer.append(intent.id)
            writer.append(intent.operator)
            writer.append(bytes: intent.signature.span)
            writer.append(bytes: intent.prefix.span)
        }
    }
}

/// The token amount that a call transfers from the payer, and the contract that needs the allowance for it.
public struct TokenSpend: Hashable, Sendable {
    public let token: Address
    /// The amount in the token's smallest unit. For a swap, this is the maximum that the contract is allowed to
    /// transfer.
    public let amount: UInt256
    /// The contract that transfers the token: the payment contract, or Permit2.
    public let spender: Address
}

/// The rules for paying a charge by a method of the payment contract. Some of them are rules of the contract itself: if
/// a call broke such a rule, the contract would revert.
public enum PaymentRule: String, Rule {
    case unknownMethod = "method.unknown"
    case incorrectCurrency = "method.incorrect-currency"
    case swapTokenUnknown = "method.swap-token-unknown"
    case swapSameToken = "method.swap-same-token"
    case wrappedNativeUnknown = "method.wrapped-native-unknown"
    case valueNotExact = "method.value-not-exact"
    case valueMissing = "method.swap-without-value"
    case valueZero = "method.swap-with-zero-value"
    case unknownPoolFee = "method.unknown-pool-fee"
    case poolFeeUnused = "method.pool-fee-without-swap"
    case noneFits = "method.none-fits"
    case price = "policy.over-price-cap"
    case tokenNotSpent = "prepare.token-not-spent"
    case nothingApproved = "prepare.nothing-to-approve"

    public var meaning: String {
        switch self {
        case .unknownMethod: "there is no such method"
        case .incorrectCurrency: "the method does not pay in the currency that the charge asks for (IncorrectCurrency)"
        case .swapTokenUnknown: "no conditions say which token is to be swapped"
        case .swapSameToken: "the token to be swapped is the one that the charge asks for"
        case .wrappedNativeUnknown: "the wrapped native currency of this chain is not known"
        case .valueNotExact: "the method sends exactly what the charge needs (InvalidNativeAmount)"
        case .valueMissing: "a swap needs to be told the most that it may spend"
        case .valueZero: "a swap cannot spend nothing"
        case .unknownPoolFee: "there is no pool of this fee"
        case .poolFeeUnused: "only a swap has a pool fee"
        case .noneFits: "no payment method can be chosen automatically"
        case .price: "the swap costs more than the policy's highest price"
        case .tokenNotSpent: "the method does not spend the token that is named"
        case .nothingApproved: "the method takes the token by a permit, and nothing is approved for it"
        }
    }
}

/// The causes why a charge cannot be paid in the requested manner. For these causes, the user gets more specific advice
/// than the general advice for the broken rule.
public enum PaymentCause: Cause {
    /// Airlock does not know the token on this chain, and the user has not named a token.
    case tokenNotNamed
    /// The price of a swap cannot be queried, because the wrapped native currency of the chain is not known.
    case noPrice
}
