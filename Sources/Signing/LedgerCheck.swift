import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
package import AirlockRequests
import AirlockTransactions

/// Checks a payment against the ledger. The request and the nonces must be new, unless the payment replaces an earlier
/// payment with the same request or nonce. The amounts of the last 24 hours must be within the caps. A payment that the
/// ledger already records with the same transactions is accepted again. If the conditions file names a ledger entry
/// that the online machine saw, the ledger must contain this entry. The machine's clock must not be behind the ledger.
struct LedgerCheck {
    let shared: SharedRequest
    let action: Action?
    /// The planned transactions. Empty if only a message is signed.
    let plan: [PlannedTransaction]

    /// The message to sign, if only a message is signed. `nil` if a transaction is signed.
    private var message: Message? { action.flatMap { $0.isMessageAlone ? $0.message : nil } }

    /// The hashes of the transactions or the message that would be signed, in order. If a transaction will contain the
    /// signature of a message, and this message is not signed yet, the hash of the transaction is computed without the
    /// signature.
    var reviewedHashes: [Hash] { message.map { [$0.digest] } ?? plan.map(\.signingHash) }

    /// Whether there is something that can conflict with earlier entries: transactions, or a message that is signed
    /// alone. If a value is missing, the transactions cannot be planned.
    private var isPlanned: Bool { message != nil || !plan.isEmpty }

    /// The nonces that the payment uses, in ascending order. If the payment has transactions, these are nonces of the
    /// payer's account. If only a message is signed, this is the nonce of the message; empty if the message has no
    /// nonce.
    private var nonces: [LedgerNonce] {
        if let message { return message.nonce.map { [LedgerNonce(token: $0.token, number: $0.number)] } ?? [] }
        return Set(plan.map(\.transaction.nonce)).sorted().map { LedgerNonce(token: nil, number: $0) }
    }

    @inline(__always) private var request: PaymentRequest { _read { yield shared.value } }
    @inline(__always) private var terms: Terms { _read { yield shared.value.terms } }
    private var payer: Address { shared.payer ?? .zero }
    private var key: Hash { request.subject.reference(payer: payer).key }

    /// Adds the results of the ledger check to `check`. `clock` is the current time of the machine. `ledger` is `nil`
    /// if no ledger exists yet.
    ///
    /// - Returns: the entry that already records this payment with the same transactions, or `nil` if there is none.
    @discardableResult func add(to check: inout Check, _ ledger: Ledger?, at clock: Timestamp) -> RecordedEntry? {
        do { return try ask(ledger, at: clock, &check) } catch {
            check.problems += error.problems
            return nil
        }
    }

    private func ask(
        _ ledger: Ledger?, at clock: Timestamp, _ check: inout Check
    ) throws(ProblemList) -> RecordedEntry? {
        let head = request.conditions?.ledgerHead
        if let unfinished = ledger?.unfinished { check.warnings.append(unfinished) }
        guard let ledger, !ledger.isEmpty else {
            check.require(head == nil, "nothing was signed before") {
                Problem(LedgerRule.missing, at: "/ledgerHead", saw: head?.description ?? "")
            }
            if let replace = request.replace, isPlanned { check.problems.append(nothingToReplace(replace)) }
            try addCaps(to: &check, ledger ?? Ledger(), at: clock)
            return nil
        }
        if let head {
            let isKnown = try ledger.knows(head)
            check.require(isKnown, "the ledger knows the entry that the relay saw last") {
                Problem(LedgerRule.headUnknown, at: "/ledgerHead", saw: "\(head)")
            }
        }
        check.require(ledger.latest <= clock, "this machine's clock is not behind the last entry") {
            Problem(LedgerRule.clockBehind, saw: "\(clock)", expected: "\(ledger.latest) or later")
        }
        let entries = try ledger.entries(of: key, chain: terms.chain, from: payer)
        if let existing = existing(among: entries) {
            check.find("this very payment is recorded already: signing it again gives the same bytes")
            return existing
        }
        try addConflicts(to: &check, ledger, with: entries)
        try addCaps(to: &check, ledger, at: clock)
        return nil
    }

    /// Returns the entry that already records this payment with the same transactions, or `nil` if there is none. If
    /// there is one, the payment can be signed again, because signing is deterministic and gives the same bytes.
    func existing(in ledger: Ledger) throws(ProblemList) -> RecordedEntry? {
        existing(among: try ledger.entries(of: key, chain: terms.chain, from: payer))
    }

    private func existing(among entries: [RecordedEntry]) -> RecordedEntry? {
        guard !entries.isEmpty else { return nil }
        let hashes = reviewedHashes
        return entries.last { $0.transactions.map(\.reviewedHash) == hashes }
    }

