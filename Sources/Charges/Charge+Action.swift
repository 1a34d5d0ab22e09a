import AirlockABI
public import AirlockDiagnostics
import AirlockEthereumTypes
public import AirlockRequests
import AirlockStrictJSON
import AirlockTokens

/// The data that the relay must query from a node before the payment is signed. Examples are the price of a swap, and
/// data about the token that the payment method spends.
extension Charge {
    public func questions(_ inputs: ActionInputs) throws(ProblemList) -> ChainQueries {
        let currency = contents.intent.recipientCurrency
        let known = KnownTokens.on(contents.chain)
        let named: TransferMethod?
        do throws(Problem) { named = try inputs.method.flatMap(TransferMethod.choice) } catch {
            throw ProblemList(error)
        }
        // If the user chose no method, assume a method that needs neither a permit nor a swap.
        let method =
            named
            ?? (currency.isZero
                ? .transferNative
                : currency == known?.wrappedNative ? .wrapAndTransfer : .transferTokenPreApproved)
        if method.isSubsidized, inputs.approves {
            throw ProblemList(Problem(PaymentRule.nothingApproved, at: .approve))
        }
        let wrappedNative = known?.wrappedNative ?? method.wrappedNative(asked: currency, named: inputs.namedToken)
        if method.needsWrappedNative, wrappedNative == nil {
            throw ProblemList(
                Problem(PaymentRule.wrappedNativeUnknown, at: .token, because: PaymentCause.tokenNotNamed))
        }
        if method.isSwap, !method.spendsNative, inputs.namedToken == nil {
            throw ProblemList(Problem(PaymentRule.swapTokenUnknown, at: .token, because: PaymentCause.tokenNotNamed))
        }
        // `PaymentCall` requires an amount for a swap. If the user gave no amount, the amount is not known yet, so pass
        // 1 instead. The other checks of `PaymentCall` do not depend on the amount.
        let value = method.isSwap ? inputs.value ?? 1 : inputs.value
        let call = try PaymentCall(
            paying: self, by: method, value: value, poolFee: inputs.poolFee, wrappedNative: wrappedNative,
            tokenIn: inputs.namedToken)
        if let token = inputs.namedToken, token != call.spend?.token, token != wrappedNative || !method.isSwap {
            throw ProblemList(Problem(PaymentRule.tokenNotSpent, at: .token, saw: token.description))
        }
        return ChainQueries(
            method: method.rawValue,
            takes: call.spend.map { TokenOutflow(token: $0.token, amount: $0.amount, spender: $0.spender) },
            swap: method.isSwap ? swap(of: call.spend?.token ?? wrappedNative, wrappedNative, inputs) : nil,
            wrappedNative: wrappedNative)
    }

    private func swap(
        of tokenIn: Address?, _ wrappedNative: Address?, _ inputs: ActionInputs
    ) -> Result<ChainQueries.Swap, Problem> {
        let currency = contents.intent.recipientCurrency
        guard let tokenIn, let tokenOut = currency.isZero ? wrappedNative : currency else {
            return .failure(Problem(PaymentRule.wrappedNativeUnknown, at: .value, because: PaymentCause.noPrice))
        }
        return .success(
            ChainQueries.Swap(
                tokenIn: tokenIn, tokenOut: tokenOut, amountOut: contents.needed,
                poolFees: inputs.poolFee.map { [$0] } ?? TransferMethod.poolFees))
    }
}

extension TransferMethod {
    /// Returns the address of the wrapped native currency on a chain that Airlock does not know. `wrapAndTransfer` pays
    /// the charge in wrapped native currency, so the address is the charge's currency. For the other methods that use
    /// wrapped native currency, it is the token that the user named. If this address is wrong, the simulation of the
    /// payment fails.
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

/// Builds the transaction or the permit that pays a charge with a verified signature.
extension Charge: ProvedRequest {
    public var findings: [String] { ["the operator signed payer, chain, contract, amounts and deadline"] }
    public var warnings: [String] { [] }

