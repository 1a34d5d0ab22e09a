/// A value in a row.
enum DatabaseValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// An SQL engine that stores a journal. ``SQLJournal`` uses the same statements for all engines, with a `?` for each
/// value. Only one thread uses it at a time, and that thread waits while the engine is busy.
protocol JournalDatabase: AnyObject, Sendable {
    /// The location for error messages.
    var place: String { get }

    /// An SQL expression of the engine's clock, in milliseconds since 1970.
    var clock: String { get }

    /// The JOIN between two tables that must be scanned in this order. An engine with its own statistics uses an
    /// ordinary JOIN.
    var orderedJoin: String { get }

    /// Runs one statement and returns its rows, each with its values by column name.
    @discardableResult
    func execute(_ sql: String, _ values: [DatabaseValue]) throws(JournalError) -> [[String: DatabaseValue]]

    /// Runs one statement and passes each row to `body` as it arrives, so that memory does not grow with the number of
    /// rows. Call it inside ``stream(_:)``; `body` must not run the same statement.
    func each(_ sql: String, _ values: [DatabaseValue], _ body: ([String: DatabaseValue]) throws -> Void) throws

    /// Runs `body` in one serializable transaction, which is durable when this method returns. It may run `body`
    /// several times, of which only one takes effect.
    ///
    /// - Parameter body: the work. It takes the engine's own time as RFC 3339; `nil` if the engine has none.
    func change<Result>(
        _ body: (_ time: String?) throws(JournalError) -> Result
    ) throws(JournalError) -> Result

    /// Reads one consistent state of the whole database, even while others write. It may run `body` several times.
    func read<Result>(_ body: () throws(JournalError) -> Result) throws(JournalError) -> Result

    /// Reads one consistent state of the whole database until `body` returns. Others may write meanwhile.
    func stream(_ body: () throws -> Void) throws

    /// Makes the ids of new rows continue after the existing ones, if the engine does not do so by itself.
    func goOnNumbering(_ tables: [String]) throws(JournalError)

    /// The columns of a table, in order.
    func columns(of table: String) throws(JournalError) -> [String]
}

extension JournalDatabase {
    @discardableResult
    func execute(_ sql: String) throws(JournalError) -> [[String: DatabaseValue]] { try execute(sql, []) }

    func each(_ sql: String, _ body: ([String: DatabaseValue]) throws -> Void) throws { try each(sql, [], body) }
}
