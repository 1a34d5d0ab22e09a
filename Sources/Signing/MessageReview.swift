import AirlockClearSigning
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockMessages
import AirlockPaymentFiles
public import AirlockPolicies
import AirlockRequests
import AirlockSafes
import AirlockTokens
import AirlockTypedData

/// All that a review of a message looks at. Nothing in it has been believed yet.
public struct MessageRequest: Sendable {
    public let message: SignableMessage
    public var policy: Policy
    /// A chain that was typed must be the message's.
    public var chain: Chain?
    /// The digest of a message that was signed before, and whose place this one takes.
    public var replace: Hash?
    /// What was signed before; `nil` where there is no ledger yet.
    public var ledger: Ledger?
    /// What says the message in words; `nil` where there are no descriptors.
    public var descriptors: DescriptorFolder?
    /// The time to check deadlines against.
    public let now: Timestamp
    /// The machine's own time, by which the ledger is kept.
    public let clock: Timestamp
    /// Tells the machine's time when it is looked at again, after the consent; `nil` where it stands still.
    public var machineTime: (@Sendable () -> Timestamp)?
    /// The address of the key that is to sign; `nil` in a review without a key.
    public var key: Address?
    /// The calls of a Safe's transaction, once a review has looked at them.
    var inside: SafeInside?

    public init(_ message: SignableMessage, now: Timestamp, clock: Timestamp? = nil, policy: Policy = .builtIn) {
        self.message = message
        self.policy = policy
        self.now = now
        self.clock = clock ?? now
    }

    var currentClock: Timestamp { machineTime?() ?? clock }

    /// The time to check against when the machine's clock shows this: a time that was typed goes on like the clock.
    func time(at clock: Timestamp) -> Timestamp {
        let elapsed = clock.seconds - min(clock.seconds, self.clock.seconds)
        return Timestamp(seconds: min(now.seconds + min(elapsed, Timestamp.last.seconds), Timestamp.last.seconds))
    }

    /// Whose message it is: whom it names, else the key.
    var signer: Address? { message.terms?.owner ?? key }

    /// Whose money it is, as the ledger keeps it: a Safe's is not that of the owner who signs.
    var account: Address? { message.safe?.domain.safe ?? signer }

    /// The policy's rules for the message's chain.
    var rules: Policy.ChainRules? { message.chain.flatMap { policy.chains[$0] } }

    /// The entry of the policy that lists domain and type; of a domain without a chain, under whatever chain it is.
    var pin: Policy.MessagePin? {
        guard let data = message.typedData, message.safe == nil else { return nil }
        let lists = message.chain.map { [policy.chains[$0]?.messages] } ?? policy.chains.values.map(\.messages)
        return lists.flatMap { $0 ?? [] }.first {
            $0.domainSeparator == data.domainSeparator
                && !$0.types.isDisjoint(with: [data.primaryType, data.encodeType])
        }
    }

    /// Does the policy list any messages where this one could be listed?
    var hasMessages: Bool {
        guard message.chain != nil else { return policy.chains.values.contains { $0.messages != nil } }
        return rules?.messages != nil
    }

    /// Is the domain that of the token, or of Permit2, by the policy's word or Airlock's?
    var domainIsKnown: Bool {
        guard let terms = message.terms, let data = message.typedData, let chain = message.chain,
            let contract = data.domain.verifyingContract
        else { return false }
        switch terms.standard {
        case .permit, .authorization: return policy.domainSeparator(of: contract, on: chain) == data.domainSeparator
        case .allowance, .transfer:
            return contract == Permit2Transfer.contract
                && data.domainSeparator == Permit2Transfer.domainSeparator(on: chain)
        }
    }

    /// What others may take, summed for each token, as caps and ledger count it.
    var spends: [LedgerEntry.Spend] { inside?.spends ?? Self.spends(of: message.terms?.takes ?? []) }

