import AirlockClearSigning
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequests
import AirlockTransactions

/// Runs the checks of a review in order. If a check fails, the later checks still run.
struct Checker {
    let shared: SharedRequest
    /// Whether ``Check/findings`` stays empty in all checks. A batch sets this, because it shows only problems.
    let isBrief: Bool
    var checks: [Check] = []
    var action: Action?
    var plan: [PlannedTransaction] = []
    /// The request after its author was verified. `nil` if this verification failed.
    private(set) var proved: (any ProvedRequest)?
    /// The call in readable form. `nil` if there are no descriptors or no call data.
    private(set) var rendering: Rendering?

    @inline(__always) var request: PaymentRequest { _read { yield shared.value } }
    @inline(__always) var terms: Terms { _read { yield shared.value.terms } }

    init(_ request: SharedRequest, isBrief: Bool = false) {
        shared = request
        self.isBrief = isBrief
    }

    /// Whether the payer signs a message and no transaction.
    var signsMessageAlone: Bool { shared.signsMessageAlone }

    /// Runs all checks.
    ///
    /// - Parameter ledger: the record of earlier signatures. If `nil`, the ledger check is skipped. Pass `nil` for a
    ///   batch, which runs the ledger check later, or for a payment that was signed before, which needs no ledger
    ///   check. Pass `.some(nil)` if no ledger exists yet; the ledger check then still runs.
    mutating func checkAll(asking ledger: Ledger??) {
        checks.reserveCapacity(Check.Subject.allCases.count)
        checkRequest()
        proved = checkProof()
        checkPolicy()
        checks.append(TimeCheck(shared, isBrief: isBrief).check(at: request.now))
        checkKey()
        if let proved { checkAction(proved) }
        checkWords()
        if signsMessageAlone { checkMessage() } else { checkMoney() }
        guard let ledger else { return }
        checkLedger(ledger, at: request.clock)
    }

    /// Runs only the checks that depend on the nonce, the balances and the ledger. The other checks of the payment must
    /// have run before.
    mutating func checkPlace(of proved: any ProvedRequest, asking ledger: Ledger, at clock: Timestamp) {
        self.proved = proved
        checkAction(proved)
        checkMoney()
        checkLedger(ledger, at: clock)
    }

    /// Checks one call of a Safe transaction. The nonce, the gas and the fees are not checked here, because the Safe
    /// makes the call.
    mutating func checkInside() {
        proved = checkProof()
        checkPolicy()
        if let expired = request.subject.expiry(at: request.now), !checks.isEmpty { checks[0].problems.append(expired) }
        if let proved { checkAction(proved) }
        checkWords()
    }

    private mutating func checkLedger(_ ledger: Ledger?, at clock: Timestamp) {
        var check = Check(.ledger, isBrief: isBrief)
        LedgerCheck(shared: shared, action: action, plan: plan).add(to: &check, ledger, at: clock)
        checks.append(check)
    }

    /// Runs the checks that use only the request, the policy and the time. These checks can run before the transactions
    /// to sign are known.
    mutating func checkRequestAlone() {
        checkRequest()
        _ = checkProof()
        checkPolicy()
        checks.append(TimeCheck(shared, isBrief: isBrief).check(at: request.now))
    }

    /// Compares the chain and the payer of the request with the user's arguments and with the conditions file. Also
    /// adds a finding about the format of the request, which was already checked when the request was read.
    private mutating func checkRequest() {
        var check = Check(.request, type(of: request.subject).kind, isBrief: isBrief)
        check.find(request.subject.form)
        if let chain = request.chain, chain != terms.chain {
            check.problems.append(
                Problem(
                    SigningRule.otherChain, at: .chain, saw: chain.description, expected: terms.chain.description,
                    because: SigningCause.chainAskedFor))
        }
        if let conditions = request.conditions {
            check.require(conditions.chain == terms.chain, "the conditions are of its chain") {
                Problem(
                    SigningRule.otherChain, at: "/chainId", saw: conditions.chain.description,
                    expected: terms.chain.description)
            }
            if let payer = terms.payer {
                check.require(conditions.sender == payer, "the conditions are of its payer") {
                    Problem(
                        SigningRule.otherSender, at: "/sender", saw: conditions.sender.description,
                        expected: payer.description)
                }
            }
        }
        if !isBrief { check.warnings += request.warnings }
        // The review shows text from the request. This text is untrusted and can be very long. If it is too long for a
        // reader, the request is refused.
        if type(of: request.subject).policySection != nil {
            let length = request.facts.identity.reduce(0) { length, fact in
                length + max(80, fact.values.reduce(fact.name.utf8.count) { $0 + $1.utf8.count })
            }
            if length > BlindSigning.mostShown {
                check.problems.append(
                    Problem(
                        SigningRule.tooLongToShow, saw: "\(length) characters",
                        expected: "at most \(BlindSigning.mostShown)"))
            }
        }
        checks.append(check)
    }

