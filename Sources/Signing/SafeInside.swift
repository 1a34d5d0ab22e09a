import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests
import AirlockSafes

/// The calls of a Safe transaction. Each call is checked as if it were a separate request. The amounts that all calls
/// move are added up.
struct SafeInside: Sendable {
    /// One call of the Safe transaction.
    struct Item: Sendable {
        /// The position of the call, such as `call 1 of 3`. Empty if there is only one call.
        let name: String
        let call: SafeCall
        /// The effect of the call, in one sentence without a full stop at its end.
        let sentence: String
        /// The function and its arguments. Empty if the call is a payment, because `sentence` describes a payment
        /// completely.
        let facts: [Fact]
        /// The call in readable form. `nil` if there are no descriptors or if the call has no data. Also `nil` if the
        /// call approves the transaction of another Safe, or if the call cannot be read.
        let rendering: Rendering?
    }

    private(set) var items: [Item] = []
    /// The amounts that the Safe spends or allows others to spend, added up for each currency.
    private(set) var spends: [LedgerEntry.Spend] = []
    /// The addresses that receive money or are allowed to spend it, and that the policy does not list. A person must
    /// confirm each of them.
    private(set) var open: [Address] = []
    private(set) var policy = Check(.policy)
    private(set) var words = Check(.words)

    init(_ proposal: SafeProposal, of message: MessageRequest) {
        var largest: [Address: UInt256] = [:]
        for placed in proposal.calls {
            let (own, check, words) = look(at: placed, proposal, message)
            policy.add(check)
            self.words.add(words)
            for spend in own { add(spend, &largest) }
        }
        checkTotals(proposal, message, largest)
        checkLength(proposal)
        if proposal.calls.isEmpty, policy.problems.isEmpty { policy.findings.append("no call of another contract") }
    }

    private mutating func add(_ spend: LedgerEntry.Spend, _ largest: inout [Address: UInt256]) {
        largest[spend.currency] = max(largest[spend.currency] ?? .zero, spend.amount)
        if let index = spends.firstIndex(where: { $0.currency == spend.currency }) {
            let sum = spends[index].amount.adding(spend.amount) ?? .max
            spends[index] = LedgerEntry.Spend(currency: spend.currency, amount: sum)
        } else {
            spends.append(spend)
        }
    }

    /// Reads one call as a request, and runs the checks for this kind of request. Each problem contains the location of
    /// the call in the Safe transaction.
    private mutating func look(
        at placed: SafeProposal.PlacedCall, _ proposal: SafeProposal, _ message: MessageRequest
    ) -> (spends: [LedgerEntry.Spend], policy: Check, words: Check) {
        let call = placed.call
        var (policy, words) = (Check(.policy), Check(.words))
        if let approved = message.approved?.value.request.message.safe, call == approved.approval {
            policy.findings.append("the call approves that transaction, and does nothing else")
            let sentence = "approve, as an owner, the transaction above: \(approved.hash)"
            items.append(Item(name: placed.name, call: call, sentence: sentence, facts: [], rendering: nil))
            return ([], policy, words)
        }
        let signed = SignedCall(
            chain: proposal.domain.chain, payer: proposal.domain.safe, to: call.to, value: call.value, data: call.data,
            name: "")
        guard let read = RequestKinds.reading(signed) else {
            policy.problems.append(
                Problem(SafeRule.unreadCall, at: placed.place("/data"), saw: "\(call.data.count) bytes for \(call.to)"))
            let sentence = "call \(call.to) with \(call.data.count) bytes that are no function's"
            items.append(Item(name: placed.name, call: call, sentence: sentence, facts: [], rendering: nil))
            return (call.value.isZero ? [] : [.init(currency: .zero, amount: call.value)], policy, words)
        }
        var request = PaymentRequest(read.request, now: message.now, clock: message.clock, policy: message.policy)
        request.descriptors = message.descriptors
        if read.request.hasMethods { request.method = read.method }
        var checker = Checker(SharedRequest(request))
        checker.checkInside()
        for check in checker.checks {
            let problems = check.problems.map { $0.at(placed.place($0.field)) }
            if check.subject == .words {
                words.problems += problems
                words.findings += check.findings
                words.warnings += check.warnings
            } else {
                policy.problems += problems
                if check.subject == .policy { policy.warnings += check.warnings }
                if check.subject == .policy { policy.findings += check.findings }
            }
        }
        let action = checker.action?.call
        if let action, action.to != call.to || action.value != call.value || action.data != call.data {
            policy.problems.append(Problem(RequestRule.otherCall, at: placed.place("/data")))
        }
        addOpen(request, action)
        let facts = request.facts
        policy.warnings += request.warnings
        let deed =
            facts.deed.map { $0.prefix(1).lowercased() + $0.dropFirst() }
            ?? "pay \(request.amount) to \(request.named(request.terms.payee))"
        let spending = action.map { request.spendingWords($0, isPayment: facts.deed == nil) } ?? []
        items.append(
            Item(
                name: placed.name, call: call, sentence: ([deed] + spending).joined(separator: ", "),
                facts: facts.deed == nil ? [] : Array(facts.identity.dropFirst()), rendering: checker.rendering))
        return (request.terms.spends(action), policy, words)
    }