    static func spends(of takes: [MessageTerms.Take]) -> [LedgerEntry.Spend] {
        var sums: [Address: UInt256] = [:]
        var order: [Address] = []
        for take in takes {
            if sums[take.token] == nil { order.append(take.token) }
            sums[take.token] = (sums[take.token] ?? .zero).adding(take.amount) ?? .max
        }
        return order.map { LedgerEntry.Spend(currency: $0, amount: sums[$0] ?? .zero) }
    }

    /// An amount of a token in the policy's words, or in atomic units.
    func words(_ amount: UInt256, of token: Address) -> String {
        guard let listed = rules?.currencies[token] else { return "\(amount) atomic units of \(token)" }
        return "\(Amount.format(amount, decimals: listed.decimals)) \(escaped(listed.symbol, limit: 16))"
    }

    /// The taker with the policy's label.
    func named(_ address: Address) -> String {
        rules?.recipients?[address].map { address.labelled(escaped($0, limit: 40)) }
            ?? "\(address), which no policy names"
    }
}

/// What would be signed of a message, and everything that was looked at. Only where nothing is refused does it hold a
/// ``ReviewedMessage``, and nothing else can be signed.
public struct MessageReview: Sendable {
    public let request: MessageRequest
    /// One for each subject, in the order in which they are shown.
    public let checks: [Check]
    /// The values of typed data, and the words for them.
    public let rendering: Rendering
    /// What can be signed, where nothing is refused.
    public let reviewed: ReviewedMessage?

    /// Everything that is refused, in the order of the checks.
    public var problems: [Problem] { checks.flatMap(\.problems) }

    /// - Parameters:
    ///   - request: what is reviewed.
    ///   - withLedger: whether the ledger is asked, which a check without a key does not do.
    public init(_ request: MessageRequest, withLedger: Bool = true) {
        var request = request
        request.inside = request.message.safe.map { SafeInside($0, of: request) }
        self.request = request
        let subject: Rendering.Subject =
            switch request.message.content {
            case .typedData(let data): .message(data, signer: request.signer)
            case .text(let text): .text(text)
            }
        let descriptors = request.inside == nil ? request.descriptors : nil
        rendering = Rendering(subject, by: descriptors, names: PolicyNames(request.policy))
        var checker = MessageChecker(request: request)
        checker.checkForm()
        checker.checkPolicy()
        checker.checks.append(checker.time(at: request.now))
        checker.checkKey()
        if request.message.typedData != nil, descriptors != nil { checker.checkWords(rendering) }
        var isRecorded = false
        if withLedger {
            var check = Check(.ledger)
            isRecorded = checker.add(to: &check, request.ledger, at: request.clock)
            checker.checks.append(check)
        }
        checks = checker.checks
        let isRefused = checks.contains { !$0.problems.isEmpty }
        reviewed = isRefused || !withLedger ? nil : ReviewedMessage(request: request, isRecorded: isRecorded)
    }
}

/// A message in which nothing was refused: what a ``ConsentedMessage`` can be made of.
public struct ReviewedMessage: Sendable {
    let request: MessageRequest
    /// Is this very message in the ledger already? Signing it again gives the same signature.
    public let isRecorded: Bool

    /// See `ComparisonCode`.
    public var code: String { ComparisonCode.code(over: [request.message.digest]) }

    /// Whom a person must confirm, since no policy pins who gets or may take it.
    var openTakers: [Address] {
        if let inside = request.inside { return inside.open }
        guard let terms = request.message.terms, request.rules?.recipients == nil else { return [] }
        return [terms.taker]
    }

    /// The members of a policy that would decide all that it leaves open.
    var openMembers: [String] {
        guard let chain = request.message.chain, request.message.terms != nil || request.inside != nil else {
            return []
        }
        let rules = "/chains/\(chain.id)"
        let uncapped = request.spends.filter {
            !$0.amount.isZero && request.rules?.currencies[$0.currency]?.perPayment == nil
        }
        return (openTakers.isEmpty ? [] : ["\(rules)/recipients"])
            + uncapped.map { "\(rules)/currencies/\($0.currency)/perPayment" }
    }