    public func action(_ inputs: ActionInputs) throws(ProblemList) -> Action {
        let method: TransferMethod
        do throws(Problem) { method = try chosenMethod(inputs) } catch { throw ProblemList(error) }
        var problems: [Problem] = []
        var value = inputs.value
        if method == .swapAndTransferUniswapV3Native {
            do throws(Problem) { value = try swapValue(inputs) } catch { problems.append(error) }
        }
        let call: PaymentCall
        do throws(ProblemList) {
            call = try PaymentCall(
                paying: self, by: method, value: value,
                poolFee: inputs.poolFee ?? (method.isSwap ? inputs.proposedPoolFee : nil),
                wrappedNative: wrappedNative(inputs), tokenIn: inputs.token?.address)
        } catch {
            // If the amount for a swap was refused above, `problems` already contains the reason. `PaymentCall` got no
            // amount in this case, and reports that the amount is missing. Omit this second problem.
            let others = error.problems.filter {
                problems.isEmpty || $0.rule as? PaymentRule != .valueMissing
            }
            throw ProblemList(problems + others) ?? error
        }
        if let all = ProblemList(problems) { throw all }
        try requireSame(call)
        return action(call, inputs)
    }

    /// Decodes the call data that was built for the payment. Throws if the call data does not contain the intent that
    /// the operator signed.
    private func requireSame(_ call: PaymentCall) throws(ProblemList) {
        let decoded =
            call.method.takesOnlyIntentAndFee
            ? TransferIntent(calling: call.method, with: call.data) : DecodedCall(call.data)?.intent
        guard decoded == contents.intent else { throw ProblemList(Problem(RequestRule.otherCall)) }
    }

    private func action(_ call: PaymentCall, _ inputs: ActionInputs) -> Action {
        if call.method.isSubsidized {
            return .message(tokenPermit(call, inputs)?.message(call), for: call.asRequested) {
                call.permitted(by: $0).asRequested
            }
        }
        guard let permit = call.permit else { return .call(call.asRequested) }
        return .messageInCall(permit.message(until: contents.deadline), call.asRequested) {
            call.permitted(by: $0).asRequested
        }
    }

    private func tokenPermit(_ call: PaymentCall, _ inputs: ActionInputs) -> TokenPermit? {
        guard let token = call.spend?.token, let measured = inputs.token, measured.address == token,
            let separator = measured.domainSeparator, let nonce = inputs.nonce
        else { return nil }
        return TokenPermit(
            paying: contents.intent, owner: contents.sender, spender: call.to, nonce: UInt256(nonce),
            domainSeparator: separator)
    }

    private func wrappedNative(_ inputs: ActionInputs) -> Address? {
        inputs.wrappedNative ?? KnownTokens.on(contents.chain)?.wrappedNative
    }

    /// Returns the method that pays the charge. Throws if no method can be chosen automatically. A swap is never chosen
    /// automatically.
    private func chosenMethod(_ inputs: ActionInputs) throws(Problem) -> TransferMethod {
        if let name = inputs.method, let method = try TransferMethod.choice(name) { return method }
        let currency = contents.intent.recipientCurrency
        if currency.isZero { return .transferNative }
        if currency == wrappedNative(inputs) { return .wrapAndTransfer }
        let enough = inputs.balance(of: currency).map { $0 >= contents.needed }
        let allowed = inputs.allowance(of: contents.contract).map { $0 >= contents.needed }
        if enough == true, allowed == true || inputs.approves { return .transferTokenPreApproved }
        func word(_ isEnough: Bool?) -> String { isEnough.map { $0 ? "sufficient" : "too low" } ?? "not known" }
        throw Problem(
            PaymentRule.noneFits, at: .method,
            expected:
                "transferTokenPreApproved with both (or an approval), or swapAndTransferUniswapV3Native with a value",
            detail: "the balance is \(word(enough)), the allowance \(word(allowed))")
    }

