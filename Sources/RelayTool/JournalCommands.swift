import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockStrictJSON
import Synchronization

/// `journal copy`: copies a journal to another location, which is an SQLite file or a PostgreSQL database.
enum JournalCopyCommand {
    static let notes = """
        FROM and TO are each a SQLite file, an address postgresql://... or @FILE, as for
        --journal. TO is created if it is missing, and must be empty. All rows are copied
        and then compared in one transaction: TO gets all of them or none. Stop the relays
        that use FROM first, and let them use TO afterwards. FROM must have the tables of
        this version; journal migrate upgrades it.
        """

    static func make(_ console: Console) -> Command {
        Command(
            "journal copy", "copy a journal into another store, and compare the two", operands: ["FROM", "TO"],
            notes: notes
        ) { arguments in
            let from = try JournalLocation(arguments.operands[0], at: "FROM", isArgument: true)
            let to = try JournalLocation(arguments.operands[1], at: "TO", isArgument: true)
            guard let source = try from.read() else {
                throw Problem(JournalRule.unreadable, at: "\(from)", detail: "there is no journal")
            }
            let target = try to.open { console.note("airlock-relay: note: \($0)\n") }
            let count = try waiting {
                try await source.closing { try await target.closing { try await target.copy(source) } }
            }
            if arguments.has(.json) {
                try console.write(.object([("ok", true), ("rows", .number("\(count)"))]))
            } else {
                try console.write("copied and compared \(count) rows: \(to)\n")
            }
            return .done
        }
    }
}

/// `journal export`: prints everything that the journal holds, for other programs.
enum JournalExportCommand {
    static let csv = Option(
        "--csv", help: "write CSV with one line per transaction, for a spreadsheet, instead of everything")

    static func make(_ console: Console) -> Command {
        Command(
            "journal export", "print all that the journal holds, as JSON Lines or CSV",
            options: [csv, RelayOptions.journal],
            notes: "Each JSON line is a row of one of the journal's tables, which its member table names."
        ) { arguments in
            let journal = try RelayOptions.journalToRead(arguments)
            if arguments.has(.json), !arguments.has(csv) {
                return try JSONStream.write("rows", on: console) { put in
                    guard let journal else { return }
                    try await journal.closing { try await journal.rows(put) }
                }
            }
            guard let journal else { return .done }
            let isSheet = arguments.has(csv)
            try waiting {
                try await journal.closing {
                    if isSheet {
                        try await journal.spreadsheet { try console.write($0) }
                    } else {
                        try await journal.rows { try console.write($0) }
                    }
                }
            }
            return .done
        }
    }
}

/// `journal migrate`: upgrades the journal's tables to the version that this Airlock uses.
enum JournalMigrateCommand {
    static let notes = """
        In PostgreSQL only this command upgrades the tables of an older Airlock, because
        other relays may still use them. Stop those first. All missing migrations are made
        in one transaction. A SQLite file is also upgraded by the first command that writes
        to it. A newer journal is refused (78).
        """

    static func make(_ console: Console) -> Command {
        Command(
            "journal migrate", "upgrade the journal's tables to this version, or create them",
            options: [RelayOptions.journal], notes: notes
        ) { arguments in
            let place = try RelayOptions.journalLocation(arguments)
            let (from, to) = try place.migrate()
            if arguments.has(.json) {
                try console.write(
                    .object([("ok", true), ("from", .number("\(from)")), ("to", .number("\(to)"))]))
            } else {
                try console.write(
                    from == to ? "\(place) has version \(to) already\n" : "\(place): version \(from) to \(to)\n")
            }
            return .done
        }
    }
}

/// `journal prune`: removes old data from the journal, except the data that proves a payment.
enum JournalPruneCommand {
    private static let age = Option(
        "--older-than", value: "TIME",
        help: "only of payments that ended at least this long ago, such as 90d; at least 1d")
    private static let trial = Option("--dry-run", help: "only show what would be removed")
    private static let yes = Option("--yes", help: "do not ask")

    static let notes = """
        For payments that ended before then, prune removes the attempts to send with the
        answers of nodes, the signed transactions whose nonce another transaction of the
        payment used, receipts of blocks that are gone, and webhook deliveries. What proves
        a payment stays: the payment with all its states, every hash, the receipt, the
        event, and the transaction in the block. Open payments are not touched, and relays
        may keep running. If it is interrupted, a part is removed; run it again. TIME has a
        unit: 90d, or 2160h. prune asks at a terminal, and needs --yes elsewhere. A SQLite
        file keeps its size, and its free pages are used again.
        """

