import EthereumTypes
import PaymentFiles
import Problems
import TransferProtocol
import Transactions

/// Makes the checks of a review, one after the other; none of them stops the next.
struct Checker {
    let request: PaymentRequest
    private(set) var checks: [Check] = []
    private(set) var call: PaymentCall?
    private(set) var plan: [PlannedTransaction] = []

    private var charge: UnverifiedCharge { request.charge }

    init(_ request: PaymentRequest) { self.request = request }

    mutating func checkAll(withLedger: Bool) {
        checkCharge()
        let proved = checkSignature()
        checkPolicy()
        checkTime()
        checkKey()
        if let proved { checkContract(proved) }
        checkMoney()
        guard withLedger else { return }
        var check = Check(.ledger)
        LedgerCheck(request: request, call: call, plan: plan).add(to: &check, request.ledger)
        checks.append(check)
    }

    /// What can be checked of a charge that nobody is about to pay.
    mutating func checkChargeAlone() {
        checkCharge()
        _ = checkSignature()
        checkPolicy()
        checkTime()
    }

    /// The form was read before there was a request: it remains to be said.
    private mutating func checkCharge() {
        var check = Check(.charge)
        check.findings.append("strict JSON, and every field that is used is there and well-formed")
        if let chain = request.chain, chain != charge.chain {
            check.problems.append(
                Problem(
                    SigningRule.otherChain, at: "--chain", saw: chain.description, expected: charge.chain.description))
        }
        if let conditions = request.conditions {
            check.require(conditions.chain == charge.chain, "the conditions are of its chain") {
                Problem(
                    SigningRule.otherChain, at: "/chainId", saw: conditions.chain.description,
                    expected: charge.chain.description)
            }
            check.require(conditions.sender == charge.sender, "the conditions are of its payer") {
                Problem(
                    SigningRule.otherSender, at: "/sender", saw: conditions.sender.description,
                    expected: charge.sender.description)
            }
        }
        checks.append(check)
    }

    private mutating func checkSignature() -> Charge? {
        var check = Check(.signature)
        defer { checks.append(check) }
        do throws(ProblemList) {
            let proved = try Charge(verifying: charge)
            check.findings.append("the operator signed payer, chain, contract, amounts and deadline")
            return proved
        } catch {
            check.problems += error.problems
            return nil
        }
    }

    private mutating func checkPolicy() {
        var check = Check(.policy)
        defer { checks.append(check) }
        let place = UnverifiedCharge.callData
        guard let rules = request.rules else {
            check.problems.append(
                Problem(
                    PolicyRule.chain, at: "\(UnverifiedCharge.metadata)/chain_id", saw: charge.chain.description,
                    expected: request.policy.chains.keys.map(\.id).sorted().map(String.init).joined(separator: ", ")))
            return
        }
        let intent = charge.intent
        check.require(rules.contracts.contains(charge.contract), "the contract is listed") {
            Problem(
                PolicyRule.contract, at: "\(UnverifiedCharge.metadata)/contract_address",
                saw: charge.contract.description, expected: list(rules.contracts))
        }
        check.require(rules.operators.contains(intent.operator), "the operator is listed") {
            Problem(
                PolicyRule.operator, at: "\(place)/operator", saw: intent.operator.description,
                expected: list(rules.operators))
        }
        if let recipients = rules.recipients {
            check.require(recipients[intent.recipient] != nil, "the recipient is listed") {
                Problem(PolicyRule.recipient, at: "\(place)/recipient", saw: intent.recipient.description)
            }
        } else {
            check.warnings.append("no policy pins the recipient: compare it with what the merchant told you")
        }
        check.require(rules.currencies[intent.recipientCurrency] != nil, "the currency is listed") {
            Problem(
                PolicyRule.currency, at: "\(place)/recipient_currency", saw: intent.recipientCurrency.description,
                expected: list(Set(rules.currencies.keys)))
        }
        if let currency = request.currency, let cap = currency.perPayment {
            check.require(charge.needed <= cap, "within the cap per payment") {
                Problem(
                    PolicyRule.perPayment, at: "\(place)/recipient_amount",
                    saw: Amount.format(charge.needed, decimals: currency.decimals),
                    expected: "at most \(Amount.format(cap, decimals: currency.decimals)), the fee included")
            }
        }
    }

    private func list(_ addresses: Set<Address>) -> String {
        addresses.isEmpty
            ? "none: the policy lists none" : addresses.map(\.description).sorted().joined(separator: ", ")
    }

