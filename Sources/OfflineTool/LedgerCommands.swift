import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockRequests
import AirlockSigning
import AirlockStrictJSON

/// The `ledger` commands. They list and export the signatures made on this machine, and verify the ledger.
enum LedgerCommands {
    private static let head = Option(
        "--head", value: "HASH", help: "an entry that the ledger must contain, such as the last that the relay saw")
    private static let acceptHead = Option(
        "--accept-head", value: "HASH", help: "continue from the last entry of a ledger that was lost")
    private static let format = Option("--format", value: "csv|json", help: "the form of the export (default csv)")

    static func all(_ console: Console) -> [Command] {
        [list(console), verify(console), begin(console), export(console)]
    }

    private static func list(_ console: Console) -> Command {
        Command("ledger list", "list what was signed", options: LedgerOptions.all) { arguments in
            let (file, chain) = try follow(arguments, console)
            if arguments.has(.json) {
                try write(file, chain, console) { [("head", .string("\($0.head)"))] }
            } else {
                _ = try file?.follow { entry, hash in try console.write(entry.text(hash)) }
                if chain.count == 0 { console.note("nothing was signed yet\n") }
            }
            note(chain, console)
            return .done
        }
    }

    /// Writes the entries of the ledger as one JSON document. Each entry is written immediately, because a long ledger
    /// may not fit into memory.
    private static func write(
        _ file: LedgerFile?, _ chain: LedgerChain, _ console: Console,
        _ head: (LedgerChain) -> [(String, JSONOutput)]
    ) throws {
        let members = [("ok", JSONOutput.boolean(true))] + head(chain)
        try console.write(JSONOutput.object(members).printable.dropLast() + ",\"entries\":[")
        var isFirst = true
        _ = try file?.follow { entry, hash in
            try console.write((isFirst ? "" : ",") + entry.document(hash).printable)
            isFirst = false
        }
        let unfinished = chain.unfinishedBytes > 0 ? ",\"unfinishedBytes\":\(chain.unfinishedBytes)" : ""
        try console.write("]\(unfinished)}\n")
    }

    private static func note(_ chain: LedgerChain, _ console: Console) {
        if let unfinished = chain.unfinished { console.note("note: \(unfinished)\n") }
    }

    private static func verify(_ console: Console) -> Command {
        Command(
            "ledger verify", "check that no entry was altered, moved or removed",
            options: LedgerOptions.all + [head]
        ) { arguments in
            var problems: [Problem] = []
            let expected = arguments.value(head, { try Hash(hex: $0) }, into: &problems)
            if let all = ProblemList(problems) { throw all }
            let file = try LedgerOptions.file(arguments, console)
            var isKnown = expected == nil
            let followed = try file.follow { entry, hash in
                if hash == expected || (entry.subject == .begin && entry.previous == expected) { isKnown = true }
            }
            guard let chain = followed else {
                // The ledger does not exist. If the user gave the hash of an earlier entry, the ledger existed in the
                // past and is now missing. If the user gave no hash, the ledger may never have existed, so a different
                // error is reported.
                throw expected == nil ? noLedger(file.path) : Problem(LedgerRule.missing, at: file.path)
            }
            if let expected, !isKnown { throw Problem(LedgerRule.headUnknown, at: head.name, saw: "\(expected)") }
            if arguments.has(.json) {
                let unfinished = chain.unfinishedBytes
                try console.write(
                    .object(
                        [("ok", true), ("head", .string("\(chain.head)")), ("entries", .number("\(chain.count)"))]
                            + (unfinished > 0 ? [("unfinishedBytes", .number("\(unfinished)"))] : [])))
            } else {
                try console.write("\(chain.words), each follows the one before\nhead \(chain.head)\n")
            }
            note(chain, console)
            return .done
        }
    }

    private static func begin(_ console: Console) -> Command {
        Command(
            "ledger init", "begin a ledger, or continue a lost one", options: LedgerOptions.all + [acceptHead]
        ) { arguments in
            var problems: [Problem] = []
            let accepted = arguments.value(acceptHead, { try Hash(hex: $0) }, into: &problems)
            if let all = ProblemList(problems) { throw all }
            let file = try LedgerOptions.file(arguments, console)
            let time = PaymentOptions.machineTime
            try file.create(accepting: accepted, time: time, claimedTime: time)
            if arguments.has(.json) {
                try console.write(["ok": true, "ledger": .string(file.path)])
            } else {
                try console.write(escaped(file.path, limit: 4096) + "\n")
                console.note("airlock: began the ledger; next: airlock sign, which records there\n")
            }
            return .done
        }
    }

    private static func export(_ console: Console) -> Command {
        Command(
            "ledger export", "write all entries as CSV or JSON Lines", options: LedgerOptions.all + [format]
        ) { arguments in
            let format = arguments.value(format) ?? "csv"
            guard ["csv", "json"].contains(format) else {
                throw Problem(UsageRule.invalidValue, at: Self.format.name, saw: format, expected: "csv or json")
            }
            let (file, chain) = try follow(arguments, console)
            if arguments.has(.json) {
                try write(file, chain, console) { _ in [] }
            } else if format == "json" {
                _ = try file?.follow { entry, hash in try console.write(entry.document(hash).printable + "\n") }
            } else {
                try console.write(LedgerEntry.csvHead + "\n")
                _ = try file?.follow { entry, hash in
                    for line in entry.csv(hash) { try console.write(line + "\n") }
                }
            }
            return .done
        }
    }

