/// A value of a row, in or out.
enum DatabaseValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// An SQL engine that can keep a journal. The statements of ``SQLJournal`` are the same for all engines, and each value in
/// them is a `?`. One thread uses it at a time, and waits while the engine is busy.
protocol JournalDatabase: AnyObject, Sendable {
    /// Where it is, as errors tell it.
    var place: String { get }

    /// The engine's clock as an expression, in milliseconds since 1970.
    var clock: String { get }

    /// Stands between two tables whose rows are to be gone through in this order; for an engine that knows by itself, it
    /// is an ordinary JOIN.
    var orderedJoin: String { get }

    /// Runs one statement and returns its rows, each with its values by column name.
    @discardableResult
    func execute(_ sql: String, _ values: [DatabaseValue]) throws(JournalError) -> [[String: DatabaseValue]]

    /// Runs one statement and hands over each row as it comes, so that memory does not grow with their number. It stands
    /// inside of ``stream(_:)``, and the body must not run the same statement.
    func each(_ sql: String, _ values: [DatabaseValue], _ body: ([String: DatabaseValue]) throws -> Void) throws

    /// Does all of `body` or nothing of it, as if nobody else wrote meanwhile; what it did lasts when this returns. It may
    /// run `body` several times, of which one counts.
    ///
    /// - Parameter body: gets the engine's own time as RFC 3339, where it has one.
    func change<Result>(
        _ body: (_ time: String?) throws(JournalError) -> Result
    ) throws(JournalError) -> Result

    /// Looks at one state of the whole database, whatever others write meanwhile. It may run `body` several times.
    func read<Result>(_ body: () throws(JournalError) -> Result) throws(JournalError) -> Result

    /// Looks at one state of the whole database for as long as `body` takes. Others may write meanwhile.
    func stream(_ body: () throws -> Void) throws

    /// Numbers the next rows of these tables above those that are there, where the engine does not by itself.
    func goOnNumbering(_ tables: [String]) throws(JournalError)

    /// The columns of a table, in their order.
    func columns(of table: String) throws(JournalError) -> [String]
}

extension JournalDatabase {
    @discardableResult
    func execute(_ sql: String) throws(JournalError) -> [[String: DatabaseValue]] { try execute(sql, []) }

    func each(_ sql: String, _ body: ([String: DatabaseValue]) throws -> Void) throws { try each(sql, [], body) }
}
