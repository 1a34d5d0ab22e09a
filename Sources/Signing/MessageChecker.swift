import AirlockClearSigning
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPolicies
import AirlockRequests
import AirlockSafes
import AirlockTokens
import AirlockTypedData

/// Runs the checks of a message in order. A failed check does not stop the checks after it.
struct MessageChecker {
    let request: MessageRequest
    var checks: [Check] = []
    private var message: SignableMessage { request.message }

    mutating func checkForm() {
        defer { checkChain() }
        if let safe = message.safe { return checkSafe(safe) }
        var check = Check(.request, SignableMessage.kind)
        switch message.content {
        case .typedData(let data):
            check.findings.append("typed data: every member of every type is there and well-formed, and nothing else")
            check.problems += data.wrongChecksums
            let length = data.members.reduce(data.encodeType.utf8.count) { length, member in
                length + max(80, member.path.utf8.count + member.type.utf8.count + member.text.utf8.count)
            }
            if length > BlindSigning.mostShown {
                check.problems.append(
                    Problem(
                        SigningRule.tooLongToShow, saw: "\(length) characters",
                        expected: "at most \(BlindSigning.mostShown)"))
            }
            if data.domain.chainId == nil {
                check.warnings.append("the domain names no chain: the signature is valid on every one")
            }
        case .text(let text):
            check.findings.append("a text of \(text.bytes.count) bytes, which are signed as they stand")
            if let signIn = text.signIn, !PersonalText.isOfSite(signIn.uri, signIn.site) {
                check.warnings.append("the URI that is signed in to is of another site than the one that asks")
            }
            if text.text.last?.isNewline == true { check.warnings.append("the text ends with an end of line") }
            if text.text.unicodeScalars.contains("\r") { check.warnings.append("the text holds carriage returns") }
        }
        if let own = message.safeMessage {
            check.findings.append("the Safe and its version are listed")
            if !own.domain.version.namesChain {
                check.warnings.append(
                    "the hash of version \(own.domain.version) names no chain: the signature is valid on every chain that has this Safe"
                )
            }
        }
        checks.append(check)
        var signature = Check(.signature)
        signature.warnings.append("nobody signed the request: who asks is not proved")
        checks.append(signature)
    }

    private mutating func checkChain() {
        guard let problem = message.problem(with: request.chain), !checks.isEmpty else { return }
        checks[0].problems.append(problem)
    }

    mutating func checkPolicy() {
        if let inside = request.inside {
            checks.append(inside.policy)
            if request.descriptors != nil { checks.append(inside.words) }
            return
        }
        var check = Check(.policy)
        defer { checks.append(check) }
        guard let data = message.typedData else {
            check.require(request.policy.allowsTexts, "texts may be signed") {
                Problem(
                    MessageRule.textNotAllowed, at: .policy, saw: request.policy.origin, expected: "\"text\":true")
            }
            return
        }
        if let chain = message.chain, request.policy.chains[chain] == nil {
            check.problems.append(
                Problem(
                    PolicyRule.chain, at: "/domain/chainId", saw: chain.description,
                    expected: request.policy.chains.keys.map(\.id).sorted().map(String.init).joined(separator: ", ")))
            return
        }
        if !request.hasMessages {
            let place = message.chain.map { "/chains/\($0.id)/messages" } ?? "messages"
            check.problems.append(
                Problem(
                    PolicyRule.kind, at: "/domain", saw: SignableMessage.kind, expected: "\(place) in the policy"))
        } else if let pin = request.pin {
            check.findings.append("domain and type are listed: \(escaped(pin.name, limit: 40))")
        } else if request.domainIsKnown, request.rules?.demandsRequesters != true {
            check.findings.append("the domain is that of a known contract, and the type is understood")
        } else {
            // Typed data contains no signature of a requester, so no requester can be verified. If the policy requires
            // requesters, the message is therefore accepted only if the policy lists its domain and type under
            // `messages`.
            let saw = "\(data.primaryType) in the domain \(data.domainSeparator)"
            check.problems.append(
                request.domainIsKnown
                    ? Problem(
                        PolicyRule.requester, at: "/domain", saw: saw,
                        expected: "an entry of messages: no requester signs a message")
                    : Problem(MessageRule.notPinned, at: "/domain", saw: saw))
        }
        guard let terms = message.terms else {
            check.warnings.append("the type is not understood: no cap counts what it may give away")
            return
        }
        checkTerms(terms, &check)
    }