    /// Verifies the whole hash chain of the ledger before the command writes any output. A damaged ledger is refused,
    /// and no part of it is shown. Without `--ledger`, a missing ledger counts as an empty ledger.
    private static func follow(_ arguments: Arguments, _ console: Console) throws -> (LedgerFile?, LedgerChain) {
        let file = try LedgerOptions.file(arguments, console)
        if let chain = try file.follow() { return (file, chain) }
        guard arguments.value(PaymentOptions.ledger) == nil else { throw noLedger(file.path) }
        console.note("note: there is no ledger at \(escaped(file.path, limit: 256)) yet\n")
        return (nil, LedgerChain())
    }

    private static func noLedger(_ path: String) -> Problem {
        Problem(
            FileRule.missing, at: path,
            hint: "the first payment begins a ledger; if there was one before, restore it from a copy")
    }
}

extension LedgerChain {
    /// The number of entries as text for the user, such as `1 entry`.
    var words: String { count == 1 ? "1 entry" : "\(count) entries" }
}

extension LedgerEntry {
    /// Returns the ledger entry as JSON. The first member is the hash of the entry. All members of the entry follow, as
    /// the ledger file contains them.
    fileprivate func document(_ hash: Hash) throws -> JSONOutput {
        let members = try JSONDocument(line).root.members ?? []
        return .object([("hash", .string("\(hash)"))] + members.map { ($0.key, $0.value.json) })
    }

    fileprivate func text(_ hash: Hash) -> String {
        var text = "\(time) \(subject.rawValue) \(hash)\n"
        if subject == .payment {
            text += "  \(chain), from \(from), \(name)\n"
            for spend in spends { text += "  spends \(spend.amount) of \(spend.currency)\n" }
        }
        for transaction in transactions {
            text += "  \(escaped(transaction.role)) \(transaction.nonce.map { "\($0) " } ?? "")\(transaction.hash)\n"
        }
        return text
    }

    /// Text for the user that identifies the request of this entry. For a request of the oldest kind, it contains the
    /// name and the ID of the request. For any newer kind, it contains the kind, the reference, and the hash that
    /// identifies the request.
    private var name: String {
        switch request {
        case .first(let name, let id, _): LegacyMembers.words(escaped(name), id)
        case .request(let kind, let key, let reference):
            "\(escaped(kind)) \(reference.isEmpty ? "without a reference" : Reference.shown(reference)), key \(key)"
        case nil: "no request"
        }
    }

    /// The values of the three CSV columns that identify the request. For a request of the oldest kind, the columns
    /// contain the name, the ID and the method, and the column headers are named after these values. For a request of
    /// any newer kind, the columns contain the reference, the hash that identifies the request, and the kind.
    private var columns: (name: String, id: String, method: String) {
        switch request {
        case .first(let name, let id, let method): (name, "\(id)", method)
        case .request(let kind, let key, let reference): (reference, "\(key)", kind)
        case nil: ("", "\(FixedBytes<16>.zero)", method)
        }
    }

    static let csvHead =
        "entry,time,claimedTime,subject,chainId,from,\(LegacyMembers.name),\(LegacyMembers.id),recipient,method,currency,amount,role,nonce,"
        + "hash"

    /// Formats the entry as CSV lines. The transaction that makes the payment gets one line for each amount of the
    /// payment. If no transaction makes the payment, the first transaction gets these lines. Each remaining transaction
    /// gets a single line without an amount. Thus a sum over all lines counts each amount once. The request's name is
    /// untrusted text, so it is escaped and quoted.
    fileprivate func csv(_ hash: Hash) -> [String] {
        let common = [
            "\(hash)", "\(time)", "\(claimedTime)", subject.rawValue, "\(chain.id)", "\(from)", quoted(columns.name),
            columns.id, "\(recipient)", quoted(columns.method),
        ]
        let amounts = spends.isEmpty ? [["", ""]] : spends.map { ["\($0.currency)", "\($0.amount)"] }
        let paying = transactions.firstIndex { $0.role == "pay" } ?? 0
        let lines = transactions.enumerated().flatMap { index, signed in
            (index == paying ? amounts : [["", ""]]).map { amount in
                common + amount + [quoted(signed.role), signed.nonce.map { "\($0)" } ?? "", "\(signed.hash)"]
            }
        }
        return (lines.isEmpty ? [common + ["", "", "", "", ""]] : lines).map { $0.joined(separator: ",") }
    }

    /// Quotes a string for CSV. A spreadsheet would treat a string that begins with = + - or @ as a formula, so such a
    /// string is prefixed with an apostrophe. A tab or a line break before such a character would hide this character
    /// from the check, so tabs and line breaks are escaped first. No reference is cut.
    private func quoted(_ text: String) -> String {
        let shown = Reference.shown(text)
        let harmless = ["=", "+", "-", "@"].contains { shown.hasPrefix($0) } ? "'\(shown)" : shown
        return "\"" + harmless.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// The options for the ledger: the path of the ledger file, and how long to wait if another process has locked this
/// file.
enum LedgerOptions {
    static let ledger = PaymentOptions.ledger
    static let lockTimeout = Option(
        "--lock-timeout", value: "SECONDS",
        help: "how long to wait while another process holds the ledger (default 10)")
    static let all = [ledger, lockTimeout]

    /// Returns the ledger that the user specified, or the user's default ledger. If the process must wait for the lock,
    /// the user sees a note.
    static func file(_ arguments: Arguments, _ console: Console) throws -> LedgerFile {
        var problems: [Problem] = []
        let seconds = arguments.value(lockTimeout, Quantity.uint64, into: &problems)
        if let all = ProblemList(problems) { throw all }
        let wait = LockWait(seconds: min(seconds ?? 10, 86_400)) { path in
            console.note("airlock: waiting for \(escaped(path, limit: 256)), which another process holds\n")
        }
        return LedgerFile(try PaymentOptions.ledgerPath(arguments), wait)
    }
}