    private mutating func checkProof() -> (any ProvedRequest)? {
        var check = Check(.signature, isBrief: isBrief)
        defer { checks.append(check) }
        do throws(ProblemList) {
            let proved = try request.subject.prove()
            check.find(all: proved.findings)
            check.warnings += proved.warnings
            return proved
        } catch {
            check.problems += error.problems
            return nil
        }
    }

    private mutating func checkPolicy() {
        var check = Check(.policy, isBrief: isBrief)
        defer { checks.append(check) }
        let places = terms.places
        guard let rules = request.rules else {
            check.problems.append(
                Problem(
                    PolicyRule.chain, at: places.chain, saw: terms.chain.description,
                    expected: request.policy.chains.keys.map(\.id).sorted().map(String.init).joined(separator: ", ")))
            return
        }
        for pin in request.subject.pins {
            let listed = rules.lists[pin.list]
            guard listed != nil || pin.isRequired else {
                if let unlisted = pin.unlisted { check.warnings.append(unlisted) }
                continue
            }
            let isListed = pin.address.map { listed?[$0] != nil } ?? false
            check.require(isListed, pin.finding) { pin.problem(list(Set((listed ?? [:]).keys))) }
        }
        if let section = type(of: request.subject).policySection, let judgement = request.judgement {
            if request.kindRules == nil {
                check.problems.append(
                    Problem(
                        PolicyRule.kind, at: places.payee, saw: type(of: request.subject).kind,
                        expected: "/chains/\(terms.chain.id)/\(section.name) in the policy"))
            }
            check.find(all: judgement.findings)
            check.warnings += judgement.warnings
            check.problems += judgement.problems
        } else if let recipients = rules.recipients {
            check.require(recipients[terms.payee] != nil, "the recipient is listed") {
                Problem(PolicyRule.recipient, at: places.payee, saw: terms.payee.description)
            }
        } else {
            check.warnings.append("no policy pins the recipient: compare it with what the payee told you")
        }
        for owed in terms.owed {
            let currency = rules.currencies[owed.currency]
            check.require(currency != nil, "the currency is listed") {
                Problem(
                    PolicyRule.currency, at: places.currency, saw: owed.currency.description,
                    expected: list(Set(rules.currencies.keys)))
            }
            guard let currency, let cap = currency.perPayment else { continue }
            check.require(owed.amount <= cap, "within the cap per payment") {
                Problem(
                    PolicyRule.perPayment, at: places.amount,
                    saw: Amount.format(owed.amount, decimals: currency.decimals),
                    expected: "at most \(Amount.format(cap, decimals: currency.decimals)), the fee included")
            }
        }
        if let token = request.conditions?.token, let currency = rules.currencies[token.address] {
            compare(token, currency, &check)
        }
    }

    /// Compares a token's decimals and symbol with the policy. Airlock uses the decimals from the policy to show
    /// amounts and to check the caps, but the token itself uses its own decimals. So the two numbers must be equal. A
    /// different symbol is only a warning.
    private func compare(_ token: Conditions.Token, _ currency: Policy.Currency, _ check: inout Check) {
        if token.decimals != currency.decimals {
            check.problems.append(
                Problem(
                    SigningRule.otherDecimals, at: "/token/decimals", saw: "\(token.decimals)",
                    expected: "\(currency.decimals), as the policy says"))
        }
        if token.symbol != currency.symbol {
            check.warnings.append(
                "the token calls itself \(escaped(token.symbol, limit: 16)), and the policy calls it "
                    + escaped(currency.symbol, limit: 16))
        }
    }

