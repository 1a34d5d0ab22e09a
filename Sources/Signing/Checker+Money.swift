import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequests
import AirlockTokens
import AirlockTransactions

/// Checks the costs of the payment. The values that determine the costs, such as the gas limit and the fees, must be
/// known. The costs must be within the caps of the policy and the native balance of the payer.
extension Checker {
    mutating func checkMoney() {
        var check = Check(.money, isBrief: isBrief)
        defer { checks.append(check) }
        check.problems += missingValues + otherNonce + otherThanProposed
        guard let call = action?.call, let plan = makePlan(call, &check) else {
            check.leaveOut()
            return
        }
        self.plan = plan
        for planned in plan { check.problems += planned.transaction.problems.map { placed($0, planned.role) } }
        let gas = plan.map(\.transaction.gas).max() ?? 0
        check.require(gas <= Self.mostGas, "the gas is between what any call costs and what a block takes") {
            Problem(SigningRule.gasAboveLimit, at: gasPlace, saw: "\(gas)", expected: "at most \(Self.mostGas)")
        }
        guard let networkFee = plan.worstNetworkFee, let cost = networkFee.adding(call.value) else {
            // If the fee of a single transaction overflows, the problems of that transaction already include the
            // overflow. So only an overflow of the sum is reported here.
            if plan.allSatisfy({ $0.transaction.maxNetworkFee != nil }) {
                check.problems.append(Problem(SigningRule.overflow, at: feePlace))
            }
            return
        }
        let l1Fee = request.conditions?.l1Fee ?? .zero
        guard let total = cost.adding(l1Fee) else {
            check.problems.append(Problem(SigningRule.overflow, at: "/l1Fee", saw: "\(l1Fee) wei"))
            return
        }
        checkCaps(&check, value: call.value, networkFee: networkFee, l1Fee: l1Fee)
        if let balance = request.conditions?.nativeBalance {
            check.require(total <= balance, "the native balance covers value and worst fee") {
                Problem(
                    SigningRule.nativeBalance, at: "/nativeBalance", saw: "\(balance) wei",
                    expected: "\(total) wei or more")
            }
        } else {
            check.warnings.append("the native balance is not known")
        }
    }

    /// Checks the costs of a payment that was signed before. They must be within the caps that apply to signing.
    ///
    /// - Parameters:
    ///   - plan: all transactions of the payment.
    ///   - value: the native currency that the signed call sends.
    ///   - takes: the tokens that the signed call spends.
    ///   - place: the location of the signed call in the payment file.
    mutating func checkSigned(
        _ plan: [PlannedTransaction], value: UInt256, takes: [TokenOutflow], at place: String
    ) {
        var check = Check(.money, isBrief: isBrief)
        check.find(all: approvalWords(plan))
        checkSpentCurrencies(takes, &check)
        if let networkFee = plan.worstNetworkFee {
            check.find("the network fee is at most \(request.nativeWords(networkFee))")
            checkCaps(&check, value: value, networkFee: networkFee, l1Fee: .zero)
        } else {
            check.problems.append(Problem(SigningRule.overflow))
        }
        check.problems = check.problems.map { problem in
            let isOfFee = problem.rule as? PolicyRule == .networkFee || problem.rule as? SigningRule == .overflow
            return problem.at(isOfFee ? "/transactions" : place)
        }
        checks.append(check)
    }

    /// The approvals of a payment as text. Approvals that differ only in their fees are listed once.
    private func approvalWords(_ plan: [PlannedTransaction]) -> [String] {
        var words: [String] = []
        for planned in plan {
            guard let token = planned.transaction.to, planned.role == .approve || planned.role == .reset,
                let (spender, amount) = ERC20.approval(in: planned.transaction.data)
            else { continue }
            let most = request.words(of: TokenOutflow(token: token, amount: amount, .allowed(to: spender)))
            let line = "first lets \(request.named(spender)) take \(most)"
            if !words.contains(line) { words.append(line) }
        }
        return words
    }