    private mutating func addOpen(_ request: PaymentRequest, _ action: Call?) {
        var found = request.leavesPayeeOpen ? [request.terms.payee] : []
        if request.rules?.recipients == nil {
            let listed = request.judgement?.takers ?? []
            found += (action?.takes.compactMap(\.taker) ?? []).filter { !listed.contains($0) }
        }
        for address in found where !open.contains(address) { open.append(address) }
    }

    /// Refuses a transaction whose text is too long for a person to read.
    private mutating func checkLength(_ proposal: SafeProposal) {
        let length = items.reduce(0) { length, item in
            item.facts.reduce(length + max(80, item.sentence.utf8.count)) { length, fact in
                length + max(80, fact.values.reduce(fact.name.utf8.count) { $0 + $1.utf8.count })
            }
        }
        guard length > BlindSigning.mostShown else { return }
        policy.problems.append(
            Problem(
                SigningRule.tooLongToShow, at: proposal.request.place("data"), saw: "\(length) characters",
                expected: "at most \(BlindSigning.mostShown)"))
    }

    /// Checks the caps on payments. A Safe transaction counts as one payment, so a cap applies to the sum of all its
    /// calls.
    private mutating func checkTotals(
        _ proposal: SafeProposal, _ message: MessageRequest, _ largest: [Address: UInt256]
    ) {
        let place = proposal.request.place("data")
        for spend in spends {
            let currency = message.rules?.currencies[spend.currency]
            if let currency, let cap = currency.perPayment, spend.amount > cap, largest[spend.currency] ?? .zero <= cap
            {
                policy.problems.append(
                    Problem(
                        PolicyRule.perPayment, at: place,
                        saw: "\(Amount.format(spend.amount, decimals: currency.decimals)) in all calls together",
                        expected: "at most \(Amount.format(cap, decimals: currency.decimals))"))
            }
            if spend.currency.isZero, let cap = message.rules?.maxNativeValue, spend.amount > cap {
                policy.problems.append(
                    Problem(
                        PolicyRule.nativeValue, at: place, saw: "\(spend.amount) wei", expected: "at most \(cap) wei"))
            }
        }
    }

    /// The address that the call goes to, if there is only one call. `nil` if there are several calls.
    var onlyTarget: Address? { items.count == 1 ? items[0].call.to : nil }

    /// The total amounts that all calls move, as text. `nil` if the calls move nothing.
    func totals(_ message: MessageRequest) -> String? {
        spends.isEmpty
            ? nil
            : spends.map { spend in
                spend.amount.leadingZeroBitCount == 0
                    ? "an unlimited amount of \(spend.currency)" : message.words(spend.amount, of: spend.currency)
            }.joined(separator: " and ")
    }
}