    func list(_ addresses: Set<Address>) -> String {
        addresses.isEmpty
            ? "none: the policy lists none" : addresses.map(\.description).sorted().joined(separator: ", ")
    }

    /// Adds the human-readable description of the call, which a descriptor (ERC-7730) provides. A payment is refused
    /// because of a descriptor only in three cases: a trusted descriptor forbids a value in the call, or may forbid one
    /// and cannot be applied; the call data does not fit the function that the descriptor describes; or this function
    /// only has the same selector as the called one.
    private mutating func checkWords() {
        guard let folder = request.descriptors, let call = action?.call, !call.data.isEmpty else { return }
        let contractCall = ContractCall(
            chain: UInt256(terms.chain.id), from: signsMessageAlone ? nil : shared.payer, to: call.to,
            value: call.value, data: call.data)
        let rendering = Rendering(
            .call(contractCall), by: folder, names: PolicyNames(request.policy), function: call.namedFunction)
        self.rendering = rendering
        var check = Check(.words, isBrief: isBrief)
        check.find(all: rendering.files.map { "\(escaped($0.path, limit: 100)) is trusted: \($0.voucher)" })
        check.warnings += rendering.warnings
        check.problems += rendering.problems
        checks.append(check)
    }

    private mutating func checkKey() {
        var check = Check(.key, isBrief: isBrief)
        if let key = request.key {
            let payer = shared.payer ?? key
            check.require(key == payer, "the key is the payer's") {
                Problem(
                    SigningRule.wrongKey, at: terms.payer == nil ? "/sender" : terms.places.payer, saw: key.description,
                    expected: payer.description)
            }
        } else {
            check.find("not unlocked: it is compared with the payer when it is")
        }
        checks.append(check)
    }
}

/// Checks the deadline of a request and the age of its conditions. The check runs in the review and again just before
/// signing, because a prompt can stay open for hours.
struct TimeCheck {
    private let shared: SharedRequest
    private let isBrief: Bool
    @inline(__always) private var request: PaymentRequest { _read { yield shared.value } }

    /// Makes the check of a request's deadline and of the age of its conditions.
    ///
    /// - Parameters:
    ///   - shared: the payment request to check.
    ///   - isBrief: whether the check's findings stay empty.
    init(_ shared: SharedRequest, isBrief: Bool) {
        self.shared = shared
        self.isBrief = isBrief
    }

    func check(at now: Timestamp) -> Check {
        var check = Check(.time, isBrief: isBrief)
        if let expiry = request.subject.expiry(at: now) {
            check.problems.append(expiry)
        } else if let expires = request.terms.expires {
            check.find("the deadline \(expires) has not passed at \(now)")
        } else {
            check.find("it never expires")
        }
        if let block = request.conditions?.block { checkAge(of: block.timestamp, at: now, &check) }
        return check
    }

    private func checkAge(of measured: Timestamp, at time: Timestamp, _ check: inout Check) {
        let expiry = request.subject.expiry(at: time) == nil ? request.subject.expiry(at: measured) : nil
        // The clock of this machine can be a few minutes slow. So the time of the block is accepted if it is at most
        // 900 seconds in the future.
        let tolerance: UInt64 = 900
        let now = time.seconds
        guard measured.seconds <= now || measured.seconds - now <= tolerance else {
            let problem = Problem(
                SigningRule.conditionsFromFuture, at: "/block/timestamp", saw: measured.description,
                expected: "\(time) or earlier")
            // The time of the block is too far ahead of this machine's clock, so the clock may be slow. With a slow
            // clock, an expired request still looks valid, and the age of the conditions file is unknown. So the
            // payment is refused if the request has expired at the time of the block, or if the policy limits the age
            // of the conditions file. In any other case, this is only a warning.
            if request.policy.maxConditionsAge == nil, expiry == nil {
                check.warnings.append("\(problem.message): is this machine's clock right?")
            } else {
                check.problems.append(problem)
            }
            return
        }
        if let expiry { check.problems.append(expiry) }
        let age = now - min(now, measured.seconds)
        if let limit = request.policy.maxConditionsAge {
            check.require(age <= limit, "the conditions are \(age) s old, and may be \(limit) s") {
                Problem(
                    SigningRule.conditionsTooOld, at: "/block/timestamp", saw: "\(age) s old",
                    expected: "at most \(limit) s")
            }
        }
    }
}
