import AirlockPostgreSQL
import Glibc

/// A PostgreSQL database on a server that accepts writes. After a lost connection, this class reconnects and runs the
/// interrupted transaction again. If the server had already committed the interrupted transaction, the transaction is
/// not run again, and its result is returned.
@safe final class PostgreSQLDatabase: JournalDatabase, @unchecked Sendable {
    let place: String
    private let address: PostgreSQLAddress
    private let timeout: Duration
    private let notice: @Sendable (String) -> Void
    /// The connection to the server; `nil` if the connection is lost.
    private var connection: PostgreSQLConnection?
    /// The reason why the last statement failed.
    private var failure: PostgreSQLError?
    /// A function that checks each new connection before it is used.
    var check: (PostgreSQLDatabase) throws(JournalError) -> Void = { _ in }
    /// Whether the database was opened read-only. If this is true, changes are refused.
    var isReadOnly = false
    /// A random name by which the table `writers` identifies this relay.
    private let writer =
        String(UInt64.random(in: 0 ... .max), radix: 16) + String(UInt64.random(in: 0 ... .max), radix: 16)
    /// The number of write transactions that this relay has begun.
    private var written: Int64 = 0
    private var cursors = 0
    private var isAway = false

    /// Connects to the server. If the server is down, throws without another attempt.
    ///
    /// - Parameters:
    ///   - address: the address of the server.
    ///   - timeout: how long a later transaction is retried while the server is down.
    ///   - notice: a function that receives a message for the user when the server goes down, and again when the server
    ///     is back.
    init(
        _ address: PostgreSQLAddress, timeout: Duration, notice: @escaping @Sendable (String) -> Void
    ) throws(JournalError) {
        self.address = address
        self.timeout = timeout
        self.notice = notice
        place = address.description
        try connect()
    }

    /// libpq's settings for a connection. With these settings, a lost connection is noticed within seconds, even if no
    /// answer is pending.
    private static let settings = [
        ("connect_timeout", "5"), ("keepalives_idle", "3"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "8000"), ("client_encoding", "UTF8"), ("fallback_application_name", "airlock-relay"),
    ]

    /// The settings of a session. The timeouts prevent a relay that is suspended in the middle of a transaction from
    /// blocking other relays. A commit is flushed to the server's disk even if the server's default is different.
    /// Just-in-time compilation (PostgreSQL 11 and later) is switched off, because it takes half a second, which is
    /// longer than any query of the journal.
    private static let session = """
        SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '10s';
        SELECT set_config('jit', 'off', false) FROM pg_settings WHERE name = 'jit';
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """

    private func connect() throws(JournalError) {
        failure = nil
        let made: PostgreSQLConnection
        do throws(PostgreSQLError) {
            // If the address names several servers, libpq chooses one that accepts writes.
            made = try PostgreSQLConnection(address, settings: Self.settings + [("target_session_attrs", "read-write")])
        } catch {
            let any = Self.settings + [("target_session_attrs", "any")]
            if (try? PostgreSQLConnection(address, settings: any)) != nil {
                throw told(PostgreSQLError(readOnly: "the server is a standby, or takes no writes"))
            }
            throw told(error)
        }
        do throws(PostgreSQLError) {
            try made.run(all: Self.session)
            let state = try made.run(
                "SELECT pg_is_in_recovery()::int + (current_setting('transaction_read_only') = 'on')::int AS closed")
            if state.first?["closed"] != .integer(0) {
                throw PostgreSQLError(readOnly: "the server is a standby, or takes no writes")
            }
        } catch { throw told(error) }
        connection = made
        do throws(JournalError) { try check(self) } catch {
            connection = nil
            throw error
        }
    }

    var orderedJoin: String { "JOIN" }

    var clock: String { "(extract(epoch FROM clock_timestamp()) * 1000)::bigint" }

