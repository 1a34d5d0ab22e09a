/// A value in a row of a table, or a parameter of a statement.
enum DatabaseValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// An SQL engine that stores a journal. ``SQLJournal`` uses the same statements for all engines, and each statement
/// contains a `?` for each value. Only one thread at a time is allowed to use the engine. Each call blocks this thread
/// until the engine has answered.
protocol JournalDatabase: AnyObject, Sendable {
    /// The location of the database, for error messages.
    var place: String { get }

    /// An SQL expression for the current time by the database engine's clock, in milliseconds since 1970.
    var clock: String { get }

    /// The SQL keyword for a join that should scan its tables in the order in which the statement lists them. SQLite
    /// needs `CROSS JOIN` for this. PostgreSQL uses an ordinary `JOIN`, because it chooses a good order from its
    /// statistics.
    var orderedJoin: String { get }

    /// Runs one statement and returns its rows. Each row maps the names of the columns to their values.
    @discardableResult
    func execute(_ sql: String, _ values: [DatabaseValue]) throws(JournalError) -> [[String: DatabaseValue]]

    /// Runs one statement and passes each row to `body` as it arrives, so the memory in use does not grow with the
    /// number of rows. Call this method only inside a transaction. `body` must not run the same statement.
    func each(_ sql: String, _ values: [DatabaseValue], _ body: ([String: DatabaseValue]) throws -> Void) throws

    /// Runs `body` in one serializable transaction. When this method returns, the transaction is committed to disk. The
    /// method can run `body` several times, but only one of these runs takes effect.
    ///
    /// - Parameter body: the function to run. Its parameter is the current time of the database server as an RFC 3339
    ///   string, or `nil` if the engine has no server.
    func change<Result>(
        _ body: (_ time: String?) throws(JournalError) -> Result
    ) throws(JournalError) -> Result

    /// Runs `body` in a transaction that only reads. Everything that `body` reads belongs to one snapshot of the
    /// database, even if other processes write at the same time. The method can run `body` several times.
    func read<Result>(_ body: () throws(JournalError) -> Result) throws(JournalError) -> Result

    /// Runs `body` once in a transaction that only reads. Inside `body`, the caller can read a large result row by row
    /// with `each`. Everything that `body` reads belongs to one snapshot of the database, even if other processes write
    /// at the same time.
    func stream(_ body: () throws -> Void) throws

    /// Sets the id counters of these tables, so that new rows get ids above the existing ids. Must be called after rows
    /// were inserted with explicit ids. An engine that derives a new id from the existing ids has no counter, and does
    /// nothing.
    func goOnNumbering(_ tables: [String]) throws(JournalError)

    /// The columns of a table, in order.
    func columns(of table: String) throws(JournalError) -> [String]
}

extension JournalDatabase {
    @discardableResult
    func execute(_ sql: String) throws(JournalError) -> [[String: DatabaseValue]] { try execute(sql, []) }

    func each(_ sql: String, _ body: ([String: DatabaseValue]) throws -> Void) throws { try each(sql, [], body) }
}
