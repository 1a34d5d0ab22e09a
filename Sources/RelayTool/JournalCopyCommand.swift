import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockStrictJSON

/// `journal copy`: all of one journal in another store.
enum JournalCopyCommand {
    static let notes = """
        FROM and TO are each a file of SQLite, an address postgresql://... or @FILE, as
        --journal takes them. TO is made if it is missing, and must hold nothing. Every
        row is copied and then compared, in one transaction: all of it is there, or
        nothing. Stop the relays that use FROM before, and let them use TO afterwards.
        FROM must be of this version; journal migrate brings it there.
        """

    static func make(_ console: Console) -> Command {
        Command(
            "journal copy", "copy a journal into another store, and compare the two", operands: ["FROM", "TO"],
            notes: notes
        ) { arguments in
            let from = try JournalPlace(arguments.operands[0], at: "FROM", isArgument: true)
            let to = try JournalPlace(arguments.operands[1], at: "TO", isArgument: true)
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