    func goOnNumbering(_ tables: [String]) throws(JournalError) {
        for table in tables {
            try execute(
                """
                SELECT setval(pg_get_serial_sequence('\(table)', 'id'), coalesce(max(id), 0) + 1, false) FROM \(table)
                """)
        }
    }

    @discardableResult
    func execute(_ sql: String, _ values: [DatabaseValue]) throws(JournalError) -> [[String: DatabaseValue]] {
        guard let connection else { throw JournalError(rule: .unreachable, path: place, said: failure?.message) }
        do throws(PostgreSQLError) {
            return try connection.run(Self.numbered(sql), values.map(\.ofServer)).map { $0.mapValues(\.ofDatabase) }
        } catch { throw told(error) }
    }

    /// Replaces each `?` with `$1`, `$2` and so on. No literal in the journal's statements contains a question mark.
    private static func numbered(_ sql: String) -> String {
        var (text, count) = ("", 0)
        for piece in sql.split(separator: "?", omittingEmptySubsequences: false) {
            if count > 0 { text += "$\(count)" }
            text += piece
            count += 1
        }
        return text
    }

    private func told(_ error: PostgreSQLError) -> JournalError {
        failure = error
        if error.isConnectionLost { connection = nil }
        let rule: JournalRule =
            switch error.state {
            case "25006": .readOnly
            case "55P03", "40001", "40P01": .locked
            case let state where error.isUnavailable && state?.hasPrefix("53") != true: .unreachable
            default: .failed
            }
        return JournalError(rule: rule, path: place, said: error.message)
    }

    func change<Result>(_ body: (_ time: String?) throws(JournalError) -> Result) throws(JournalError) -> Result {
        if isReadOnly { throw JournalError(rule: .failed, path: place, said: "it was opened to be read") }
        return try insist("BEGIN ISOLATION LEVEL SERIALIZABLE", isWriting: true, body)
    }

    /// Runs `body` in one transaction. Only one relay at a time can run such a transaction. The transaction sees
    /// everything that earlier relays have committed.
    func alone<Result>(_ body: () throws(JournalError) -> Result) throws(JournalError) -> Result {
        try insist("BEGIN ISOLATION LEVEL READ COMMITTED", isWriting: false) { _ throws(JournalError) in
            // The number in this statement is the key of the advisory lock. It is the word "airlock" in ASCII.
            try execute("SELECT pg_advisory_xact_lock(27419012907361131)")
            return try body()
        }
    }

    func read<Result>(_ body: () throws(JournalError) -> Result) throws(JournalError) -> Result {
        try insist("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", isWriting: false) { _ throws(JournalError) in
            try body()
        }
    }

    /// Runs a transaction again and again until it succeeds, until it fails with an error that another attempt cannot
    /// fix, or until the timeout has passed.
    private func insist<Result>(
        _ begin: String, isWriting: Bool, _ body: (_ time: String?) throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        let end = ContinuousClock.now + timeout
        /// The number and the result of an attempt whose COMMIT the server did not answer; `nil` if there is no such
        /// attempt. The relay does not know whether the server has committed this transaction.
        var open: (number: Int64, result: Result)?
        var pause: UInt32 = 1_000
        while true {
            do throws(JournalError) {
                failure = nil
                if connection == nil { try connect() }
                try execute(begin)
                if let (number, result) = open, try isFinished(number) {
                    try execute("ROLLBACK")
                    return back(result)
                }
                // No previous attempt was committed, and the server can no longer commit any of them. The transaction
                // is therefore run again.
                open = nil
                guard isWriting else {
                    let result = try body(nil)
                    try execute("COMMIT")
                    return back(result)
                }
                let (number, time) = try enter()
                let result = try body(time)
                open = (number, result)
                try execute("COMMIT")
                return back(result)
            } catch {
                if connection != nil {
                    // The server has answered with an error, so this transaction was not committed.
                    if let (number, _) = open, number == written { open = nil }
                    _ = try? connection?.run("ROLLBACK")
                }
                guard let failure, failure.isConflict || failure.isUnavailable, ContinuousClock.now < end else {
                    throw error
                }
                if !failure.isConflict { away(error) }
                usleep(.random(in: pause / 2...pause))
                pause = min(pause * 2, failure.isConflict ? 50_000 : 1_000_000)
            }
        }
    }

