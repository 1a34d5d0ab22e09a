import Transactions
import EthereumTypes
import PaymentFiles
import Problems
import TransferProtocol

/// What the ledger has to say of a payment: whether intent and nonce are free, what was spent, and whether it is whole.
struct LedgerCheck {
    let shared: Shared<PaymentRequest>
    let call: PaymentCall?
    let plan: [PlannedTransaction]
    /// In the place of a plan.
    let permit: TokenPermit?

    /// What is signed, in order.
    var signingHashes: [Hash] { permit.map { [$0.digest] } ?? plan.map(\.signingHash) }

    /// The nonces that are used up, in order.
    private var nonces: [LedgerNonce] {
        if let permit {
            let token = charge.intent.recipientCurrency
            return UInt64(exactly: permit.nonce).map { [LedgerNonce(token: token, number: $0)] } ?? []
        }
        return Set(plan.map(\.transaction.nonce)).sorted().map { LedgerNonce(token: nil, number: $0) }
    }

    @inline(__always) private var request: PaymentRequest { shared.value }
    @inline(__always) private var charge: UnverifiedCharge { shared.value.charge }

    /// Adds to a check what holds of a ledger at a moment of the machine's time; `nil` means that there is none yet.
    func add(to check: inout Check, _ ledger: Ledger?, at clock: Timestamp) {
        do { try ask(ledger, at: clock, &check) } catch { check.problems += error.problems }
    }

    private func ask(_ ledger: Ledger?, at clock: Timestamp, _ check: inout Check) throws(ProblemList) {
        let head = request.conditions?.ledgerHead
        if let unfinished = ledger?.unfinished { check.warnings.append(unfinished) }
        guard let ledger, !ledger.isEmpty else {
            check.require(head == nil, "nothing was signed before") {
                Problem(LedgerRule.missing, at: "/ledgerHead", saw: head?.description ?? "")
            }
            if let replace = request.replace { check.problems.append(nothingToReplace(replace)) }
            try addCaps(to: &check, ledger ?? Ledger(), at: clock)
            return
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
        try addConflicts(to: &check, ledger)
        try addCaps(to: &check, ledger, at: clock)
    }

    /// The line that holds this very payment, transaction for transaction. Signing is deterministic, so signing it
    /// again gives the same bytes.
    func existing(in ledger: Ledger) throws(ProblemList) -> LedgerEntry? {
        try ledger.entries(of: charge.intent.id, chain: charge.chain, from: charge.sender)
            .last { $0.transactions.map(\.signingHash) == signingHashes }
    }

    private func addConflicts(to check: inout Check, _ ledger: Ledger) throws(ProblemList) {
        if try existing(in: ledger) != nil {
            check.findings.append("this very payment is recorded already: signing it again gives the same bytes")
            return
        }
        let nonces = nonces
        // What was replaced stands in nobody's way any more, only what replaced it.
        var conflicts: [(LedgerRule, LedgerEntry)] = []
        for entry in try ledger.entries(of: charge.intent.id, chain: charge.chain, from: charge.sender)
        where try !ledger.isPaymentReplaced(entry) { conflicts.append((.intentSigned, entry)) }
        for nonce in nonces {
            for entry in try ledger.entries(with: nonce, chain: charge.chain, from: charge.sender)
            where try !ledger.isReplaced(entry, at: nonce) { conflicts.append((.nonceSigned, entry)) }
        }
        var reported: Set<Hash> = []
        for (rule, entry) in conflicts where !isReplaced(entry) && reported.insert(entry.hash).inserted {
            let known =
                entry.transactions.first { entry.nonce(of: $0).map(nonces.contains) ?? false }
                ?? entry.transactions.first { $0.role == Payment.Role.pay.rawValue } ?? entry.transactions.first
            check.problems.append(
                Problem(
                    rule, at: rule == .intentSigned ? "\(UnverifiedCharge.callData)/id" : "--nonce",
                    saw: "nonce \(known?.nonce ?? 0), signed at \(entry.time)",
                    expected: "--replace \(known.map { "\($0.hash)" } ?? "")"))
        }
        if let replace = request.replace, !conflicts.contains(where: { isReplaced($0.1) }) {
            check.problems.append(nothingToReplace(replace))
        }
        if conflicts.isEmpty { check.findings.append("intent and nonce are new") }
        if let first = nonces.first,
            let last = try ledger.lastNonce(of: first.token, chain: charge.chain, from: charge.sender),
            first.number > last, first.number - last > 1
        {
            check.warnings.append(
                "the last nonce signed here is \(last): \(first.number) leaves a gap, and waits until it is filled")
        }
    }

    private func nothingToReplace(_ hash: Hash) -> Problem {
        Problem(LedgerRule.nothingToReplace, at: "--replace", saw: "\(hash)")
    }

    private func isReplaced(_ entry: LedgerEntry) -> Bool {
        request.replace.map { hash in entry.transactions.contains { $0.hash == hash } } ?? false
    }

    /// The caps over the last 24 hours of the machine's time; everything that was signed counts.
    private func addCaps(to check: inout Check, _ ledger: Ledger, at clock: Timestamp) throws(ProblemList) {
        guard let rules = request.rules, try existing(in: ledger) == nil else { return }
        let since = Timestamp(seconds: clock.seconds - min(clock.seconds, 86_400))
        for spend in request.spends(call) {
            guard let currency = rules.currencies[spend.currency], let cap = currency.perDay else { continue }
            let before = try ledger.spent(spend.currency, on: charge.chain, since: since)
            let total = before?.adding(spend.amount)
            let symbol = escaped(currency.symbol, limit: 16)
            func words(_ amount: UInt256) -> String {
                "\(Amount.format(amount, decimals: currency.decimals)) \(symbol)"
            }
            check.require(total.map { $0 <= cap } ?? false, "within the cap of \(words(cap)) in 24 hours") {
                let isOwn = spend.currency == charge.intent.recipientCurrency
                return Problem(
                    LedgerRule.perDay, at: isOwn ? "\(UnverifiedCharge.callData)/recipient_amount" : "--value",
                    saw: total.map { "\(words($0)) in 24 hours" } ?? "more than 256 bits",
                    expected: "at most \(words(cap))")
            }
        }
    }
}

extension PaymentRequest {
    /// What leaves the payer, as the caps count it: what the charge asks for, and native currency or another token
    /// where a method turns it into that.
    func spends(_ call: PaymentCall?) -> [LedgerEntry.Spend] {
        let currency = charge.intent.recipientCurrency
        var spends = [LedgerEntry.Spend(currency: currency, amount: charge.needed)]
        if let value = call?.value, !value.isZero, !currency.isZero {
            spends.append(LedgerEntry.Spend(currency: .zero, amount: value))
        }
        if let spend = call?.spend, spend.token != currency {
            spends.append(LedgerEntry.Spend(currency: spend.token, amount: spend.amount))
        }
        return spends
    }
}