extension Check {
    /// Adds the results of `other` to this check. `other` is the same check, run on another call of the Safe
    /// transaction. Findings and warnings that this check already contains are left out.
    fileprivate mutating func add(_ other: Check) {
        problems += other.problems
        for finding in other.findings where !findings.contains(finding) { findings.append(finding) }
        for warning in other.warnings where !warnings.contains(warning) { warnings.append(warning) }
    }
}

// MARK: The review of a Safe transaction

extension MessageRequest {
    /// The effect of a Safe transaction, in one sentence without a full stop at its end.
    func summary(of safe: SafeProposal) -> String {
        let name =
            safe.rules.map { "\(escaped($0.name, limit: 40)) (\(safe.domain.safe))" }
            ?? "\(safe.domain.safe), which the policy does not list"
        if let approved = approved?.value.request {
            return "Approve as the Safe \(name), nonce \(safe.transaction.nonce), what follows. \(approved.summary)"
        }
        let start = "For the Safe \(name) on \(safe.domain.chain), nonce \(safe.transaction.nonce)"
        if safe.isRejection { return "\(start): use up the nonce, and do nothing else" }
        let items = inside?.items ?? []
        var deeds = safe.changes.map { "change the Safe itself by \($0.words)" }
        if items.count == 1 {
            deeds.append(items[0].sentence)
        } else if !items.isEmpty {
            deeds.append("make \(items.count) calls, which move \(inside?.totals(self) ?? "nothing that is known")")
        }
        if safe.problems.contains(where: { $0.rule as? SafeRule == .delegateCall }) {
            deeds.insert("let the code of \(safe.transaction.to) do anything with it, by a delegate call", at: 0)
        }
        return "\(start): \(deeds.isEmpty ? "nothing that is known" : deeds.joined(separator: "; "))"
    }
}

extension MessageChecker {
    /// Adds the results of validating the Safe transaction, and shows which owners have signed it.
    mutating func checkSafe(_ safe: SafeProposal) {
        var check = Check(.request, SafeRequest.kind)
        check.problems += safe.problems
        check.findings += safe.findings
        check.warnings += safe.warnings
        checks.append(check)
        // If this transaction approves the transaction of another Safe, the review of that other transaction already
        // shows which owners have signed.
        if request.approved != nil { return }
        var signature = Check(.signature)
        let signed = safe.confirmed.filter { $0.standing == .signed }
        if !signed.isEmpty {
            signature.findings.append(
                "\(signed.count) \(signed.count == 1 ? "owner has" : "owners have") signed this very transaction")
        }
        if safe.confirmed.count > signed.count {
            signature.warnings.append(
                "\(safe.confirmed.count - signed.count) confirmations cannot be checked offline: a contract's, or an approval on chain"
            )
        }
        if safe.confirmed.isEmpty { signature.warnings.append("no owner has signed it: who asks is not proved") }
        checks.append(signature)
    }

    mutating func checkSafeKey(_ safe: SafeProposal) {
        var check = Check(.key)
        if let owner = request.ownerSafe {
            if let rules = safe.rules {
                check.require(rules.owners[owner] != nil, "the Safe that approves is an owner") {
                    Problem(
                        SafeRule.ownerSafe, at: .ownerSafe, saw: "\(owner)",
                        expected: rules.owners.keys.map(\.description).sorted().joined(separator: ", "))
                }
            }
        } else {
            checkOwner(of: safe.rules, &check)
            if safe.confirmed.contains(where: { $0.owner == request.key && $0.standing == .signed }) {
                check.warnings.append("the key's account has signed it already")
            }
        }
        checks.append(check)
    }

    /// Checks that the key belongs to an owner of the Safe.
    func checkOwner(of rules: SafeRules.Safe?, _ check: inout Check) {
        guard let key = request.key else {
            check.findings.append("not unlocked: it is compared with the owners when it is")
            return
        }
        guard let rules else { return }
        check.require(rules.owners[key] != nil, "the key is an owner's") {
            Problem(
                SafeRule.notOwner, at: .policy, saw: "\(key)",
                expected: rules.owners.keys.map(\.description).sorted().joined(separator: ", "))
        }
    }
}
