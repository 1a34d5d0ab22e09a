import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockPostgreSQL
import Glibc

/// The location of a journal: a file of SQLite, or a PostgreSQL database.
enum JournalLocation: CustomStringConvertible {
    case file(String)
    case server(PostgreSQLAddress)

    /// The location without a password.
    var description: String {
        switch self {
        case .file(let path): path
        case .server(let address): address.description
        }
    }

    /// Reads a location as a user types it: a path, an address, or `@FILE` with one of them on a line.
    ///
    /// - Parameters:
    ///   - text: the location.
    ///   - field: the option or variable, as errors name it.
    ///   - isArgument: whether it is a command-line argument, which all users of the machine can read.
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

    /// Blank lines and lines that begin with # are ignored.
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
    ///   - diskFullTimeout: how long a write to a file waits for space on a full disk.
    ///   - notice: takes a sentence when the server is down or the disk is full, and one when that is over.
    func open(
        diskFullTimeout: Duration = .zero, notice: @escaping @Sendable (String) -> Void
    ) throws(JournalError) -> SQLJournal {
        switch self {
        case .file(let path):
            try SQLJournal(path, diskFullTimeout: diskFullTimeout, now: { RelayOptions.now }, notice: notice)
        case .server(let address): try SQLJournal(address, notice: notice)
        }
    }

    /// Opens the journal read-only; `nil` if it does not exist yet.
    func read() throws -> SQLJournal? {
        switch self {
        case .file(let path): try Self.isThere(path) ? SQLJournal(reading: path) : nil
        case .server(let address): try SQLJournal(reading: address)
        }
    }

    /// Migrates the tables to the newest version. Returns the old version, 0 for none, and the new one.
    func migrate() throws(JournalError) -> (from: Int, to: Int) {
        switch self {
        case .file(let path): try SQLJournal.migrate(path)
        case .server(let address): try SQLJournal.migrate(address)
        }
    }

    /// Only a file that does not exist holds no payments. One that cannot be read may hold some, so that is an error.
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