    /// Reports earlier entries that conflict with the payment.
    ///
    /// - Parameter entries: the earlier entries of the same request.
    private func addConflicts(
        to check: inout Check, _ ledger: Ledger, with entries: [RecordedEntry]
    ) throws(ProblemList) {
        let nonces = nonces
        // Entries that conflict with this payment. If a later entry has replaced an entry, only the later entry
        // conflicts, so the earlier one is left out.
        var conflicts: [(LedgerRule, RecordedEntry)] = []
        // Entries of the same request whose transactions use none of the nonces of this payment. Such an entry
        // conflicts with this payment even if a later entry replaced it, because its transactions can still be mined.
        // This array stays empty if a contract refuses a second payment of the request.
        var lasting: [RecordedEntry] = []
        for entry in entries {
            // If two transactions have the same nonce, only one of them can be mined. If two transactions have
            // different nonces, both can be mined.
            let sharesNonce = entry.transactions.contains { entry.entry.nonce(of: $0).map(nonces.contains) ?? false }
            if !type(of: request.subject).isKeptByContract, !sharesNonce {
                lasting.append(entry)
            } else if try !ledger.isPaymentReplaced(entry) {
                conflicts.append((.intentSigned, entry))
            }
        }
        for nonce in nonces {
            for entry in try ledger.entries(with: nonce, chain: terms.chain, from: payer)
            where try !ledger.isReplaced(entry, at: nonce) { conflicts.append((.nonceSigned, entry)) }
        }
        var reported: Set<Hash> = []
        for (rule, entry) in conflicts where !isReplaced(entry) && reported.insert(entry.hash).inserted {
            let known =
                entry.transactions.first { entry.entry.nonce(of: $0).map(nonces.contains) ?? false }
                ?? entry.transactions.first { $0.role == Payment.Role.pay.rawValue } ?? entry.transactions.first
            check.problems.append(
                Problem(
                    rule, at: rule == .intentSigned ? terms.places.reference : ArgumentPlace.nonce.rawValue,
                    saw: "nonce \(known?.nonce ?? 0), signed at \(entry.time)",
                    expected: "a replacement of \(known.map { "\($0.hash)" } ?? "")"))
        }
        for entry in lasting where isPlanned && reported.insert(entry.hash).inserted {
            check.problems.append(
                Problem(
                    LedgerRule.signedWithOtherNonce, at: terms.places.reference,
                    saw: "nonce \(entry.transactions.first?.nonce ?? 0), signed at \(entry.time)",
                    expected: "that nonce, or another reference"))
        }
        if let replace = request.replace, isPlanned, !conflicts.contains(where: { isReplaced($0.1) }),
            !lasting.contains(where: isReplaced)
        {
            check.problems.append(nothingToReplace(replace))
        }
        let takesNonce = conflicts.contains { _, entry in
            isReplaced(entry) && entry.transactions.contains { entry.entry.nonce(of: $0).map(nonces.contains) ?? false }
        }
        if takesNonce, message == nil {
            check.warnings.append(
                "nodes accept a replacement only if both its fees are at least 10 % above those of the transaction it "
                    + "replaces: compare them, for the ledger does not know those")
        }
        if conflicts.isEmpty, lasting.isEmpty { check.find("request and nonce are new") }
        if let first = nonces.first,
            let last = try ledger.lastNonce(of: first.token, chain: terms.chain, from: payer),
            first.number > last, first.number - last > 1
        {
            check.warnings.append(
                "the last nonce signed here is \(last): \(first.number) leaves a gap, and waits until it is filled")
        }
    }

    private func nothingToReplace(_ hash: Hash) -> Problem {
        Problem(LedgerRule.nothingToReplace, at: .replace, saw: "\(hash)")
    }

    private func isReplaced(_ entry: RecordedEntry) -> Bool {
        request.replace.map { hash in entry.transactions.contains { $0.hash == hash } } ?? false
    }

    /// Checks the caps for the last 24 hours, by this machine's clock. All amounts that were signed in these 24 hours
    /// count, even if the transactions were never sent.
    private func addCaps(to check: inout Check, _ ledger: Ledger, at clock: Timestamp) throws(ProblemList) {
        guard let rules = request.rules else { return }
        let since = Timestamp(seconds: clock.seconds - min(clock.seconds, 86_400))
        for spend in terms.spends(action?.call) {
            guard let currency = rules.currencies[spend.currency], let cap = currency.perDay else { continue }
            let before = try ledger.spent(spend.currency, on: terms.chain, since: since)
            let total = before?.adding(spend.amount)
            func words(_ amount: UInt256) -> String {
                "\(Amount.format(amount, decimals: currency.decimals)) \(escaped(currency.symbol, limit: 16))"
            }
            check.require(total.map { $0 <= cap } ?? false, "within the cap of \(words(cap)) in 24 hours") {
                let isOwed = terms.owed(of: spend.currency) != nil
                let place = action?.call.takes.first { $0.token == spend.currency }?.place
                return Problem(
                    LedgerRule.perDay, at: isOwed ? terms.places.amount : place ?? ArgumentPlace.value.rawValue,
                    saw: total.map { "\(words($0)) in 24 hours" } ?? "more than 256 bits",
                    expected: "at most \(words(cap))")
            }
        }
    }
}

extension Terms {
    /// Returns the amounts that count towards the caps: the amounts that the payer owes, and other amounts that the
    /// call moves, converts or lets others spend.
    package func spends(_ call: Call?) -> [LedgerEntry.Spend] {
        var spends = owed.map { LedgerEntry.Spend(currency: $0.currency, amount: $0.amount) }
        if let value = call?.value, !value.isZero, owed(of: .zero) == nil {
            spends.append(LedgerEntry.Spend(currency: .zero, amount: value))
        }
        return spends + (call?.takes.spends ?? []).filter { owed(of: $0.currency) == nil }
    }
}

extension [TokenOutflow] {
    /// The sum of the amounts of each token, in the order in which the tokens first occur. If a sum has more than 256
    /// bits, the maximum 256-bit value is used instead.
    var spends: [LedgerEntry.Spend] {
        var sums: [(token: Address, amount: UInt256)] = []
        for take in self {
            if let index = sums.firstIndex(where: { $0.token == take.token }) {
                sums[index].amount = sums[index].amount.adding(take.amount) ?? .max
            } else {
                sums.append((take.token, take.amount))
            }
        }
        return sums.map { LedgerEntry.Spend(currency: $0.token, amount: $0.amount) }
    }
}
