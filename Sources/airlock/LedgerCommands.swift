import CommandLineTool
import EthereumTypes
import Files
import Problems
import Signing
import StrictJSON

/// `ledger`: what was signed on this machine, and whether the record of it is whole.
enum LedgerCommands {
    private static let head = Option(
        "--head", value: "HASH", help: "an entry that must be in it, such as the last that the relay saw")
    private static let acceptHead = Option(
        "--accept-head", value: "HASH", help: "go on from the last entry of a ledger that was lost")
    private static let format = Option("--format", value: "csv|json", help: "of the export (default csv)")

    static func all(_ console: Console) -> [Command] {
        [list(console), verify(console), begin(console), export(console)]
    }

    private static func list(_ console: Console) -> Command {
        Command("ledger list", "list what was signed", options: [PaymentOptions.ledger]) { arguments in
            let ledger = try read(arguments, console)
            if arguments.has(.json) {
                try console.write(document(of: ledger, .array(ledger.entries.map { try $0.document })))
            } else {
                for entry in ledger.entries { try console.write(entry.text) }
                if ledger.entries.isEmpty { console.note("nothing was signed yet\n") }
            }
            note(ledger, console)
            return .done
        }
    }

    /// `{"ok":true,…}`, and what a crash left behind where it did.
    private static func document(of ledger: Ledger, _ entries: JSONOutput) -> JSONOutput {
        let unfinished = ledger.unfinishedBytes
        return .object(
            [("ok", true), ("head", .string("\(ledger.head)")), ("entries", entries)]
                + (unfinished > 0 ? [("unfinishedBytes", .number("\(unfinished)"))] : []))
    }

    private static func note(_ ledger: Ledger, _ console: Console) {
        if let unfinished = ledger.unfinished { console.note("note: \(unfinished)\n") }
    }

    private static func verify(_ console: Console) -> Command {
        Command(
            "ledger verify", "check that no entry was altered, moved or taken out",
            options: [PaymentOptions.ledger, head]
        ) { arguments in
            var problems: [Problem] = []
            let expected = arguments.value(head, { try Hash(hex: $0) }, into: &problems)
            if let all = ProblemList(problems) { throw all }
            let path = try PaymentOptions.ledgerPath(arguments)
            guard let ledger = try LedgerFile(path).read() else {
                // Only a head tells that there was one.
                throw expected == nil ? noLedger(path) : Problem(LedgerRule.missing, at: path)
            }
            if let expected, !ledger.knows(expected) {
                throw Problem(LedgerRule.headUnknown, at: head.name, saw: "\(expected)")
            }
            if arguments.has(.json) {
                try console.write(document(of: ledger, .number("\(ledger.entries.count)")))
            } else {
                try console.write("\(ledger.count), each follows the one before\nhead \(ledger.head)\n")
            }
            note(ledger, console)
            return .done
        }
    }

    private static func begin(_ console: Console) -> Command {
        Command(
            "ledger init", "begin a ledger, or go on after a lost one", options: [PaymentOptions.ledger, acceptHead]
        ) { arguments in
            var problems: [Problem] = []
            let accepted = arguments.value(acceptHead, { try Hash(hex: $0) }, into: &problems)
            if let all = ProblemList(problems) { throw all }
            let path = try PaymentOptions.ledgerPath(arguments)
            let time = PaymentOptions.machineTime
            try LedgerFile(path).create(accepting: accepted, time: time, claimedTime: time)
            if arguments.has(.json) {
                try console.write(["ok": true, "ledger": .string(path)])
            } else {
                try console.write("\(path)\n")
            }
            return .done
        }
    }

    private static func export(_ console: Console) -> Command {
        Command(
            "ledger export", "write all entries as CSV or JSON Lines", options: [PaymentOptions.ledger, format]
        ) { arguments in
            let format = arguments.value(format) ?? "csv"
            guard ["csv", "json"].contains(format) else {
                throw Problem(UsageRule.invalidValue, at: Self.format.name, saw: format, expected: "csv or json")
            }
            let ledger = try read(arguments, console)
            if arguments.has(.json) {
                try console.write(["ok": true, "entries": .array(ledger.entries.map { try $0.document })])
            } else if format == "json" {
                for entry in ledger.entries { try console.write(try entry.document.text + "\n") }
            } else {
                try console.write(LedgerEntry.csvHead + "\n")
                for entry in ledger.entries { for line in entry.csv { try console.write(line + "\n") } }
            }
            return .done
        }
    }

    /// Where nobody names one, none yet is an empty one.
    private static func read(_ arguments: Arguments, _ console: Console) throws -> Ledger {
        let path = try PaymentOptions.ledgerPath(arguments)
        if let ledger = try LedgerFile(path).read() { return ledger }
        guard arguments.value(PaymentOptions.ledger) == nil else { throw noLedger(path) }
        console.note("note: there is no ledger at \(escaped(path, limit: 256)) yet\n")
        return Ledger()
    }

    private static func noLedger(_ path: String) -> Problem {
        Problem(
            FileRule.missing, at: path,
            hint: "the first payment begins a ledger; if there was one before, restore it from a copy")
    }
}

extension Ledger {
    /// How many entries, in words.
    var count: String { entries.count == 1 ? "1 entry" : "\(entries.count) entries" }
}

extension LedgerEntry {
    /// The members of its line, after its own hash.
    fileprivate var document: JSONOutput {
        get throws {
            let members = try JSONDocument(line).root.members ?? []
            return .object([("hash", .string("\(hash)"))] + members.map { ($0.key, $0.value.json) })
        }
    }

    fileprivate var text: String {
        var text = "\(time) \(subject.rawValue) \(hash)\n"
        if subject == .payment {
            text += "  \(chain), from \(from), charge \(escaped(chargeID)), intent \(intentID)\n"
            for spend in spends { text += "  spends \(spend.amount) of \(spend.currency)\n" }
        }
        for transaction in transactions {
            text += "  \(escaped(transaction.role)) \(transaction.nonce.map { "\($0) " } ?? "")\(transaction.hash)\n"
        }
        return text
    }

    static let csvHead =
        "entry,time,claimedTime,subject,chainId,from,chargeId,intentId,recipient,method,currency,amount,role,nonce,hash"

    /// One line for each transaction, and one for each amount of the first that pays, or of the very first: a sum over
    /// all lines counts every amount once. The charge's id is foreign: it is escaped, and quoted.
    fileprivate var csv: [String] {
        let common = [
            "\(hash)", "\(time)", "\(claimedTime)", subject.rawValue, "\(chain.id)", "\(from)", quoted(chargeID),
            "\(intentID)", "\(recipient)", quoted(method),
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

    private func quoted(_ text: String) -> String {
        "\""
            + escaped(text, limit: 256).split(separator: "\"", omittingEmptySubsequences: false).joined(
                separator: "\"\"")
            + "\""
    }
}
