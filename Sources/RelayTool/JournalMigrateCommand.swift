import AirlockBroadcast
import AirlockCommandLineTool
import AirlockStrictJSON

/// `journal migrate`: brings the journal's tables to the version of this Airlock.
enum JournalMigrateCommand {
    static let notes = """
        In PostgreSQL the tables of an older Airlock stay as they are until this is run:
        other relays may still work with them. Stop those first. All migrations that are
        missing are made in one transaction, or none. A file of SQLite is also upgraded by
        the first command that writes into it. A newer journal is refused (78).
        """

    static func make(_ console: Console) -> Command {
        Command(
            "journal migrate", "bring the journal's tables to this version, or make them",
            options: [RelayOptions.journal], notes: notes
        ) { arguments in
            let place = try RelayOptions.journalPlace(arguments)
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