    /// Writes the number of this transaction into the table `writers`. Each transaction of a relay has a different
    /// number. After the transaction, the table contains its number only if the transaction was committed.
    private func enter() throws(JournalError) -> (number: Int64, time: String?) {
        written += 1
        if written == 1 { try execute("DELETE FROM writers WHERE at < clock_timestamp() - interval '1 day'") }
        let time = try execute(
            """
            INSERT INTO writers VALUES (?, ?, clock_timestamp())
            ON CONFLICT (writer) DO UPDATE SET number = excluded.number, at = excluded.at
            RETURNING to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS time
            """, [.text(writer), .integer(written)]
        ).first?.optionalText("time")
        return (written, time)
    }

    /// Whether a transaction was committed although the server did not answer its COMMIT. If the transaction is still
    /// running, waits until it has ended. The check does not use the server's own transaction id, because a server may
    /// reuse the id after a crash.
    private func isFinished(_ number: Int64) throws(JournalError) -> Bool {
        let rows = try execute("SELECT number FROM writers WHERE writer = ? FOR UPDATE", [.text(writer)])
        return rows.first?.integer("number") == number
    }

    private func away(_ error: JournalError) {
        guard !isAway else { return }
        isAway = true
        notice("the journal's server does not take it (\(error.said ?? "no answer")); trying again")
    }

    private func back<Result>(_ result: Result) -> Result {
        if isAway { notice("the journal's server is back") }
        isAway = false
        return result
    }

    func stream(_ body: () throws -> Void) throws {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        if connection == nil { try connect() }
        do throws(JournalError) { try execute(begin) } catch {
            // The server may have closed the connection while it was idle. The transaction can begin again on a new
            // connection, because no row has been passed to the caller yet.
            guard connection == nil else { throw error }
            try connect()
            try execute(begin)
        }
        defer { _ = try? connection?.run("ROLLBACK") }
        // The timeout for idle transactions is switched off, because the function that receives the rows may be slow. A
        // transaction that only reads does not block other relays.
        try execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        try body()
    }

    func each(_ sql: String, _ values: [DatabaseValue], _ body: ([String: DatabaseValue]) throws -> Void) throws {
        guard values.isEmpty else { throw JournalError(rule: .failed, path: place, said: "a cursor has no values") }
        cursors += 1
        let cursor = "airlock_cursor_\(cursors)"
        try execute("DECLARE \(cursor) NO SCROLL CURSOR FOR \(sql)")
        while true {
            let rows = try execute("FETCH 500 FROM \(cursor)")
            if rows.isEmpty { break }
            for row in rows { try body(row) }
        }
        try execute("CLOSE \(cursor)")
    }

    func columns(of table: String) throws(JournalError) -> [String] {
        try execute(
            """
            SELECT attname::text AS name FROM pg_attribute
            WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
            """, [.text(table)]
        ).compactMap { $0.optionalText("name") }
    }
}

extension PostgreSQLError {
    fileprivate init(readOnly message: String) {
        self.init(state: "25006", message: message, isConnectionLost: false)
    }
}

extension DatabaseValue {
    fileprivate var ofServer: PostgreSQLValue {
        switch self {
        case .null: .null
        case .integer(let number): .integer(number)
        case .text(let text): .text(text)
        // The journal stores bytes as hexadecimal text, so its values are never blobs.
        case .blob: .null
        }
    }
}

extension PostgreSQLValue {
    fileprivate var ofDatabase: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): .integer(number)
        case .text(let text): .text(text)
        }
    }
}