    /// What a person types: `sign`, or the digits of a taker that no policy pins.
    public var expectedAnswer: String {
        openTakers.isEmpty ? "sign" : openTakers.map { String("\($0)".suffix(6)).lowercased() }.joined(separator: " ")
    }

    /// What is asked: the message once more, since the review may have scrolled away.
    public var question: String {
        let open =
            switch openTakers.count {
            case 0: ""
            case 1: " No policy pins who may take it."
            default: " No policy pins \(openTakers.map(\.description).joined(separator: ", "))."
            }
        return "\(request.summary).\(open)"
    }

    /// What asks for the answer, after the question.
    public var prompt: String {
        switch openTakers.count {
        case 0: "Type sign: "
        case 1: "Type the last six digits of the address to sign: "
        default: "Type the last six digits of each, in this order, to sign: "
        }
    }
}

/// Makes the checks of a message, one after the other; none of them stops the next.
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
        checks.append(check)
        var signature = Check(.signature)
        signature.warnings.append("nobody signed the request: who asks is not proved")
        checks.append(signature)
    }

    private mutating func checkChain() {
        guard let typed = request.chain, let chain = message.chain, typed != chain, !checks.isEmpty else { return }
        checks[0].problems.append(
            Problem(
                SigningRule.otherChain, at: .chain, saw: typed.description, expected: chain.description,
                because: SigningCause.chainAskedFor))
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
            // Nobody but the payer signs a message: where requesters are demanded, the owner has to mean just this one.
            let expected = request.domainIsKnown ? "an entry of messages: no requester signs a message" : nil
            check.problems.append(
                Problem(
                    MessageRule.notPinned, at: "/domain",
                    saw: "\(data.primaryType) in the domain \(data.domainSeparator)", expected: expected))
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
        if let recipients = rules?.recipients {
            check.require(recipients[terms.taker] != nil, "who may take it is listed") {
                Problem(PolicyRule.recipient, at: terms.takerPlace, saw: "\(terms.taker)")
            }
        } else {
            check.warnings.append("no policy pins who may take it: compare the address with what you were told")
        }
        if !terms.paysTaker {
            check.warnings.append("whoever may take it may send it to anybody")
        }
        if terms.witness != nil {
            check.findings.append("the transfer is bound to a witness, which only its contract understands")
        }
    }

    /// Is it still time to sign? Looked at again after the consent.
    func time(at now: Timestamp) -> Check {
        var check = Check(.time)
        guard let terms = message.terms else {
            if case .text(let text) = message.content, let expires = text.signIn?.expires {
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
        if let key = request.key {
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

    /// Adds what holds of a ledger at a moment of the machine's time; `nil` means that there is none yet.
    ///
    /// - Returns: whether this very message is recorded.
    func add(to check: inout Check, _ ledger: Ledger?, at clock: Timestamp) -> Bool {
        do { return try ask(ledger, at: clock, &check) } catch {
            check.problems += error.problems
            return false
        }
    }

    /// Is a part of this very message recorded?
    func isRecorded(_ reference: Reference, in ledger: Ledger) throws(ProblemList) -> Bool {
        guard let signer = request.account else { return false }
        return try ledger.entries(of: reference.key, chain: chain, from: signer).contains(where: isOfThis)
    }

    private func isOfThis(_ entry: RecordedEntry) -> Bool {
        entry.transactions.map(\.signingHash) == [message.digest]
    }

    /// The ledger keeps what names no chain under 0, which is valid on all of them.
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
            // A part of this very message stands there where a write was cut off.
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
        // A batch has several lines.
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
                spend.currency, on: chain, since: since, bySafe: message.safe?.domain.safe)?.adding(spend.amount)
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
