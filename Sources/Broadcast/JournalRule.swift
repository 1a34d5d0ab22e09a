public import AirlockDiagnostics

/// What can go wrong with the journal.
public enum JournalRule: String, Rule {
    case cannotOpen = "journal.cannot-open"
    case unreadable = "journal.unreadable"
    case damaged = "journal.damaged"
    case notAJournal = "journal.not-a-journal"
    case locked = "journal.locked"
    case failed = "journal.failed"
    case newer = "journal.newer"
    case older = "journal.older"
    case unreachable = "journal.unreachable"
    case readOnly = "journal.read-only"
    case noAddress = "journal.no-address"
    case passwordInArgument = "journal.password-in-argument"
    case leaseHeld = "journal.lease-held"
    case leaseLost = "journal.lease-lost"
    case notEmpty = "journal.not-empty"
    case differs = "journal.differs"
    case pruneDeclined = "journal.prune-declined"
    case unknownPayment = "journal.unknown-payment"
    case severalPayments = "journal.several-payments"

    public var meaning: String {
        switch self {
        case .cannotOpen: "the journal cannot be opened or created"
        case .unreadable: "the journal cannot be read"
        case .damaged: "the journal is damaged, or is no SQLite database"
        case .notAJournal: "the file is another program's database, and not a journal"
        case .locked: "another process holds the journal"
        case .failed: "the journal cannot be read or written"
        case .newer: "the journal was written by a newer Airlock"
        case .older: "the journal's tables are of an older Airlock"
        case .unreachable: "the server of the journal cannot be reached, or ended the connection"
        case .readOnly: "the server of the journal takes no writes, and may lag behind the one that does"
        case .noAddress: "the address of the journal's server cannot be read"
        case .passwordInArgument: "a password in an argument can be read by every user of this machine"
        case .leaseHeld: "another relay sends the payments of this sender"
        case .leaseLost: "another relay has taken over the payments of this sender"
        case .notEmpty: "the journal that is to be copied into holds something"
        case .differs: "the copy of the journal is not the same as the journal"
        case .pruneDeclined: "nothing was removed: nobody typed the word that was asked for"
        case .unknownPayment: "the journal knows no such payment"
        case .severalPayments: "the journal knows several payments by that name"
        }
    }
}

/// One broken rule of the journal, and what its store said about it.
public struct JournalError: RuleBroken, Hashable, Sendable {
    public let rule: JournalRule
    /// Where the journal is kept.
    public let path: String
    /// The store's own words.
    public let said: String?

    public var problems: [Problem] { [Problem(rule, at: path, saw: said)] }
}
