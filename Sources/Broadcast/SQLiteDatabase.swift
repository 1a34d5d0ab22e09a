internal import AirlockCSQLite
import AirlockFiles
import Glibc

/// A journal's SQLite file. With the settings that are used here, a committed transaction survives a crash at any
/// moment.
///
/// Several processes can share the file. A process that writes waits while another process writes, and fails after
/// `timeout`. In a process, only one thread at a time is allowed to use the connection. The compiler cannot check this,
/// so the journal's executor ensures it.
@safe final class SQLiteDatabase: JournalDatabase, @unchecked Sendable {
    let path: String
    var place: String { path }
    private let isReadOnly: Bool
    private let connection: OpaquePointer
    private var prepared: [String: OpaquePointer] = unsafe [:]
    /// How long a write waits for free space if the disk is full.
    var diskFullTimeout: Duration = .zero
    /// A function that receives a message for the user when the disk is full, and again when there is free space.
    var notice: @Sendable (String) -> Void = { _ in }
    /// The code of the first SQLite error since the current write transaction began.
    private var lastError: Int32 = SQLITE_OK
    private var isFull = false

    /// Opens the file, or creates it if it does not exist and `isReadOnly` is false.
    ///
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - isReadOnly: whether the journal is opened read-only. In this case the file is neither created nor changed.
    ///   - timeout: how long a statement waits for another process that has locked the file.
    ///   - check: a function that checks the file before anything is written to it, because the file may belong to
    ///     another program.
    init(
        path: String, isReadOnly: Bool = false, timeout: Duration = .seconds(5),
        check: (SQLiteDatabase) throws(JournalError) -> Void = { _ in }
    ) throws(JournalError) {
        // SQLite keeps more files next to the main file, such as the write-ahead log. These files can contain data that
        // is not in the main file yet. All their paths are therefore registered as files in use, and this run then
        // refuses to write an output file to one of these paths.
        for suffix in ["", "-wal", "-shm", "-journal"] { FilesInUse.ofThisRun.claim(path + suffix) }
        if !isReadOnly {
            // The file is created before SQLite opens it, because SQLite would make it readable by other users.
            let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else {
                throw JournalError(rule: .cannotOpen, path: path, said: unsafe String(cString: strerror(errno)))
            }
            close(file)
        }
        var connection: OpaquePointer?
        // The file is opened for reading and writing even if `isReadOnly` is true. If it were opened only for reading,
        // the last process that closes the file could not remove the write-ahead log and SQLite's other files next to
        // the main file.
        let code = unsafe sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let connection = unsafe connection else {
            unsafe sqlite3_close_v2(connection)
            let rule = isReadOnly ? JournalRule.unreadable : .cannotOpen
            throw JournalError(rule: rule, path: path, said: unsafe String(cString: sqlite3_errstr(code)))
        }
        unsafe self.connection = connection
        self.path = path
        self.isReadOnly = isReadOnly
        unsafe sqlite3_busy_timeout(connection, Int32(timeout / .milliseconds(1)))
        let settings = ["synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF"]
        for setting in settings + (isReadOnly ? ["query_only = ON"] : []) {
            try insist(for: timeout) { () throws(JournalError) in try execute("PRAGMA \(setting)") }
        }
        try insist(for: timeout) { () throws(JournalError) in try check(self) }
        guard !isReadOnly else { return }
        try insist(for: timeout) { () throws(JournalError) in try execute("PRAGMA journal_mode = WAL") }
    }

    /// Repeats `body` while another process has locked the file. This is necessary because SQLite's own busy timeout
    /// does not apply to the switch to WAL mode. Two processes attempt this switch at the same time if both open a new
    /// journal.
    private func insist(for timeout: Duration, _ body: () throws(JournalError) -> Void) throws(JournalError) {
        let end = ContinuousClock.now + timeout
        while true {
            do throws(JournalError) { return try body() } catch {
                guard error.rule == .locked, ContinuousClock.now < end else { throw error }
                usleep(10_000)
            }
        }
    }

    deinit {
        unsafe prepared.values.forEach { unsafe sqlite3_finalize($0) }
        unsafe sqlite3_close_v2(connection)
    }

    /// Runs one statement and returns its rows. Each row maps the names of the columns to their values.
    @discardableResult
    func execute(_ sql: String, _ values: [DatabaseValue] = []) throws(JournalError) -> [[String: DatabaseValue]] {
        let statement = try unsafe begin(sql, values)
        defer { unsafe Self.end(statement) }
        var rows: [[String: DatabaseValue]] = []
        while let row = try unsafe next(of: statement) { rows.append(row) }
        return rows
    }

    /// Runs one statement and passes each row to `body` as it arrives, so the memory in use does not grow with the
    /// number of rows. `body` must not run the same statement.
    func each(
        _ sql: String, _ values: [DatabaseValue] = [], _ body: ([String: DatabaseValue]) throws -> Void
    ) throws {
        let statement = try unsafe begin(sql, values)
        defer { unsafe Self.end(statement) }
        while let row = try unsafe next(of: statement) { try body(row) }
    }

