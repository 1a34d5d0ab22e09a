public import AirlockDiagnostics

/// What can go wrong with the file that remembers what was sent.
public enum JournalRule: String, Rule {
    case cannotOpen = "journal.cannot-open"
    case unreadable = "journal.unreadable"
    case damaged = "journal.damaged"
    case notAJournal = "journal.not-a-journal"
    case locked = "journal.locked"
    case failed = "journal.failed"
    case newer = "journal.newer"
    case unknownPayment = "journal.unknown-payment"
    case severalPayments = "journal.several-payments"

    public var meaning: String {
        switch self {
        case .cannotOpen: "the journal cannot be opened or created"
        case .unreadable: "the journal cannot be read"
        case .damaged: "the journal is not a whole SQLite database"
        case .notAJournal: "the file is another program's database, and not a journal"
        case .locked: "another process holds the journal"
        case .failed: "the journal cannot be read or written"
        case .newer: "the journal was written by a newer Airlock"
        case .unknownPayment: "the journal knows no such payment"
        case .severalPayments: "the journal knows several payments by that name"
        }
    }

    public var next: String {
        switch self {
        case .cannotOpen: "check the path and its permissions, or name another file with --journal"
        case .unreadable: "check the path and its permissions"
        case .notAJournal: "check the path: nothing was changed in the file; name another one with --journal"
        case .damaged: "keep the file, restore a copy, or name another file with --journal"
        case .locked: "wait until the other airlock-relay is done, then run the same command again"
        case .failed: "check the disk's space and permissions, then run the same command again: nothing is lost"
        case .newer: "use that Airlock, or name another file with --journal"
        case .severalPayments: "name the one that is meant by its code"
        case .unknownPayment: "airlock-relay status lists all; give a code, a charge, an intent or a hash of it"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .cannotOpen: .cannotCreate
        case .damaged, .notAJournal, .newer: .malformedInput
        case .unreadable, .unknownPayment: .missingInput
        case .severalPayments: .usage
        case .locked, .failed: .cannotWrite
        }
    }
}

/// One broken rule of the journal, and what SQLite said about it.
public struct JournalError: RuleBroken, Hashable, Sendable {
    public let rule: JournalRule
    /// The file.
    public let path: String
    /// SQLite's own words.
    public let said: String?

    public var problems: [Problem] { [Problem(rule, at: path, saw: said)] }
}