    /// Makes the list of the transactions to sign. Returns `nil` if this is not possible, for example because a value
    /// is missing.
    private func makePlan(_ call: Call, _ check: inout Check) -> [PlannedTransaction]? {
        guard let payer = shared.payer, let nonce = shared.nonce, let gas = shared.gas,
            let maxFee = shared.maxFee, let priorityFee = shared.priorityFee
        else { return nil }
        var steps: [Plan.Step] = []
        for take in call.takes {
            guard let spender = take.spender, needsApproval(take) else { continue }
            guard let approveGas = request.conditions?.approveGas else { return nil }
            func step(_ role: Payment.Role, _ amount: UInt256) -> Plan.Step {
                let data = ERC20.approve(spender, amount)
                return Plan.Step(role: role, to: take.token, value: .zero, data: data, gas: approveGas)
            }
            if request.conditions?.approval?.resetFirst == true, request.allowance(of: spender)?.isZero != true {
                steps.append(step(.reset, .zero))
            }
            steps.append(step(.approve, take.amount))
        }
        steps.append(
            Plan.Step(
                role: .pay, to: call.to, value: call.value, data: call.data, gas: gas,
                accessList: request.subject.proposal?.accessList ?? []))
        // All nonces must be below 2^64. EIP-2681 also forbids the nonce 2^64 - 1, which is refused by the check of the
        // single transaction.
        guard !nonce.addingReportingOverflow(UInt64(steps.count) - 1).overflow else {
            check.problems.append(Problem(TransactionRule.lastNonce, at: noncePlace, saw: "\(nonce)"))
            return nil
        }
        let common = Plan.Terms(
            chain: terms.chain, from: payer, nonce: nonce, maxFee: maxFee, priorityFee: priorityFee,
            rungs: request.rungs, cancels: request.cancel)
        guard let plan = Plan(steps, common) else {
            check.problems.append(Problem(SigningRule.overflow, at: feePlace, saw: "\(maxFee) wei"))
            return nil
        }
        guard let exact = request.exact else { return plan.transactions }
        // If `request.exact` is set, the transaction in it is signed instead of the planned transaction. The types of
        // the two transactions can differ, but all other values must be equal.
        guard plan.transactions.count == 1, let planned = plan.transactions.first,
            planned.transaction.says(theSameAs: exact)
        else {
            check.problems.append(Problem(SigningRule.otherPayment))
            return nil
        }
        return [PlannedTransaction(role: planned.role, rung: planned.rung, transaction: exact)]
    }

    /// Checks the caps. The cap on the network fee applies to the sum of the fee for gas and the fee for publishing
    /// data on L1.
    private func checkCaps(_ check: inout Check, value: UInt256, networkFee: UInt256, l1Fee: UInt256) {
        guard let rules = request.rules else { return }
        if let cap = rules.maxNetworkFee {
            let what = l1Fee.isZero ? "the worst network fee is" : "the worst network fee and the L1 fee are"
            let isWithin = networkFee.adding(l1Fee).map { $0 <= cap } ?? false
            check.require(isWithin, "\(what) within the policy's cap") {
                Problem(
                    PolicyRule.networkFee, at: networkFee <= cap ? "/l1Fee" : feePlace,
                    saw: "\(networkFee) wei" + (l1Fee.isZero ? "" : " and an L1 fee of \(l1Fee) wei"),
                    expected: "at most \(cap) wei" + (l1Fee.isZero ? "" : " together"))
            }
        }
        // If the payment spends native currency, the policy must list the native currency, even if the request asks for
        // another currency. For example, if the request asks for WETH, the payment can wrap ETH and pay with it, so it
        // spends ETH.
        if !value.isZero, terms.owed(of: .zero) == nil {
            check.require(rules.currencies[.zero] != nil, "the native currency that is spent is listed") {
                Problem(
                    PolicyRule.currency, at: action?.call.isUpTo == true ? .value : .method,
                    saw: "\(Address.zero)", expected: list(Set(rules.currencies.keys)))
            }
        }
        // If the value is the amount that is owed, `checkPolicy` has compared it with the cap per payment.
        let isOwed = terms.owed(of: .zero) == value
        let caps = [rules.maxNativeValue, isOwed ? nil : rules.currencies[.zero]?.perPayment].compactMap(\.self)
        if !value.isZero, let cap = caps.min() {
            let isFixed = isOwed || request.subject.proposal != nil
            let place = isFixed ? terms.places.amount : ArgumentPlace.value.rawValue
            check.require(value <= cap, "the native value is within the policy's cap") {
                Problem(PolicyRule.nativeValue, at: place, saw: "\(value) wei", expected: "at most \(cap) wei")
            }
        }
    }

