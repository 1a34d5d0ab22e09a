import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockPostgreSQL
import Glibc

/// Where a journal is kept: in a file of SQLite, or in a database of PostgreSQL.
enum JournalLocation: CustomStringConvertible {
    case file(String)
    case server(PostgreSQLAddress)

    /// Without a password.
    var description: String {
        switch self {
        case .file(let path): path
        case .server(let address): address.description
        }
    }

    /// A place as a person gives it: a path, an address, or `@FILE` with one of them on a line.
    ///
    /// - Parameter isArgument: whether all users of the machine can read it.
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

    /// Blank lines and those that begin with # say nothing.
    private static func line(of path: String, at field: String) throws -> JournalLocation {
        let lines = String(decoding: try InputFile.read(path).bytes, as: UTF8.self)
            .split(whereSeparator: \.isNewline).map { String($0).trimmed }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard let line = lines.first, lines.count == 1, !line.hasPrefix("@") else {
            let words = "\(escaped(path, limit: 256)) has \(lines.count) lines that name a journal"
            throw Problem(UsageRule.invalidValue, at: field, detail: words)
        }
        return try JournalLocation(line, at: path, isArgument: false)
    }

    /// The journal, made when it is missing.
    ///
    /// - Parameters:
    ///   - roomPatience: how long a file waits for room on a disk that is full.
    ///   - notice: gets a sentence when the server goes away or the disk is full, and one when that is over.
    func open(
        diskFullTimeout: Duration = .zero, notice: @escaping @Sendable (String) -> Void
    ) throws(JournalError) -> SQLJournal {
        switch self {
        case .file(let path):
            try SQLJournal(path, diskFullTimeout: diskFullTimeout, now: { RelayOptions.now }, notice: notice)
        case .server(let address): try SQLJournal(address, notice: notice)
        }
    }

    /// The journal to read; `nil` where none was made yet.
    func read() throws -> SQLJournal? {
        switch self {
        case .file(let path): try Self.isThere(path) ? SQLJournal(reading: path) : nil
        case .server(let address): try SQLJournal(reading: address)
        }
    }

    /// Brings its tables to the newest version; returns the version before, 0 for none, and the one after.
    func migrate() throws(JournalError) -> (from: Int, to: Int) {
        switch self {
        case .file(let path): try SQLJournal.migrate(path)
        case .server(let address): try SQLJournal.migrate(address)
        }
    }

    /// What cannot be looked at may hold payments: only what is not there holds none.
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
