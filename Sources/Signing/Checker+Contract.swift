import EthereumTypes
import PaymentFiles
import Problems
import TransferProtocol

/// What the contract would say: the method and its value, and what is taken in a token.
extension Checker {
    /// Every revert that can be told offline; those of the charge itself were found when it was read and proved.
    mutating func checkContract(_ proved: Charge) {
        var check = Check(.contract)
        defer { checks.append(check) }
        let method: TransferMethod
        do throws(Problem) { method = try request.chosenMethod() } catch {
            check.problems.append(error)
            return
        }
        do throws(ProblemList) {
            call = try PaymentCall(
                paying: proved, by: method, value: swapValue(method, &check), poolFee: poolFee(method),
                wrappedNative: request.wrappedNative, tokenIn: request.conditions?.token?.address)
            check.findings.append("\(method.rawValue) takes this currency and this value")
            if let call { checkCallData(call.data, &check) }
        } catch {
            // What stopped the value of a swap has been said; that it is missing then is no news.
            let isKnown = check.problems.contains { $0.code == PolicyRule.price.rawValue }
            check.problems += error.problems.filter { !isKnown || $0.code != PaymentRule.valueMissing.rawValue }
        }
        if let spend = call?.spend { checkToken(spend, &check) }
    }

    /// What a reader of the transaction will see has to be what the operator signed.
    func checkCallData(_ data: [UInt8], _ check: inout Check) {
        check.require(DecodedCall(data)?.intent == charge.intent, "the call data, taken apart again, says the same") {
            Problem(SelfCheckRule.otherCall)
        }
    }

    func swapValue(_ method: TransferMethod, _ check: inout Check) -> UInt256? {
        guard method == .swapAndTransferUniswapV3Native else { return request.value }
        do throws(Problem) { return try request.swapValue() } catch {
            check.problems.append(error)
            return nil
        }
    }

    /// What was typed, or what the conditions propose for a swap.
    func poolFee(_ method: TransferMethod) -> UInt64? {
        request.poolFee ?? (method.isSwap ? request.conditions?.poolFee : nil)
    }

    /// The balance and the allowance of what the call takes in a token.
    func checkToken(_ spend: TokenSpend, _ check: inout Check) {
        if let token = request.conditions?.token, token.address != spend.token {
            check.problems.append(
                Problem(
                    SigningRule.otherToken, at: "/token/address", saw: token.address.description,
                    expected: spend.token.description))
        } else if let token = request.token(spend.token) {
            check.require(token.balance >= spend.amount, "the token balance suffices") {
                Problem(
                    SigningRule.tokenBalance, at: "/token/balance", saw: token.balance.description,
                    expected: "\(spend.amount) or more")
            }
        } else {
            let gas = request.isSubsidized ? "the sender its gas" : "its gas"
            check.warnings.append("the token balance is not known: too little would revert, and cost \(gas)")
        }
        if request.isSubsidized {
            check.findings.append("the permit is the allowance")
        } else if let approval = request.conditions?.approval, approval.spender != spend.spender {
            check.problems.append(
                Problem(
                    SigningRule.otherSpender, at: "/approval/spender", saw: approval.spender.description,
                    expected: spend.spender.description))
        } else if request.needsApproval(spend) {
            check.findings.append("approve comes first, for \(spend.amount) atomic units and no more")
        } else if let allowance = request.allowance(of: spend.spender) {
            check.require(allowance >= spend.amount, "the allowance suffices") {
                Problem(
                    SigningRule.allowance, at: "/approval/allowance", saw: allowance.description,
                    expected: "\(spend.amount) or more")
            }
        } else {
            check.warnings.append("the allowance is not known: too little would revert, and cost its gas")
        }
        checkSpentCurrency(spend, &check)
    }

    /// A token that is spent in the place of the charge's has to be listed and capped as well.
    func checkSpentCurrency(_ spend: TokenSpend, _ check: inout Check) {
        guard spend.token != charge.intent.recipientCurrency, let rules = request.rules else { return }
        let spent = rules.currencies[spend.token]
        check.require(spent != nil, "the token that is spent is listed") {
            Problem(
                PolicyRule.currency, at: "/token/address", saw: spend.token.description,
                expected: list(Set(rules.currencies.keys)))
        }
        if let spent, let cap = spent.perPayment {
            check.require(spend.amount <= cap, "what is spent is within its cap per payment") {
                Problem(
                    PolicyRule.perPayment, at: "--value", saw: Amount.format(spend.amount, decimals: spent.decimals),
                    expected: "at most \(Amount.format(cap, decimals: spent.decimals))")
            }
        }
    }
}