    /// The maximum gas limit of one transaction (EIP-7825).
    static let mostGas: UInt64 = 1 << 24

    /// A problem for each missing value, such as the nonce or the gas limit. All missing values are reported at once.
    private var missingValues: [Problem] {
        var missing: [(argument: ArgumentPlace, name: String)] = []
        if shared.nonce == nil { missing.append((.nonce, "nonce")) }
        if shared.gas == nil { missing.append((.gas, "gas")) }
        if shared.maxFee == nil { missing.append((.maxFeePerGas, "maxFeePerGas")) }
        if shared.priorityFee == nil { missing.append((.maxPriorityFeePerGas, "maxPriorityFeePerGas")) }
        if let takes = action?.call.takes, takes.contains(where: needsApproval),
            request.conditions?.approveGas == nil
        {
            missing.append((.approveGas, "approveGas"))
        }
        if lacksBlock { missing.append((.conditions, "block")) }
        return missing.map { argument, name in
            Problem(
                SigningRule.missingValue, at: argument.place(or: "/\(name)", isGiven: request.conditions == nil),
                detail: name)
        }
    }

    /// A problem for each value of the payment that differs from the transaction in the request. A payment with such a
    /// value is refused, because Airlock signs only the transaction that the request's author saw.
    private var otherThanProposed: [Problem] {
        guard let proposal = request.subject.proposal else { return [] }
        func differs(
            _ rule: SigningRule, _ place: String, _ proposed: UInt256?, _ signed: UInt256?, unit: String = ""
        ) -> Problem? {
            guard let proposed, let signed, proposed != signed else { return nil }
            return Problem(
                rule, at: place, saw: "\(signed)\(unit)",
                expected: "\(proposed)\(unit), as the transaction says")
        }
        let priorityPlace = ArgumentPlace.maxPriorityFeePerGas.place(
            or: "/maxPriorityFeePerGas", isGiven: request.maxPriorityFeePerGas != nil)
        // With the option `--rungs`, the payment is also signed with higher fees. If the request states a fee, the
        // option is refused, because the higher fees would differ from the stated fee.
        let rungs: Problem? =
            request.rungs == 1 || proposal.maxFeePerGas == nil && proposal.maxPriorityFeePerGas == nil
            ? nil
            : Problem(
                SigningRule.otherMaxFee, at: .rungs, saw: "\(request.rungs) rungs",
                expected: "one, with the fee that the transaction says")
        return [
            rungs,
            differs(
                .otherNonce, noncePlace, proposal.nonce.map { UInt256($0) }, shared.nonce.map { UInt256($0) }),
            differs(.otherGas, gasPlace, proposal.gas.map { UInt256($0) }, shared.gas.map { UInt256($0) }),
            differs(.otherMaxFee, feePlace, proposal.maxFeePerGas, shared.maxFee, unit: " wei"),
            differs(
                .otherPriorityFee, priorityPlace, proposal.maxPriorityFeePerGas, shared.priorityFee, unit: " wei"),
        ].compactMap(\.self)
    }

    /// Whether the conditions file contains no block although the policy limits the age of the file. With such a
    /// policy, the file must contain a block, because its age is computed from the time of the block.
    var lacksBlock: Bool {
        request.conditions != nil && request.conditions?.block == nil && request.policy.maxConditionsAge != nil
    }

    /// Sets the location of a problem with a field of the transaction. The location is the argument or the JSON member
    /// from which the field's value was taken.
    private func placed(_ problem: Problem, _ role: Payment.Role) -> Problem {
        switch problem.rule as? TransactionRule {
        case .gasTooLow: problem.at(role == .pay ? gasPlace : "/approveGas")
        case .lastNonce: problem.at(noncePlace)
        case .priorityAboveMax where request.maxPriorityFeePerGas != nil: problem.at(.maxPriorityFeePerGas)
        case .priorityAboveMax, .feeOverflow: problem.at(feePlace)
        default: problem
        }
    }

    private var noncePlace: String { ArgumentPlace.nonce.place(or: "/nonce", isGiven: request.nonce != nil) }
    private var gasPlace: String { ArgumentPlace.gas.place(or: "/gas", isGiven: request.gas != nil) }
    private var feePlace: String {
        ArgumentPlace.maxFeePerGas.place(or: "/maxFeePerGas", isGiven: request.maxFeePerGas != nil)
    }
}