    static func make(_ console: Console) -> Command {
        Command(
            "journal prune", "remove old records of ended payments that are not part of their proof",
            options: [age, trial, yes, RelayOptions.journal], notes: notes
        ) { arguments in
            let time = try time(arguments, console)
            let isTrial = arguments.has(trial)
            let journal =
                try isTrial
                ? RelayOptions.journalToRead(arguments) : RelayOptions.existingJournal(arguments, console)
            guard let journal = journal as? SQLJournal else { return try put(PruneCounts(), arguments, console) }
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

    /// Returns the current time minus the age that the user gave with `--older-than`. The command can remove the old
    /// data of a payment that reached a final state before the returned time. If the user gave neither `--yes` nor
    /// `--dry-run`, this function also asks the user to confirm the removal.
    private static func time(_ arguments: Arguments, _ console: Console) throws -> Timestamp {
        guard let text = arguments.value(age) else {
            throw Problem(UsageRule.missingValue, at: age.name, detail: "how long ago payments must have ended")
        }
        let length = try length(text)
        let now = RelayOptions.now.seconds
        let time = Timestamp(seconds: now - min(now, length))
        if arguments.has(trial) || arguments.has(yes) { return time }
        let detail = "what is removed cannot be restored"
        guard console.hasTerminal else {
            throw Problem(
                UsageRule.missingValue, at: yes.name, detail: detail,
                hint: "--dry-run shows what would be removed; without a terminal to ask at, --yes removes it")
        }
        let place = try RelayOptions.journalLocation(arguments)
        let question = """
            Remove from \(place) the records of payments that ended before \(time), except
            their proofs? \(detail.prefix(1).uppercased() + detail.dropFirst()). Type yes:\u{20}
            """
        guard try console.ask(question)?.trimmed == "yes" else { throw Problem(JournalRule.pruneDeclined) }
        return time
    }

    /// Converts a duration in days or hours to seconds. A number without a unit is refused, because in other options
    /// such a number means seconds.
    private static func length(_ text: String) throws -> UInt64 {
        let digits = text.prefix { "0"..."9" ~= $0 }
        let unit = ["d": UInt64(86_400), "h": 3_600][String(text[digits.endIndex...])]
        guard let unit, let number = UInt64(digits), number <= 1_000_000, number * unit >= 86_400 else {
            throw Problem(UsageRule.invalidValue, at: age.name, saw: text, expected: "at least 1d, such as 90d")
        }
        return number * unit
    }

    private static func put(
        _ pruned: PruneCounts, _ arguments: Arguments, _ console: Console
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
            \(arguments.has(trial) ? "would remove" : "removed") from \(pruned.payments) payments: \
            \(pruned.attempts) attempts, \(pruned.transactions) transactions that were outbid, \
            \(pruned.receipts) receipts of blocks that are gone, \(pruned.deliveries) webhook deliveries

            """)
        return .done
    }
}

/// `evidence`: writes the journal's record of one payment into a file. `airlock evidence` adds the file to the evidence
/// folder.
enum EvidenceCommand {
    static let notes = """
        ID is a comparison code, a request's id or reference, or a transaction's hash.
        The file has the states of the payment, its attempts (at most the latest 2000) with
        the answers of nodes (at most 200 characters each), the blocks and the events, each
        with its time. Nobody has signed it: airlock evidence --relay FILE adds it to a
        folder of evidence, whose page says so.
        """

    static func make(_ console: Console) -> Command {
        Command(
            "evidence", "write what the journal knows about one payment, for airlock evidence", operands: ["ID"],
            options: [RelayOptions.journal, RelayOptions.output, RelayOptions.force], notes: notes
        ) { arguments in
            let name = arguments.operands[0]
            guard let journal = try RelayOptions.journalToRead(arguments) else {
                throw Problem(
                    JournalRule.unknownPayment, at: "\(try RelayOptions.journalLocation(arguments))", saw: name)
            }
            let evidence = try waiting {
                try await journal.closing { try await journal.evidence(name, at: RelayOptions.now) }
            }
            let text = evidence.json.printable + "\n"
            let path = arguments.value(RelayOptions.output)
            if path == "-", arguments.has(.json) {
                throw Problem(
                    UsageRule.conflict, at: RelayOptions.output.name, detail: "standard output can have only one form")
            }
            if let path {
                _ = try OutputFile.write(Array(text.utf8).span, to: path, replacing: arguments.has(RelayOptions.force))
            }
            if arguments.has(.json) {
                try console.write(.object([("ok", true), ("evidence", evidence.json)]))
            } else if let path, path != "-" {
                let file = escaped(path, limit: 4096)
                console.note("airlock-relay: wrote \(file); next, with the rest: airlock evidence --relay \(file)\n")
            } else if path == nil {
                try console.write(text)
            }
            return .done
        }
    }
}

/// A thread-safe flag. It is set when the first element of a JSON array has been written.
private final class Begun: Sendable {
    private let flag = Atomic(false)

    var value: Bool { flag.load(ordering: .sequentiallyConsistent) }

    func mark() { flag.store(true, ordering: .sequentiallyConsistent) }
}

/// Writes a JSON document that contains one long array and a few other members. Each element of the array is written
/// immediately and not stored. So the memory in use does not grow with the length of the array.
enum JSONStream {
    /// Writes the JSON document. If at least one element was written, the array is the first member of the document.
    /// The member `ok` follows. If an error stopped the writing of elements, the member `error` follows too. If there
    /// are no elements, the document is `{"ok":true,"NAME":[]}`, where `NAME` is the name of the array. If an error
    /// occurs before the first element, this function writes nothing and throws the error.
    static func write(
        _ member: String, on console: Console,
        _ body: @escaping @Sendable (@escaping @Sendable (JSONOutput) throws -> Void) async throws -> Void
    ) throws -> ExitCode {
        let begun = Begun()
        var problems: [Problem] = []
        do {
            try waiting {
                try await body { element in
                    try console.write((begun.value ? "," : "{\"\(member)\":[") + element.printable)
                    begun.mark()
                }
            }
        } catch {
            // If no element was written yet, nothing was written to standard output. In that case the error is thrown
            // again, and the tool reports it as a complete JSON document.
            guard begun.value, let broken = error as? any RuleBroken else { throw error }
            problems = broken.problems
        }
        guard begun.value else {
            try console.write(.object([("ok", true), (member, .array([]))]))
            return .done
        }
        // The array is the first member of the JSON document. This line writes the closing bracket of the array and the
        // rest of the document. The rest is the text of the document `{"ok":…}` without its opening brace.
        try console.write("]," + Console.document(problems).printable.dropFirst() + "\n")
        return problems.first?.exit ?? .done
    }
}