    private func checkTerms(_ terms: MessageTerms, _ check: inout Check) {
        let rules = request.rules
        for take in terms.takes {
            if take.isUnlimited {
                check.problems.append(
                    Problem(
                        MessageRule.unlimited, at: take.place, saw: "\(take.amount)",
                        expected: "the amount that is needed"))
            }
            check.require(rules?.currencies[take.token] != nil, "the currency is listed") {
                Problem(PolicyRule.currency, at: take.tokenPlace, saw: "\(take.token)")
            }
        }
        for spend in request.spends {
            guard let currency = rules?.currencies[spend.currency], let cap = currency.perPayment else { continue }
            check.require(spend.amount <= cap, "within the cap per payment") {
                let place = terms.takes.last { $0.token == spend.currency }?.place
                return Problem(
                    PolicyRule.perPayment, at: place, saw: Amount.format(spend.amount, decimals: currency.decimals),
                    expected: "at most \(Amount.format(cap, decimals: currency.decimals))")
            }
        }
        let takesNothing = terms.witness == nil && !terms.takes.isEmpty && terms.takes.allSatisfy(\.amount.isZero)
        if takesNothing {
            check.findings.append("nobody may take anything")
        } else if let recipients = rules?.recipients {
            check.require(recipients[terms.taker] != nil, "who may take it is listed") {
                Problem(PolicyRule.recipient, at: terms.takerPlace, saw: "\(terms.taker)")
            }
        } else {
            check.warnings.append("no policy pins who may take it: compare the address with what you were told")
        }
        if !terms.paysTaker, !takesNothing {
            check.warnings.append("whoever may take it may send it to anybody")
        }
        if terms.witness != nil {
            check.findings.append("the transfer is bound to a witness, which only its contract understands")
        }
    }

    /// Checks the deadline of the message. This check runs in the review and again just before signing, because the
    /// deadline may have passed in the meantime.
    func time(at now: Timestamp) -> Check {
        var check = Check(.time)
        guard let terms = message.terms else {
            let signIn: PersonalText.SignIn? = if case .text(let text) = message.content { text.signIn } else { nil }
            if let issued = signIn?.issued, now < issued {
                check.warnings.append("it was made at \(issued), which is still to come")
            }
            if let from = signIn?.notBefore, now < from { check.warnings.append("it cannot be used before \(from)") }
            if let expires = signIn?.expires {
                check.require(now <= expires, "it can be used until \(expires)") {
                    Problem(MessageRule.expired, at: "Expiration Time", saw: "\(expires)", expected: "\(now) or later")
                }
            } else {
                check.findings.append(
                    message.safe == nil
                        ? "nothing is known of a deadline"
                        : "it never expires: it can be executed until its nonce is used up")
            }
            return check
        }
        guard let until = UInt64(exactly: terms.validUntil), until <= Timestamp.last.seconds else {
            check.warnings.append("it never expires: whoever holds the signature can use it at any time")
            return check
        }
        check.require(now.seconds <= until, "it can be used until \(Timestamp(seconds: until))") {
            Problem(
                MessageRule.expired, at: terms.deadlinePlace, saw: "\(Timestamp(seconds: until))",
                expected: "\(now) or later")
        }
        if let from = UInt64(exactly: terms.validFrom), from > now.seconds, from <= Timestamp.last.seconds {
            check.warnings.append("it cannot be used before \(Timestamp(seconds: from))")
        }
        return check
    }

    mutating func checkKey() {
        if let safe = message.safe { return checkSafeKey(safe) }
        var check = Check(.key)
        let named: (address: Address, place: String)?
        if let terms = message.terms {
            named = terms.owner.map { ($0, terms.ownerPlace) }
        } else if case .text(let text) = message.content {
            named = text.signIn.map { ($0.account, "line 2") }
        } else {
            named = nil
        }
        if let own = message.safeMessage {
            if let named {
                check.require(own.domain.safe == named.address, "the Safe is the account that the message names") {
                    Problem(
                        MessageRule.notOwner, at: named.place, saw: "\(named.address)", expected: "\(own.domain.safe)")
                }
            }
            checkOwner(of: own.rules, &check)
        } else if let key = request.key {
            if let named {
                check.require(key == named.address, "the key is that of the account that the message names") {
                    Problem(MessageRule.notOwner, at: named.place, saw: "\(named.address)", expected: "\(key)")
                }
            } else {
                check.findings.append("the message names no account: it is the key's")
            }
        } else {
            check.findings.append("not unlocked: it is compared with the message when it is")
        }
        checks.append(check)
    }

    mutating func checkWords(_ rendering: Rendering) {
        var check = Check(.words)
        check.findings += rendering.files.map { "\(escaped($0.path, limit: 100)) is trusted: \($0.voucher)" }
        check.warnings += rendering.warnings
        check.problems += rendering.problems
        checks.append(check)
    }

    // MARK: Ledger

    /// Adds the results of the ledger check to `check`. `clock` is the current time of the machine. `ledger` is `nil`
    /// if no ledger exists yet.
    ///
    /// - Returns: whether the ledger already contains this message.
    func add(to check: inout Check, _ ledger: Ledger?, at clock: Timestamp) -> Bool {
        do { return try ask(ledger, at: clock, &check) } catch {
            check.problems += error.problems
            return false
        }
    }