    private mutating func checkTime() {
        var check = Check(.time)
        if let expiry = charge.expiry(at: request.now) {
            check.problems.append(expiry)
        } else {
            check.findings.append("the deadline \(charge.deadline) has not passed at \(request.now)")
        }
        if let block = request.conditions?.block {
            if let expiry = charge.expiry(at: block.timestamp), request.now <= charge.deadline {
                check.problems.append(expiry)
            }
            checkAge(of: block.timestamp, &check)
        }
        checks.append(check)
    }

    private func checkAge(of measured: Timestamp, _ check: inout Check) {
        // A clock a few minutes off is normal.
        let tolerance: UInt64 = 900
        let now = request.now.seconds
        guard measured.seconds <= now || measured.seconds - now <= tolerance else {
            let problem = Problem(
                SigningRule.conditionsFromFuture, at: "/block/timestamp", saw: measured.description,
                expected: "\(request.now) or earlier")
            if request.policy.maxConditionsAge == nil {
                check.warnings.append("\(problem.message): is this machine's clock right?")
            } else {
                check.problems.append(problem)
            }
            return
        }
        let age = now - min(now, measured.seconds)
        if let limit = request.policy.maxConditionsAge {
            check.require(age <= limit, "the conditions are \(age) s old, and may be \(limit) s") {
                Problem(
                    SigningRule.conditionsTooOld, at: "/block/timestamp", saw: "\(age) s old",
                    expected: "at most \(limit) s")
            }
        }
    }

    private mutating func checkKey() {
        var check = Check(.key)
        if let key = request.key {
            check.require(key == charge.sender, "the key is the payer's") {
                Problem(
                    SigningRule.wrongKey, at: "\(UnverifiedCharge.metadata)/sender", saw: key.description,
                    expected: charge.sender.description)
            }
        } else {
            check.findings.append("not read: a review needs none")
        }
        checks.append(check)
    }

