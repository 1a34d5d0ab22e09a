import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequests

/// The checks of the call that fulfils the request: the amount of native currency that the call sends, and the tokens
/// that it spends.
extension Checker {
    /// Checks whether the call would fail on chain, as far as an offline machine can know this. Errors in the request
    /// itself are not checked here, because they were found when the request was read and its author was verified.
    mutating func checkAction(_ proved: any ProvedRequest) {
        var check = Check(.contract, isBrief: isBrief)
        defer { checks.append(check) }
        guard let inputs = request.inputs else {
            check.problems.append(Problem(RequestRule.noPayer, at: .conditions))
            return
        }
        do throws(ProblemList) {
            let action = try proved.action(inputs)
            self.action = action
            check.find(all: action.call.findings)
            for take in action.call.takes where take.needsBalance { checkToken(take, &check) }
            checkSpentCurrencies(action.call.takes, &check)
        } catch { check.problems += error.problems }
    }

    /// Checks whether the payer's token balance and allowance are high enough for the token amount that the call
    /// spends.
    func checkToken(_ take: TokenOutflow, _ check: inout Check) {
        if let token = request.conditions?.token, token.address != take.token {
            check.problems.append(
                Problem(
                    SigningRule.otherToken, at: "/token/address", saw: token.address.description,
                    expected: take.token.description))
        } else if let token = request.token(take.token) {
            check.require(token.balance >= take.amount, "the token balance suffices") {
                Problem(
                    SigningRule.tokenBalance, at: "/token/balance", saw: token.balance.description,
                    expected: "\(take.amount) or more")
            }
        } else {
            let gas = signsMessageAlone ? "the sender its gas" : "its gas"
            check.warnings.append("the token balance is not known: too little would revert, and cost \(gas)")
        }
        checkAllowance(take, &check)
    }

    /// Whether a transaction that calls `approve` must be sent before the call. See
    /// ``PaymentRequest/needsApproval(_:)``.
    func needsApproval(_ take: TokenOutflow) -> Bool { request.approve && request.needsApproval(take) }

    private func checkAllowance(_ take: TokenOutflow, _ check: inout Check) {
        // If the payer's own transaction calls the token directly, the transfer requires no allowance.
        guard let spender = take.spender else { return }
        if signsMessageAlone {
            check.find("the permit is the allowance")
        } else if let approval = request.conditions?.approval, approval.spender != spender {
            check.problems.append(
                Problem(
                    SigningRule.otherSpender, at: "/approval/spender", saw: approval.spender.description,
                    expected: spender.description))
        } else if needsApproval(take) {
            check.find("approve comes first, for \(take.amount) atomic units and no more")
        } else if let allowance = request.allowance(of: spender) {
            check.require(allowance >= take.amount, "the allowance suffices") {
                Problem(
                    SigningRule.allowance, at: "/approval/allowance", saw: allowance.description,
                    expected: "\(take.amount) or more")
            }
        } else {
            check.warnings.append("the allowance is not known: too little would revert, and cost its gas")
        }
    }

    /// Checks an address that receives a token through the call, or gets an allowance to spend the token. There are two
    /// requirements:
    ///
    /// - If the policy requires that a requester signs each request, the policy's rules for the arguments of the called
    ///   function must list the address. This replaces the requester's signature, because no requester signs a request
    ///   of the kind `call`.
    /// - If the policy lists recipients, the address must be one of them. If the address only gets an allowance, the
    ///   rules for the function's arguments can list it instead.
    private func checkTaker(of take: TokenOutflow, _ rules: Policy.ChainRules, _ check: inout Check) {
        guard let taker = take.taker else { return }
        let place = take.takerPlace ?? take.place ?? terms.places.payee
        let isListed = request.judgement?.takers.contains(taker) == true
        if rules.demandsRequesters, !isListed {
            check.problems.append(
                Problem(
                    PolicyRule.requester, at: place, saw: "\(taker)",
                    expected: "a request that a requester signed, or the address under the function's arguments"))
        } else if let recipients = rules.recipients {
            let mayBeListed = if case .allowed = take.way { isListed } else { false }
            check.require(mayBeListed || recipients[taker] != nil, "whoever gets or may take it is listed") {
                Problem(PolicyRule.recipient, at: place, saw: "\(taker)")
            }
        }
    }

    /// Checks each token that the call spends although the request does not ask for it. The policy must list the token.
    /// The total amount of the token that the call spends must be within the token's cap per payment.
    func checkSpentCurrencies(_ takes: [TokenOutflow], _ check: inout Check) {
        guard let rules = request.rules else { return }
        for take in takes { checkTaker(of: take, rules, &check) }
        for spend in takes.spends where terms.owed(of: spend.currency) == nil {
            let place = takes.first { $0.token == spend.currency }?.place
            let spent = rules.currencies[spend.currency]
            check.require(spent != nil, "the token that is spent is listed") {
                Problem(
                    PolicyRule.currency, at: place ?? "/token/address", saw: spend.currency.description,
                    expected: list(Set(rules.currencies.keys)))
            }
            guard let spent, let cap = spent.perPayment else { continue }
            check.require(spend.amount <= cap, "what is spent is within its cap per payment") {
                Problem(
                    PolicyRule.perPayment, at: place ?? ArgumentPlace.value.rawValue,
                    saw: Amount.format(spend.amount, decimals: spent.decimals),
                    expected: "at most \(Amount.format(cap, decimals: spent.decimals))")
            }
        }
    }
}