    /// Whether the ledger contains this message's entry for one nonce. A message can use several nonces. For each
    /// nonce, it has one reference and one ledger entry. `reference` identifies the nonce.
    func isRecorded(_ reference: Reference, in ledger: Ledger) throws(ProblemList) -> Bool {
        guard let signer = request.account else { return false }
        return try ledger.entries(of: reference.key, chain: chain, from: signer).contains(where: isOfThis)
    }

    private func isOfThis(_ entry: RecordedEntry) -> Bool {
        entry.transactions.map(\.signingHash) == [message.digest]
    }

    /// The chain of the message, as the ledger records it. A message without a chain is valid on all chains. The ledger
    /// records such a message with chain ID 0.
    private var chain: Chain { message.chain ?? Chain(id: 0) }

    private func ask(_ ledger: Ledger?, at clock: Timestamp, _ check: inout Check) throws(ProblemList) -> Bool {
        if let unfinished = ledger?.unfinished { check.warnings.append(unfinished) }
        guard let ledger, !ledger.isEmpty else {
            check.findings.append("nothing was signed before")
            if let replace = request.replace { check.problems.append(nothingToReplace(replace)) }
            try addCaps(to: &check, ledger ?? Ledger(), at: clock)
            return false
        }
        check.require(ledger.latest <= clock, "this machine's clock is not behind the last entry") {
            Problem(LedgerRule.clockBehind, saw: "\(clock)", expected: "\(ledger.latest) or later")
        }
        guard let signer = request.account else {
            check.warnings.append("not looked at for this message: whose it is is not known")
            return false
        }
        let uses = message.uses
        var isRecorded = true
        for use in uses where isRecorded { isRecorded = try self.isRecorded(use.reference, in: ledger) }
        if isRecorded {
            check.findings.append("this very message is recorded already: signing it again gives the same signature")
            return true
        }
        var conflicts: [RecordedEntry] = []
        for use in uses {
            // An interrupted write can leave entries of this message in the ledger. Such entries are not conflicts, so
            // they are skipped.
            for entry in try ledger.entries(of: use.reference.key, chain: chain, from: signer)
            where !isOfThis(entry) {
                if try !ledger.isPaymentReplaced(entry) { conflicts.append(entry) }
            }
        }
        if let (token, number) = message.terms?.tokenNonce {
            let nonce = LedgerNonce(token: token, number: number)
            for entry in try ledger.entries(with: nonce, chain: chain, from: signer)
            where try !ledger.isReplaced(entry, at: nonce) && !conflicts.contains(entry) { conflicts.append(entry) }
        }
        let isReplaced = { (entry: RecordedEntry) in
            request.replace.map { hash in entry.transactions.contains { $0.hash == hash } } ?? false
        }
        // A batch permit has one ledger entry for each of its nonces. All these entries contain the same hash, so only
        // the first of them is reported.
        var reported: Set<Hash> = []
        for entry in conflicts where !isReplaced(entry) {
            guard entry.transactions.contains(where: { reported.insert($0.hash).inserted }) else { continue }
            check.problems.append(
                Problem(
                    LedgerRule.nonceSigned, at: message.safe?.request.place("nonce") ?? "/message",
                    saw:
                        "nonce \(message.safe.map { "\($0.transaction.nonce)" } ?? message.terms?.nonce ?? ""), signed at \(entry.time)",
                    expected: "a replacement of \(entry.transactions.first.map { "\($0.hash)" } ?? "")"))
        }
        if let replace = request.replace, !conflicts.contains(where: isReplaced) {
            check.problems.append(nothingToReplace(replace))
        }
        if conflicts.isEmpty { check.findings.append("the message is new") }
        try addCaps(to: &check, ledger, at: clock)
        return false
    }

    private func nothingToReplace(_ hash: Hash) -> Problem {
        Problem(LedgerRule.nothingToReplace, at: .replace, saw: "\(hash)")
    }

    private func addCaps(to check: inout Check, _ ledger: Ledger, at clock: Timestamp) throws(ProblemList) {
        let since = Timestamp(seconds: clock.seconds - min(clock.seconds, 86_400))
        for spend in request.spends {
            guard let currency = request.rules?.currencies[spend.currency], let cap = currency.perDay else { continue }
            let total = try ledger.spent(
                spend.currency, on: chain, since: since, bySafe: message.ofSafe?.safe)?.adding(spend.amount)
            check.require(
                total.map { $0 <= cap } ?? false,
                "within the cap of \(request.words(cap, of: spend.currency)) in 24 hours"
            ) {
                Problem(
                    LedgerRule.perDay,
                    at: message.safe?.request.place("data")
                        ?? message.terms?.takes.last { $0.token == spend.currency }?.place,
                    saw: total.map { "\(request.words($0, of: spend.currency)) in 24 hours" } ?? "more than 256 bits",
                    expected: "at most \(request.words(cap, of: spend.currency))")
            }
        }
    }
}