    private func begin(_ sql: String, _ values: [DatabaseValue]) throws(JournalError) -> OpaquePointer {
        let statement = try unsafe prepare(sql)
        for (index, value) in values.enumerated() {
            let code = unsafe Self.bind(value, to: statement, at: Int32(index + 1))
            guard code == SQLITE_OK else {
                let error = error(code)
                unsafe Self.end(statement)
                throw error
            }
        }
        return unsafe statement
    }

    /// Reads the next row of a statement. Returns `nil` after the last row.
    private func next(of statement: OpaquePointer) throws(JournalError) -> [String: DatabaseValue]? {
        switch unsafe sqlite3_step(statement) {
        case SQLITE_ROW: unsafe Self.row(of: statement)
        case SQLITE_DONE: nil
        case let code: throw error(code)
        }
    }

    private static func end(_ statement: OpaquePointer) {
        unsafe sqlite3_reset(statement)
        unsafe sqlite3_clear_bindings(statement)
    }

    /// Runs `body` in one transaction. If `onlyReading` is false, the file is locked from the start, so data that
    /// `body` has read cannot change before `body` writes. If `onlyReading` is true, the transaction does not block
    /// other processes.
    @discardableResult
    func transaction<Result>(
        onlyReading: Bool = false, _ body: () throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        try execute(onlyReading ? "BEGIN" : "BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // An error of the rollback is ignored, because SQLite may have rolled back the transaction already. The
            // method throws the error that came first.
            _ = try? execute("ROLLBACK")
            throw error
        }
    }

    /// CROSS JOIN makes SQLite scan the tables in the given order. This is necessary because SQLite has no statistics
    /// for a new file from which it could choose an order.
    var orderedJoin: String { "CROSS JOIN" }

    var clock: String { "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)" }

    func goOnNumbering(_ tables: [String]) {}

    func change<Result>(
        _ body: (_ time: String?) throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        let end = ContinuousClock.now + diskFullTimeout
        while true {
            do throws(JournalError) {
                lastError = SQLITE_OK
                let result = try transaction { () throws(JournalError) in try body(nil) }
                if isFull { notice("there is room for the journal again") }
                isFull = false
                return result
            } catch {
                guard lastError & 0xFF == SQLITE_FULL, ContinuousClock.now < end else { throw error }
                if !isFull { notice("the disk of the journal is full (\(path)); trying again") }
                isFull = true
                usleep(500_000)
            }
        }
    }

    func read<Result>(_ body: () throws(JournalError) -> Result) throws(JournalError) -> Result {
        try transaction(onlyReading: true, body)
    }

    func stream(_ body: () throws -> Void) throws {
        try execute("BEGIN")
        defer { _ = try? execute("COMMIT") }
        try body()
    }

    func columns(of table: String) throws(JournalError) -> [String] {
        try execute("PRAGMA table_info(\(table))").compactMap { $0.optionalText("name") }
    }

    private func prepare(_ sql: String) throws(JournalError) -> OpaquePointer {
        if let statement = unsafe prepared[sql] { return unsafe statement }
        var statement: OpaquePointer?
        try check(unsafe sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil))
        guard let statement = unsafe statement else { throw error(SQLITE_MISUSE) }
        unsafe prepared[sql] = statement
        return unsafe statement
    }

    private static func bind(_ value: DatabaseValue, to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch value {
        case .null: unsafe sqlite3_bind_null(statement, index)
        case .integer(let integer): unsafe sqlite3_bind_int64(statement, index, integer)
        case .text(let text): unsafe airlock_sqlite_bind_text(statement, index, text, Int32(text.utf8.count))
        case .blob(let bytes): unsafe airlock_sqlite_bind_blob(statement, index, bytes, Int32(bytes.count))
        }
    }

    private static func row(of statement: OpaquePointer) -> [String: DatabaseValue] {
        var row: [String: DatabaseValue] = [:]
        let columns = unsafe sqlite3_column_count(statement)
        for column in 0..<columns {
            guard let name = unsafe sqlite3_column_name(statement, column) else { continue }
            unsafe row[String(cString: name)] = value(of: statement, at: column)
        }
        return row
    }

    private static func value(of statement: OpaquePointer, at column: Int32) -> DatabaseValue {
        switch unsafe sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(statement, column))
        case SQLITE_NULL: return .null
        case let type:
            // `sqlite3_column_blob` must be called before `sqlite3_column_bytes`, because `sqlite3_column_blob` can
            // convert the value, and the conversion can change the length of the value.
            let start = unsafe sqlite3_column_blob(statement, column)
            let count = unsafe Int(sqlite3_column_bytes(statement, column))
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
            return type == SQLITE_BLOB ? .blob(bytes) : .text(String(decoding: bytes, as: UTF8.self))
        }
    }

    private func check(_ code: Int32) throws(JournalError) {
        if code != SQLITE_OK { throw error(code) }
    }

    private func error(_ code: Int32) -> JournalError {
        // Only the first error code is kept, so that a rollback that fails later does not replace it.
        if lastError == SQLITE_OK { lastError = code }
        let rule: JournalRule =
            switch code & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED: .locked
            case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
            case SQLITE_CANTOPEN: isReadOnly ? .unreadable : .cannotOpen
            default: .failed
            }
        return JournalError(rule: rule, path: path, said: unsafe String(cString: sqlite3_errmsg(connection)))
    }
}
