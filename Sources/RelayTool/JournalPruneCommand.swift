import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockStrictJSON

/// `journal prune`: takes away what is old and proves nothing.
enum JournalPruneCommand {
    private static let age = Option(
        "--older-than", value: "TIME", help: "only of payments that ended so long ago, such as 90d; at least 1d")
    private static let trial = Option("--dry-run", help: "only say what would be removed")
    private static let yes = Option("--yes", help: "do not ask")

    static let notes = """
        Of payments that ended before then it removes what nodes were asked and answered,
        the signed transactions whose nonce another one of the payment used, receipts of
        blocks that are gone, and what webhooks were told. What proves a payment stays:
        the payment with all its states, every hash, the receipt, the event, and the
        transaction in the block. Open payments are not touched, and relays may go on
        meanwhile. Interrupted, it has removed some of it; run it again. TIME has a unit:
        90d, or 2160h. It asks at a terminal, and takes --yes elsewhere. A file of SQLite
        keeps its size, and its free pages are used again.
        """

    static func make(_ console: Console) -> Command {
        Command(
            "journal prune", "remove what is old of ended payments and proves nothing",
            options: [age, trial, yes, RelayOptions.journal], notes: notes
        ) { arguments in
            let time = try time(arguments, console)
            let isTrial = arguments.has(trial)
            let journal =
                try isTrial
                ? RelayOptions.journalToRead(arguments) : RelayOptions.existingJournal(arguments, console)
            guard let journal = journal as? SQLJournal else { return try put(PrunedJournal(), arguments, console) }
            let shown = console.showsProgress
            let pruned = try waiting {
                try await journal.closing {
                    try await journal.prune(before: time, isTrial: isTrial) { count in
                        if shown { console.note("\rairlock-relay: went through \(count) payments") }
                    }
                }
            }
            if shown, pruned.payments > 0 { console.note("\n") }
            return try put(pruned, arguments, console)
        }
    }

    /// Until when a payment must have ended; asks whether to go on.
    private static func time(_ arguments: Arguments, _ console: Console) throws -> Timestamp {
        guard let text = arguments.value(age) else {
            throw Problem(UsageRule.missingValue, at: age.name, detail: "how long ago payments must have ended")
        }
        let length = try length(text)
        let now = RelayOptions.now.seconds
        let time = Timestamp(seconds: now - min(now, length))
        if arguments.has(trial) || arguments.has(yes) { return time }
        let detail = "what is removed does not come back"
        guard console.hasTerminal else {
            throw Problem(
                UsageRule.missingValue, at: yes.name, detail: detail,
                hint: "--dry-run says what it would be; without a terminal to ask at, --yes removes it")
        }
        let place = try RelayOptions.journalPlace(arguments)
        let question = """
            Remove from \(place) what is kept of payments that ended before \(time) and proves
            nothing? \(detail.prefix(1).uppercased() + detail.dropFirst()). Type yes:\u{20}
            """
        guard try console.ask(question)?.trimmed == "yes" else { throw Problem(JournalRule.pruneDeclined) }
        return time
    }

    /// Seconds; of days or hours, and not of a number alone, which means seconds elsewhere.
    private static func length(_ text: String) throws -> UInt64 {
        let digits = text.prefix { "0"..."9" ~= $0 }
        let unit = ["d": UInt64(86_400), "h": 3_600][String(text[digits.endIndex...])]
        guard let unit, let number = UInt64(digits), number <= 1_000_000, number * unit >= 86_400 else {
            throw Problem(UsageRule.invalidValue, at: age.name, saw: text, expected: "at least 1d, such as 90d")
        }
        return number * unit
    }

    private static func put(
        _ pruned: PrunedJournal, _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        let counts = [
            ("payments", pruned.payments), ("attempts", pruned.attempts), ("transactions", pruned.transactions),
            ("receipts", pruned.receipts), ("deliveries", pruned.deliveries),
        ]
        if arguments.has(.json) {
            let members = counts.map { ($0, JSONOutput.number("\($1)")) }
            try console.write(.object([("ok", true), ("removed", .boolean(!arguments.has(trial)))] + members))
            return .done
        }
        try console.write(
            """
            \(arguments.has(trial) ? "would remove" : "removed") of \(pruned.payments) payments: \
            \(pruned.attempts) attempts, \(pruned.transactions) transactions that were outbid, \
            \(pruned.receipts) receipts of blocks that are gone, \(pruned.deliveries) webhook deliveries

            """)
        return .done
    }
}
