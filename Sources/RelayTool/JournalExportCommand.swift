import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockStrictJSON

/// `journal export`: everything that the journal holds, for other programs.
enum JournalExportCommand {
    static let csv = Option("--csv", help: "one line for each transaction, for a spreadsheet, instead of all")

    static func make(_ console: Console) -> Command {
        Command(
            "journal export", "print all that the journal holds, as JSON Lines or CSV",
            options: [csv, RelayOptions.journal],
            notes: "Each JSON line is a row of a table of the journal: table names it."
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
                        try await journal.sheet { try console.write($0) }
                    } else {
                        try await journal.rows { try console.write($0) }
                    }
                }
            }
            return .done
        }
    }
}
