import AirlockPostgreSQL
import Glibc

/// A database of PostgreSQL, on the server that takes writes. A connection that is lost is made again, and the transaction
/// that was cut off is run again, unless the server had finished it: then its result counts.
@safe final class PostgreSQLDatabase: JournalDatabase, @unchecked Sendable {
    let place: String
    private let address: PostgreSQLAddress
    private let timeout: Duration
    private let notice: @Sendable (String) -> Void
    /// `nil` once it is lost.
    private var connection: PostgreSQLConnection?
    /// Why the last statement failed.
    private var failure: PostgreSQLError?
    /// What a new connection is looked at by, before it is used.
    var check: (PostgreSQLDatabase) throws(JournalError) -> Void = { _ in }
    /// Whether nothing is to be changed.
    var isReadOnly = false
    /// The name of this relay among those that write.
    private let writer =
        String(UInt64.random(in: 0 ... .max), radix: 16) + String(UInt64.random(in: 0 ... .max), radix: 16)
    /// How many transactions it has begun that write.
    private var written: Int64 = 0
    private var cursors = 0
    private var isAway = false

    /// Connects once.
    ///
    /// - Parameters:
    ///   - patience: how long a later piece of work waits for a server that is away.
    ///   - notice: gets a sentence when the server goes away, and one when it is back.
    init(
        _ address: PostgreSQLAddress, timeout: Duration, notice: @escaping @Sendable (String) -> Void
    ) throws(JournalError) {
        self.address = address
        self.timeout = timeout
        self.notice = notice
        place = address.description
        try connect()
    }

    /// A server that is cut off is noticed within seconds, whether it owes an answer or not.
    private static let settings = [
        ("connect_timeout", "5"), ("keepalives_idle", "3"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "8000"), ("client_encoding", "UTF8"), ("fallback_application_name", "airlock-relay"),
    ]

    /// A relay that is stopped in the middle of a transaction must not keep the others waiting. What is finished lasts,
    /// whatever the server does with others' transactions. To compile a query (PostgreSQL 11 and later) takes half a second,
    /// and none of the journal's takes so long.
    private static let session = """
        SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '10s';
        SELECT set_config('jit', 'off', false) FROM pg_settings WHERE name = 'jit';
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """

    private func connect() throws(JournalError) {
        failure = nil
        let made: PostgreSQLConnection
        do throws(PostgreSQLError) {
            // Of several servers that the address names, it is the one that takes writes.
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

    /// The statement with each `?` as `$1`, `$2` and so on. No text in the journal's statements holds a question mark.
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

    /// Does all of `body` or nothing, one relay after the other. What came before is seen.
    func alone<Result>(_ body: () throws(JournalError) -> Result) throws(JournalError) -> Result {
        try insist("BEGIN ISOLATION LEVEL READ COMMITTED", isWriting: false) { _ throws(JournalError) in
            // The key is "airlock" in ASCII.
            try execute("SELECT pg_advisory_xact_lock(27419012907361131)")
            return try body()
        }
    }

    func read<Result>(_ body: () throws(JournalError) -> Result) throws(JournalError) -> Result {
        try insist("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", isWriting: false) { _ throws(JournalError) in
            try body()
        }
    }

    /// Runs a transaction until it has succeeded, its body has failed, or the patience is over.
    private func insist<Result>(
        _ begin: String, isWriting: Bool, _ body: (_ time: String?) throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        let end = ContinuousClock.now + timeout
        /// What a transaction gave whose end was not answered, and its number.
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
                // From here on it cannot be finished any more.
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
                    // The server has answered, so nothing of this run was done.
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

    /// Notes in the database that this relay writes, by a number that no other transaction has. It lasts if the
    /// transaction does.
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

    /// Whether a transaction whose end was not answered was finished. Waits for it where it is under way; the server's own
    /// number of a transaction would not do, since a server that crashed may give it to another one.
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
            // The server may have ended the connection since the last work. Nothing was handed over yet.
            guard connection == nil else { throw error }
            try connect()
            try execute(begin)
        }
        defer { _ = try? connection?.run("ROLLBACK") }
        // Whoever takes the rows may take long, and keeps nobody waiting.
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
        // The journal keeps bytes as hexadecimal.
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