    /// Returns the maximum amount of native currency that a swap is allowed to spend. If the user gave an amount,
    /// returns that amount.
    ///
    /// If the user gave no amount, returns the amount that the online machine proposed. Throws if the price of the
    /// proposed amount exceeds the highest price of the policy. Returns `nil` if no amount was proposed. Also returns
    /// `nil` if the price cannot be checked, because the highest price or the decimals of the owed currency are
    /// missing.
    private func swapValue(_ inputs: ActionInputs) throws(Problem) -> UInt256? {
        if let value = inputs.value { return value }
        guard let proposed = inputs.proposedValue, let price = inputs.highestPrice, let owed = inputs.owed else {
            return nil
        }
        // Check that proposed / (needed / 10^decimals) <= price. The check is written without a division.
        let scale = (0..<owed.decimals).reduce(UInt256(1) as UInt256?) { scale, _ in scale?.multiplied(by: 10) }
        guard let left = scale.flatMap({ proposed.multiplied(by: $0) }),
            let right = price.multiplied(by: contents.needed),
            left <= right
        else {
            throw Problem(
                PaymentRule.price, at: "/value", saw: proposed.description,
                expected: "at most \(price) wei for each \(escaped(owed.symbol, limit: 16))")
        }
        return proposed
    }
}

extension PaymentCall {
    /// This call as a `Call`, the type that is common to all kinds of requests.
    fileprivate var asRequested: Call {
        var standIn: (@Sendable () throws(ProblemList) -> Call)?
        if permit != nil { standIn = { () throws(ProblemList) -> Call in try withoutPermit.asRequested } }
        let (method, poolFee) = (method, poolFee)
        return Call(
            to: to, value: value, data: data,
            takes: spend.map { [TokenOutflow(token: $0.token, amount: $0.amount, spender: $0.spender)] } ?? [],
            method: method.rawValue, isUpTo: method.isSwap, poolFee: poolFee,
            findings: [
                "\(method.rawValue) takes this currency and this value",
                "the call data, taken apart again, says the same",
            ],
            facts: method.facts(poolFee: poolFee), members: poolFee.map { [("poolFee", .string("\($0)"))] } ?? [],
            standIn: standIn)
    }

    /// A call that makes the same payment without a permit. It succeeds only if the payer has approved the payment
    /// contract to transfer the token.
    private var withoutPermit: PaymentCall {
        get throws(ProblemList) {
            try PaymentCall(
                paying: charge, by: method.withoutPermit, value: method.isSwap ? spend?.amount : nil, poolFee: poolFee,
                wrappedNative: spend?.token, tokenIn: spend?.token)
        }
    }
}

extension TransferMethod {
    fileprivate func facts(poolFee: UInt64?) -> [Fact] {
        let fee = poolFee.map { "\($0) (\(Amount.format(UInt256($0), decimals: 4)) %)" }
        return [("method", [rawValue, summary])] + (fee.map { [("pool fee", [$0])] } ?? [])
    }

    fileprivate var withoutPermit: TransferMethod {
        switch self {
        case .transferToken: .transferTokenPreApproved
        case .unwrapAndTransfer: .unwrapAndTransferPreApproved
        case .swapAndTransferUniswapV3Token: .swapAndTransferUniswapV3TokenPreApproved
        default: self
        }
    }
}

extension Permit2Transfer {
    fileprivate func message(until deadline: Timestamp) -> Message {
        Message(
            digest: digest, permit2Nonce: nonce,
            facts: [
                (
                    "permit",
                    [
                        "Permit2, PermitTransferFrom: lets the contract take this amount once",
                        "nonce \(nonce), until \(deadline)",
                    ]
                )
            ] + digests(of: (Self.domainSeparator(on: chain), structHash, digest)))
    }
}

extension TokenPermit {
    fileprivate func message(_ call: PaymentCall) -> Message {
        let token = call.spend?.token ?? .zero
        return Message(
            digest: digest, domain: (domainSeparator, token),
            nonce: UInt64(exactly: nonce).map { (token, $0) },
            facts: [
                (
                    "permit",
                    [
                        "EIP-2612, of the token: approves the contract for this amount",
                        "nonce \(nonce) of the token's permits, until \(call.charge.contents.deadline)",
                    ]
                )
            ] + digests(of: (domainSeparator, structHash, digest))
                + [("sent by", ["someone else: whoever has the call can send it, and pays its fee"])],
            members: [
                ("owner", "\(owner)"), ("spender", "\(spender)"), ("value", "\(value)"), ("nonce", "\(nonce)"),
                ("deadline", "\(deadline)"), ("domainSeparator", "\(domainSeparator)"), ("signingHash", "\(digest)"),
                ("domainHash", "\(domainSeparator)"), ("messageHash", "\(structHash)"), ("digest", "\(digest)"),
            ])
    }
}

/// The three digests of ERC-8213. The user compares them with the digests that another device shows.
private func digests(of message: (domain: Hash, structure: Hash, digest: Hash)) -> [Fact] {
    [
        ("digest", ["\(message.domain) (domainHash)"]), ("digest", ["\(message.structure) (messageHash)"]),
        ("digest", ["\(message.digest) (digest)"]),
    ]
}
