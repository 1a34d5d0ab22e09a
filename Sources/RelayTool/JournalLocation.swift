import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockPostgreSQL
import Glibc

/// The location of a journal: an SQLite file or a PostgreSQL database.
enum JournalLocation: CustomStringConvertible {
    case file(String)
    case server(PostgreSQLAddress)

    /// The location as text. A password is left out.
    var description: String {
        switch self {
        case .file(let path): path
        case .server(let address): address.description
        }
    }

    /// Reads a location that the user typed: a path, a PostgreSQL address, or `@FILE`. The file contains a path or an
    /// address on one line.
    ///
    /// - Parameters:
    ///   - text: the location.
    ///   - field: the name of the option or variable, for error messages.
    ///   - isArgument: whether the text is a command-line argument. All users of the machine can read arguments, so a
    ///     password is refused.
    init(_ text: String, at field: String, isArgument: Bool) throws {
        if text.hasPrefix("@") {
            self = try Self.line(of: String(text.dropFirst()), at: field)
            return
        }
        guard PostgreSQLAddress.isOne(text) else {
            self = .file(text)
            return
        }
        let address: PostgreSQLAddress
        do throws(PostgreSQLAddress.Unreadable) { address = try PostgreSQLAddress(text) } catch {
            throw Problem(JournalRule.noAddress, at: field, detail: error.reason)
        }
        if isArgument, address.hasPassword { throw Problem(JournalRule.passwordInArgument, at: field) }
        self = .server(address)
    }

    /// Reads the location from a file. Ignores blank lines and lines that begin with #.
    private static func line(of path: String, at field: String) throws -> JournalLocation {
        let lines = String(decoding: try InputFile.read(path).bytes, as: UTF8.self)
            .split(whereSeparator: \.isNewline).map { String($0).trimmed }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard let line = lines.first, lines.count == 1, !line.hasPrefix("@") else {
            let words = "\(escaped(path, limit: 256)) has \(lines.count) lines that name a journal"
            throw Problem(UsageRule.invalidValue, at: field, detail: words)
        }
        return try JournalLocation(line, at: path, isArgument: false)
    }

    /// Opens the journal, or creates it if it is missing.
    ///
    /// - Parameters:
    ///   - diskFullTimeout: how long to wait for free space if a write finds the disk full.
    ///   - notice: a function that receives a message for the user. It is called when the PostgreSQL server is down or
    ///     the journal's disk is full, and again when this problem is over.
    func open(
        diskFullTimeout: Duration = .zero, notice: @escaping @Sendable (String) -> Void
    ) throws(JournalError) -> SQLJournal {
        switch self {
        case .file(let path):
            try SQLJournal(path, diskFullTimeout: diskFullTimeout, now: { RelayOptions.now }, notice: notice)
        case .server(let address): try SQLJournal(address, notice: notice)
        }
    }

    /// Opens the journal read-only. Returns `nil` if the journal does not exist yet.
    func read() throws -> SQLJournal? {
        switch self {
        case .file(let path): try Self.isThere(path) ? SQLJournal(reading: path) : nil
        case .server(let address): try SQLJournal(reading: address)
        }
    }

    /// Migrates the tables to the newest version. Returns the old and the new version number. The old number is 0 if
    /// there were no tables.
    func migrate() throws(JournalError) -> (from: Int, to: Int) {
        switch self {
        case .file(let path): try SQLJournal.migrate(path)
        case .server(let address): try SQLJournal.migrate(address)
        }
    }

    /// Whether the file of the journal exists. If the file exists but cannot be read, throws an error, because the
    /// journal may contain payments.
    private static func isThere(_ path: String) throws -> Bool {
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file < 0 else {
            close(file)
            return true
        }
        let code = errno
        guard code == ENOENT else {
            throw Problem(JournalRule.unreadable, at: path, detail: unsafe String(cString: strerror(code)))
        }
        return false
    }
}
