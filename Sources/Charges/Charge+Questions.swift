public import AirlockDiagnostics
import AirlockEthereumTypes
public import AirlockRequests
import AirlockTokens

/// What the chain has to be asked before a charge can be paid: the token that the method spends, and the price of a swap.
extension Charge {
    public func questions(_ means: Means) throws(ProblemList) -> Questions {
        let currency = contents.intent.recipientCurrency
        let known = KnownTokens.on(contents.chain)
        let named: TransferMethod?
        do throws(Problem) { named = try means.method.flatMap(TransferMethod.choice) } catch {
            throw ProblemList(error)
        }
        // Whoever names no method prepares the one that needs nothing else.
        let method =
            named
            ?? (currency.isZero
                ? .transferNative
                : currency == known?.wrappedNative ? .wrapAndTransfer : .transferTokenPreApproved)
        if method.isSubsidized, means.approves {
            throw ProblemList(Problem(PaymentRule.nothingApproved, at: .approve))
        }
        let wrappedNative = known?.wrappedNative ?? method.wrappedNative(asked: currency, named: means.namedToken)
        if method.needsWrappedNative, wrappedNative == nil {
            throw ProblemList(
                Problem(PaymentRule.wrappedNativeUnknown, at: .token, because: PaymentCause.tokenNotNamed))
        }
        if method.isSwap, !method.spendsNative, means.namedToken == nil {
            throw ProblemList(Problem(PaymentRule.swapTokenUnknown, at: .token, because: PaymentCause.tokenNotNamed))
        }
        // What a swap will spend is not known yet: any amount shows whether the rest is right.
        let value = method.isSwap ? means.value ?? 1 : means.value
        let call = try PaymentCall(
            paying: self, by: method, value: value, poolFee: means.poolFee, wrappedNative: wrappedNative,
            tokenIn: means.namedToken)
        if let token = means.namedToken, token != call.spend?.token, token != wrappedNative || !method.isSwap {
            throw ProblemList(Problem(PaymentRule.tokenNotSpent, at: .token, saw: token.description))
        }
        return Questions(
            method: method.rawValue,
            takes: call.spend.map { Take(token: $0.token, amount: $0.amount, spender: $0.spender) },
            swap: method.isSwap ? swap(of: call.spend?.token ?? wrappedNative, wrappedNative, means) : nil,
            wrappedNative: wrappedNative)
    }

    private func swap(
        of tokenIn: Address?, _ wrappedNative: Address?, _ means: Means
    ) -> Result<Questions.Swap, Problem> {
        let currency = contents.intent.recipientCurrency
        guard let tokenIn, let tokenOut = currency.isZero ? wrappedNative : currency else {
            return .failure(Problem(PaymentRule.wrappedNativeUnknown, at: .value, because: PaymentCause.noPrice))
        }
        return .success(
            Questions.Swap(
                tokenIn: tokenIn, tokenOut: tokenOut, amountOut: contents.needed,
                poolFees: means.poolFee.map { [$0] } ?? TransferMethod.poolFees))
    }
}

extension TransferMethod {
    /// On a chain that is not known, who names the method says what the currency is; the simulation contradicts.
    fileprivate func wrappedNative(asked currency: Address, named token: Address?) -> Address? {
        self == .wrapAndTransfer ? currency : needsWrappedNative ? token : nil
    }

    fileprivate var needsWrappedNative: Bool {
        switch self {
        case .unwrapAndTransfer, .unwrapAndTransferPreApproved, .swapAndTransferUniswapV3Native: true
        default: false
        }
    }
}
