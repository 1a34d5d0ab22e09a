import AirlockTokens
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockCharges

/// How a charge is to be paid: the method, what it spends, and for a swap how much of that at most.
struct PaymentMeans {
    let preparation: Preparation
    private let charge: Charge
    private let method: TransferMethod
    private let wrappedNative: Address?
    /// The call, but for the price of a swap.
    private let draft: PaymentCall

    var isSubsidized: Bool { method.isSubsidized }

    private var intent: TransferIntent { charge.contents.intent }

    /// Refuses what can be told without asking anybody.
    init(_ preparation: Preparation, _ charge: Charge) throws(ProblemList) {
        let chain = charge.contents.chain
        let currency = charge.contents.intent.recipientCurrency
        let deployment = KnownTokens.on(chain)
        let method =
            preparation.method
            ?? (currency.isZero
                ? .transferNative
                : currency == deployment?.wrappedNative ? .wrapAndTransfer : .transferTokenPreApproved)
        if method.isSubsidized, preparation.approving {
            throw ProblemList(Problem(PrepareRule.nothingApproved, at: "--approve"))
        }
        self.preparation = preparation
        self.charge = charge
        self.method = method
        wrappedNative = deployment?.wrappedNative ?? Self.wrappedNative(method, currency, preparation.token)
        if Self.needsWrappedNative(method), wrappedNative == nil {
            throw ProblemList(
                Problem(PaymentRule.wrappedNativeUnknown, at: "--token", because: BroadcastCause.tokenNotNamed))
        }
        if method.isSwap, !method.spendsNative, preparation.token == nil {
            throw ProblemList(
                Problem(PaymentRule.swapTokenUnknown, at: "--token", because: BroadcastCause.tokenNotNamed))
        }
        let isQuoted = method.isSwap && preparation.value == nil
        draft = try Self.call(
            preparation, charge, method, isQuoted ? 1 : preparation.value, preparation.poolFee, wrappedNative)
        if let token = preparation.token, token != draft.spend?.token, token != wrappedNative || !method.isSwap {
            throw ProblemList(Problem(PrepareRule.tokenNotSpent, at: "--token", saw: token.description))
        }
    }

    /// The call with all that was asked of the node for it, which the conditions then propose.
    func call(_ node: EthereumNode, _ result: inout Preparation.Result) async throws(ProblemList) -> PaymentCall {
        let owner = charge.contents.sender
        if let spend = draft.spend {
            result.conditions.token = try await TokenReader(node: node, token: spend.token).facts(of: owner)
        }
        let (value, poolFee) = try await price(node, &result)
        let call = try Self.call(preparation, charge, method, value, poolFee, wrappedNative)
        result.conditions.method = method.rawValue
        result.conditions.value = value
        result.conditions.poolFee = call.poolFee
        return call
    }

    /// What a swap may spend and in which pool; nothing for any other method.
    private func price(
        _ node: EthereumNode, _ result: inout Preparation.Result
    ) async throws(ProblemList) -> (value: UInt256?, poolFee: UInt64?) {
        guard method.isSwap else { return (nil, nil) }
        if let value = preparation.value { return (value, preparation.poolFee) }
        if let text = preparation.tokenValue, let token = result.conditions.token {
            do throws(ValueError) {
                let decimals = Int(token.decimals)
                let value = try Amount.parseToken(text, symbol: token.symbol, decimals: decimals)
                return (value, preparation.poolFee)
            } catch { throw ProblemList(error.problems.map { $0.at("--value") }) ?? ProblemList(error) }
        }
        let quote = try await quote(node)
        guard let proposal = quote.proposal else { throw ProblemList(Problem(PrepareRule.noPool)) }
        result.notes.append(
            "the cheapest pool, of fee \(quote.poolFee), wants \(quote.amountIn); 0.5 % more is proposed: "
                + "airlock sign --value \(proposal) --pool-fee \(quote.poolFee)")
        return (proposal, quote.poolFee)
    }

    private func quote(_ node: EthereumNode) async throws(ProblemList) -> Quoter.Quote {
        let contents = charge.contents
        guard let contract = preparation.quoter ?? KnownTokens.on(contents.chain)?.quoter else {
            throw ProblemList(Problem(PrepareRule.noQuoter, at: "--quoter"))
        }
        let tokenOut = intent.recipientCurrency.isZero ? wrappedNative : intent.recipientCurrency
        guard let tokenIn = draft.spend?.token ?? wrappedNative, let tokenOut else {
            throw ProblemList(
                Problem(
                    PaymentRule.wrappedNativeUnknown, at: "--value",
                    because: BroadcastCause.noPrice))
        }
        let quoter = Quoter(
            node: node, contract: contract, tokenIn: tokenIn, tokenOut: tokenOut, amountOut: contents.needed)
        let poolFees = preparation.poolFee.map { [$0] } ?? TransferMethod.poolFees
        guard let quote = try await quoter.cheapest(of: poolFees) else {
            throw ProblemList(Problem(PrepareRule.noPool, at: contract.description))
        }
        return quote
    }

    /// On a chain that is not known, who names the method says what the currency is; the simulation contradicts.
    private static func wrappedNative(_ method: TransferMethod, _ currency: Address, _ token: Address?) -> Address? {
        switch method {
        case .wrapAndTransfer: currency
        case .unwrapAndTransfer, .unwrapAndTransferPreApproved, .swapAndTransferUniswapV3Native: token
        default: nil
        }
    }

    private static func needsWrappedNative(_ method: TransferMethod) -> Bool {
        switch method {
        case .unwrapAndTransfer, .unwrapAndTransferPreApproved, .swapAndTransferUniswapV3Native: true
        default: false
        }
    }

    private static func call(
        _ preparation: Preparation, _ charge: Charge, _ method: TransferMethod, _ value: UInt256?, _ poolFee: UInt64?,
        _ wrappedNative: Address?
    ) throws(ProblemList) -> PaymentCall {
        try PaymentCall(
            paying: charge, by: method, value: value, poolFee: poolFee, wrappedNative: wrappedNative,
            tokenIn: preparation.token)
    }
}