    /// Every revert that can be told offline; those of the charge itself were found when it was read and proved.
    private mutating func checkContract(_ proved: Charge) {
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

    private func swapValue(_ method: TransferMethod, _ check: inout Check) -> UInt256? {
        guard method == .swapAndTransferUniswapV3Native else { return request.value }
        do throws(Problem) { return try request.swapValue() } catch {
            check.problems.append(error)
            return nil
        }
    }

    /// What was typed, or what the conditions propose for a swap.
    private func poolFee(_ method: TransferMethod) -> UInt64? {
        request.poolFee ?? (method.isSwap ? request.conditions?.poolFee : nil)
    }

    /// The balance and the allowance of what the call takes in a token.
    private func checkToken(_ spend: TokenSpend, _ check: inout Check) {
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
            check.warnings.append("the token balance is not known: too little would revert, and cost its gas")
        }
        if let approval = request.conditions?.approval, approval.spender != spend.spender {
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
    private func checkSpentCurrency(_ spend: TokenSpend, _ check: inout Check) {
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

    private mutating func checkMoney() {
        var check = Check(.money)
        defer { checks.append(check) }
        check.problems += missingValues
        guard let call, let plan = makePlan(call, &check) else { return }
        self.plan = plan
        for planned in plan { check.problems += planned.transaction.problems.map { placed($0, planned.role) } }
        let gas = plan.map(\.transaction.gas).max() ?? 0
        check.require(gas <= Self.mostGas, "the gas is between what any call costs and what a block takes") {
            Problem(SigningRule.gasAboveLimit, at: gasPlace, saw: "\(gas)", expected: "at most \(Self.mostGas)")
        }
        guard let networkFee = plan.worstNetworkFee, let cost = networkFee.adding(call.value) else {
            // A transaction whose own fee is too much has said so.
            if plan.allSatisfy({ $0.transaction.maxNetworkFee != nil }) {
                check.problems.append(Problem(SigningRule.overflow, at: feePlace))
            }
            return
        }
        let l1Fee = request.conditions?.l1Fee ?? .zero
        guard let total = plan.l1Fee(l1Fee).flatMap({ cost.adding($0) }) else {
            check.problems.append(Problem(SigningRule.overflow, at: "/l1Fee", saw: l1Fee.description))
            return
        }
        checkCaps(&check, value: call.value, networkFee: networkFee)
        if let balance = request.conditions?.nativeBalance {
            check.require(total <= balance, "the native balance covers value and worst fee") {
                Problem(
                    SigningRule.nativeBalance, at: "/nativeBalance", saw: balance.description,
                    expected: "\(total) wei or more")
            }
        } else {
            check.warnings.append("the native balance is not known")
        }
    }

    /// The transactions, where all their values are known.
    private func makePlan(_ call: PaymentCall, _ check: inout Check) -> [PlannedTransaction]? {
        guard let nonce = request.effectiveNonce, let gas = request.effectiveGas,
            let maxFee = request.effectiveMaxFee, let priorityFee = request.effectivePriorityFee
        else { return nil }
        var steps: [Plan.Step] = []
        if let spend = call.spend, request.needsApproval(spend) {
            guard let approveGas = request.conditions?.approveGas else { return nil }
            func step(_ role: Payment.Role, _ amount: UInt256) -> Plan.Step {
                let data = Plan.approval(of: spend.spender, amount)
                return Plan.Step(role: role, to: spend.token, value: .zero, data: data, gas: approveGas)
            }
            if request.conditions?.approval?.resetFirst == true, request.allowance(of: spend.spender)?.isZero != true {
                steps.append(step(.reset, .zero))
            }
            steps.append(step(.approve, spend.amount))
        }
        steps.append(Plan.Step(role: .pay, to: call.to, value: call.value, data: call.data, gas: gas))
        let terms = Plan.Terms(
            chain: charge.chain, from: charge.sender, nonce: nonce, maxFee: maxFee, priorityFee: priorityFee,
            rungs: request.rungs, cancels: request.cancel)
        guard let plan = Plan(steps, terms) else {
            check.problems.append(Problem(SigningRule.overflow, at: feePlace, saw: maxFee.description))
            return nil
        }
        return plan.transactions
    }

    private func checkCaps(_ check: inout Check, value: UInt256, networkFee: UInt256) {
        guard let rules = request.rules else { return }
        if let cap = rules.maxNetworkFee {
            check.require(networkFee <= cap, "the worst network fee is within the policy's cap") {
                Problem(
                    PolicyRule.networkFee, at: feePlace, saw: "\(networkFee) wei", expected: "at most \(cap) wei")
            }
        }
        let caps = [rules.maxNativeValue, rules.currencies[.zero]?.perPayment].compactMap(\.self)
        if !value.isZero, let cap = caps.min() {
            check.require(value <= cap, "the native value is within the policy's cap") {
                Problem(PolicyRule.nativeValue, at: "--value", saw: "\(value) wei", expected: "at most \(cap) wei")
            }
        }
    }

    /// EIP-7825: no transaction may use more.
    static let mostGas: UInt64 = 1 << 24

    /// All that is given nowhere, at once.
    private var missingValues: [Problem] {
        var missing: [(option: String, field: String)] = []
        if request.effectiveNonce == nil { missing.append(("--nonce", "/nonce")) }
        if request.effectiveGas == nil { missing.append(("--gas", "/gas")) }
        if request.effectiveMaxFee == nil { missing.append(("--max-fee", "/maxFeePerGas")) }
        if request.effectivePriorityFee == nil { missing.append(("--priority-fee", "/maxPriorityFeePerGas")) }
        if let spend = call?.spend, request.needsApproval(spend), request.conditions?.approveGas == nil {
            missing.append(("approveGas", "/approveGas"))
        }
        if request.conditions != nil, request.conditions?.block == nil, request.policy.maxConditionsAge != nil {
            missing.append(("block", "/block"))
        }
        return missing.map { name in
            Problem(
                SigningRule.missingValue, at: request.conditions == nil ? name.option : name.field, detail: name.option)
        }
    }

    /// A transaction knows its own fields; a person knows the option that was typed, or the file that says it.
    private func placed(_ problem: Problem, _ role: Payment.Role) -> Problem {
        switch problem.code {
        case let code where code.contains("gas"): problem.at(role == .pay ? gasPlace : "/approveGas")
        case let code where code.contains("nonce"): problem.at(request.nonce == nil ? "/nonce" : "--nonce")
        case let code where code.contains("priority") && request.maxPriorityFeePerGas != nil:
            problem.at("--priority-fee")
        case let code where code.contains("fee"): problem.at(feePlace)
        default: problem
        }
    }

    private var gasPlace: String { request.gas == nil ? "/gas" : "--gas" }
    private var feePlace: String { request.maxFeePerGas == nil ? "/maxFeePerGas" : "--max-fee" }
}
