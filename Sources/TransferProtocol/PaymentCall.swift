import ABI
public import EthereumTypes
public import Problems

/// A call of the contract that pays a proved charge: whom to call, with what data and value.
public struct PaymentCall: Hashable, Sendable {
    public let charge: Charge
    public let method: TransferMethod
    /// What is sent in native currency; for a swap, the most that may be spent.
    public let value: UInt256
    /// The Uniswap fee tier, for a swap.
    public let poolFee: UInt64?
    public let data: [UInt8]

    /// The contract that is called.
    public var to: Address { charge.contents.contract }

    /// Builds the call, or says every rule of the method that is broken.
    ///
    /// - Parameters:
    ///   - value: what a person or a quote gave; only a swap leaves a choice.
    ///   - wrappedNative: the chain's wrapped native currency, where it is known.
    public init(
        paying charge: Charge, by method: TransferMethod, value given: UInt256?, poolFee: UInt64?,
        wrappedNative: Address?
    ) throws(ProblemList) {
        let contents = charge.contents
        var problems = Self.currencyProblems(contents.intent.recipientCurrency, method, wrappedNative)
        let isSwap = method == .swapAndTransferUniswapV3Native
        let exact = method.spendsNative ? contents.needed : .zero
        if isSwap, given == nil { problems.append(Problem(PaymentRule.valueMissing, at: "--value")) }
        if isSwap, given?.isZero == true { problems.append(Problem(PaymentRule.valueZero, at: "--value")) }
        if !isSwap, let given, given != exact {
            problems.append(
                Problem(
                    PaymentRule.valueNotExact, at: "--value", saw: given.description, expected: exact.description))
        }
        if let poolFee, !isSwap {
            problems.append(Problem(PaymentRule.poolFeeUnused, at: "--pool-fee", saw: String(poolFee)))
        } else if let poolFee, !TransferMethod.poolFees.contains(poolFee) {
            problems.append(Problem(PaymentRule.unknownPoolFee, at: "--pool-fee", saw: String(poolFee)))
        }
        if let all = ProblemList(problems) { throw all }
        self.charge = charge
        self.method = method
        self.value = isSwap ? given ?? .zero : exact
        self.poolFee = isSwap ? poolFee ?? TransferMethod.defaultPoolFee : nil
        self.data = Self.encode(contents.intent, method, self.poolFee)
    }

    /// The contract's own currency rules.
    private static func currencyProblems(
        _ currency: Address, _ method: TransferMethod, _ wrappedNative: Address?
    ) -> [Problem] {
        let place = "\(UnverifiedCharge.callData)/recipient_currency"
        func wrong(_ expected: String) -> [Problem] {
            [Problem(PaymentRule.incorrectCurrency, at: place, saw: currency.description, expected: expected)]
        }
        switch method {
        case .transferNative: return currency.isZero ? [] : wrong("the zero address for \(method.rawValue)")
        case .transferTokenPreApproved: return currency.isZero ? wrong("a token for \(method.rawValue)") : []
        case .wrapAndTransfer, .swapAndTransferUniswapV3Native:
            guard let wrappedNative else { return [Problem(PaymentRule.wrappedNativeUnknown, at: place)] }
            if method == .wrapAndTransfer {
                return currency == wrappedNative ? [] : wrong("\(wrappedNative) for \(method.rawValue)")
            }
            return currency.isZero || currency == wrappedNative
                ? wrong("a token other than \(wrappedNative) for \(method.rawValue)") : []
        }
    }

    private static func encode(_ intent: TransferIntent, _ method: TransferMethod, _ poolFee: UInt64?) -> [UInt8] {
        ABIWriter.encode(method.function.selector, words: poolFee == nil ? 1 : 2) { writer in
            writer.append(intent)
            if let poolFee { writer.append(poolFee) }
        }
    }
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
