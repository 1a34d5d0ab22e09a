import AirlockRequests
import AirlockBroadcast
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockDiagnostics
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockStrictJSON
import Synchronization

/// `status`: shows the payments in the journal. It does not query a node.
enum StatusCommand {
    static let state = Option(
        "--state", value: "STATE", repeatable: true, help: "only payments in this state; more than one may be given")
    static let since = Option("--since", value: "TIME", help: "only payments that changed at this time or later")
    static let limit = Option(
        "--limit", value: "N",
        help: "only the latest N payments; all for every one (default 1000, unless others are named)")

    static let notes = """
        ID is a comparison code, a request's id or reference, or a transaction's hash.
        The latest payment comes first. STATE is one of recorded, sent, mined, settled,
        reverted, replaced, expired and cancelled; TIME is 2026-03-11T08:30:49Z or the
        like. Amount and recipient are those of the signed transactions. Without ID,
        --state, --since and --limit it shows the latest 1000, and says on standard error
        that there are more.
        """

    static func make(_ console: Console) -> Command {
        Command(
            "status", "show what the journal knows about all payments, or about one", operands: ["[ID]"],
            options: [state, since, limit, RelayOptions.journal], notes: notes
        ) { arguments in
            var filter = try filter(arguments)
            let most = usualLimit(arguments)
            // Read one payment more than the limit from the journal. If the journal returns this additional payment,
            // there are more payments than the command shows, and the command tells the user so.
            if let most { filter.limit = most + 1 }
            let wanted = filter
            let journal = try RelayOptions.journalToRead(arguments)
            if journal == nil, let name = filter.name {
                throw Problem(
                    JournalRule.unknownPayment, at: "\(try RelayOptions.journalLocation(arguments))", saw: name)
            }
            guard arguments.has(.json) else {
                guard let journal else { return .done }
                try waiting {
                    try await journal.closing {
                        try await show(wanted, most, of: journal, console) { try console.write($0.text) }
                    }
                }
                return .done
            }
            return try JSONStream.write("payments", on: console) { put in
                guard let journal else { return }
                try await journal.closing { try await show(wanted, most, of: journal, console) { try put($0.json) } }
            }
        }
    }

    /// Returns the default maximum number of payments to show. Returns `nil` if the user selects payments or sets a
    /// limit. There is a default because a journal may contain a million payments.
    private static func usualLimit(_ arguments: Arguments) -> Int? {
        let isOpen = arguments.operand(0) == nil && ![state, since, limit].contains(where: arguments.has)
        return isOpen ? 1000 : nil
    }

    private static func show(
        _ filter: JournalFilter, _ most: Int?, of journal: any PaymentJournal, _ console: Console,
        _ put: @Sendable (JournalPayment) throws -> Void
    ) async throws {
        let count = Mutex(0)
        try await journal.payments(filter) { payment in
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number <= most ?? .max { try put(payment) }
        }
        if let most, count.withLock({ $0 }) > most {
            console.note("airlock-relay: note: these are the latest \(most) payments; --limit all shows every one\n")
        }
    }

    private static func filter(_ arguments: Arguments) throws -> JournalFilter {
        var problems: [Problem] = []
        var filter = JournalFilter(name: arguments.operand(0))
        for text in arguments.values(state) {
            if let state = PaymentState(rawValue: text) {
                filter.states.insert(state)
            } else {
                let all = PaymentState.allCases.map(\.rawValue).joined(separator: ", ")
                problems.append(Problem(UsageRule.invalidValue, at: state.name, saw: text, expected: "one of \(all)"))
            }
        }
        filter.since = arguments.value(since, { try Timestamp($0) }, into: &problems)
        if arguments.value(limit) != "all" {
            filter.limit = arguments.value(limit, Quantity.uint64, into: &problems).map { Int(clamping: $0) }
        }
        if let all = ProblemList(problems) { throw all }
        return filter
    }
}

extension JournalPayment {
    fileprivate var text: String {
        var lines = ["\(state.rawValue)  \(code)  \(changedAt)"]
        let name = chargeID.flatMap {
            let isNamed = method.map(RequestKinds.names.contains) == true
            return $0.isEmpty ? nil : "\(isNamed ? "reference" : LegacyMembers.kind) \(Reference.shown($0))"
        }
        let about = [name, method, expires.map { "until \($0)" }]
        let said = about.compactMap(\.self).joined(separator: ", ")
        if !said.isEmpty { lines.append("  \(said)") }
        if let summary { lines.append("  \(summary.text)") }
        if let failure { lines.append("  \(failure.meaning)") }
        if let cancelAskedAt { lines.append("  cancel asked for at \(cancelAskedAt)") }
        for transaction in transactions {
            let role = transaction.role ?? "raw"
            // A payment can contain the same transaction several times, with the same nonce and different fees. Each of
            // these transactions has a number, which the output calls its rung. The rung is shown only if the payment
            // contains several such transactions.
            let isOne = transactions.count { $0.role == role && $0.nonce == transaction.nonce } < 2
            let rung = isOne ? "" : transaction.rung.map { " rung \($0)" } ?? ""
            let fate = transaction.block.map { "in block \($0)" } ?? transaction.answer ?? "not sent"
            let fees = isOne ? "" : transaction.fees.map { " (\($0))" } ?? ""
            lines.append("  \(role)\(rung) \(transaction.nonce) \(transaction.hash) \(fate)\(fees)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
