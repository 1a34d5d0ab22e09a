internal import AirlockCPQ
import Glibc

/// A value in a row that a statement returned, or the value of a statement's parameter.
package enum PostgreSQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
}

/// The reason why a statement or a connection failed.
package struct PostgreSQLError: Error, Hashable, Sendable {
    /// The error code SQLSTATE, which has five characters; `nil` if no server answered.
    package let state: String?
    /// The message of the server or of libpq, without the password.
    package let message: String
    /// Whether the connection to the server is lost.
    package let isConnectionLost: Bool

    package init(state: String?, message: String, isConnectionLost: Bool) {
        self.state = state
        self.message = message
        self.isConnectionLost = isConnectionLost
    }

    /// Whether the transaction may succeed if it is run again. This is true after a serialization failure or a
    /// deadlock.
    package var isConflict: Bool { state == "40001" || state == "40P01" }

    /// Whether the statement may succeed if it is run again: later on the same server, or immediately on another
    /// server. This is true if the server is unreachable, starting, stopping or read-only, or has no more disk space,
    /// memory or connections.
    package var isUnavailable: Bool {
        guard let state else { return true }
        let classes = ["08", "53"]
        let single = ["57P01", "57P02", "57P03", "57P05", "25006", "25P03", "58030"]
        return isConnectionLost || classes.contains { state.hasPrefix($0) } || single.contains(state)
    }
}

/// One connection to a PostgreSQL server. Only one thread may use the connection at a time, and the compiler cannot
/// check this.
@safe package final class PostgreSQLConnection: @unchecked Sendable {
    private let address: PostgreSQLAddress
    private let connection: OpaquePointer
    private var prepared: [String: String] = [:]

    /// Connects to the server. Waits until the server has answered, or until `connect_timeout` has passed.
    ///
    /// - Parameters:
    ///   - address: the address of the server.
    ///   - settings: settings for libpq. Settings in the address override them.
    package init(_ address: PostgreSQLAddress, settings: [(String, String)] = []) throws(PostgreSQLError) {
        self.address = address
        // libpq ignores empty settings. A later setting overrides an earlier one. Therefore the address comes last.
        let all = settings + [("dbname", address.uri)]
        let made = unsafe Self.withTexts(all.map(\.0) + [nil]) { keys in
            unsafe Self.withTexts(all.map(\.1) + [nil]) { values in unsafe PQconnectdbParams(keys, values, 1) }
        }
        guard let made = unsafe made else {
            throw PostgreSQLError(state: nil, message: "out of memory", isConnectionLost: true)
        }
        unsafe connection = made
        unsafe PQsetNoticeReceiver(made, ignore, nil)
        guard unsafe PQstatus(made) == CONNECTION_OK else {
            // libpq has no SQLSTATE for a failed connection, only a message.
            throw PostgreSQLError(state: nil, message: unsafe words(PQerrorMessage(made)), isConnectionLost: true)
        }
    }

    deinit { unsafe PQfinish(connection) }

    /// Whether the connection is open, as far as libpq knows.
    package var isOpen: Bool { unsafe PQstatus(connection) == CONNECTION_OK }

    /// Runs one statement and returns the rows of the result. The values of the parameters `$1`, `$2` and so on are
    /// passed separately.
    @discardableResult
    package func run(
        _ sql: String, _ values: [PostgreSQLValue] = []
    ) throws(PostgreSQLError) -> [[String: PostgreSQLValue]] {
        let name = try prepare(sql)
        let texts: [String?] = values.map { value in
            switch value {
            case .null: nil
            case .integer(let number): String(number)
            // PostgreSQL's type `text` cannot store U+0000. Therefore U+FFFD is stored in its place.
            case .text(let text): text.replacing("\u{0}", with: "\u{FFFD}")
            }
        }
        let result = unsafe Self.withTexts(texts) { texts in
            unsafe PQexecPrepared(connection, name, Int32(values.count), texts, nil, nil, 0)
        }
        defer { unsafe PQclear(result) }
        try unsafe check(result)
        return unsafe Self.rows(of: result)
    }

    /// Runs several SQL statements without parameters as one transaction.
    package func run(all sql: String) throws(PostgreSQLError) {
        let result = unsafe PQexec(connection, sql)
        defer { unsafe PQclear(result) }
        try unsafe check(result)
    }

    private func prepare(_ sql: String) throws(PostgreSQLError) -> String {
        if let name = prepared[sql] { return name }
        let name = "airlock\(prepared.count)"
        let result = unsafe PQprepare(connection, name, sql, 0, nil)
        defer { unsafe PQclear(result) }
        try unsafe check(result)
        prepared[sql] = name
        return name
    }

    private func check(_ result: OpaquePointer?) throws(PostgreSQLError) {
        let status = unsafe PQresultStatus(result)
        guard status != PGRES_COMMAND_OK, status != PGRES_TUPLES_OK else { return }
        let state = unsafe airlock_pq_sqlstate(result).map { unsafe String(cString: $0) }
        let text = unsafe airlock_pq_primary_message(result) ?? UnsafePointer(PQerrorMessage(connection))
        throw PostgreSQLError(state: state, message: unsafe words(text), isConnectionLost: !isOpen)
    }

    /// Joins the lines of an error message into one line, and removes the password.
    ///
    /// If a connection fails, libpq's message begins with the server's address, and may end with a line that begins
    /// with a tab and asks whether a server is running. Both are left out, because only the first part of a long
    /// message is shown, and it has to contain the reason.
    private func words(_ text: UnsafePointer<CChar>?) -> String {
        let message = unsafe text.map { unsafe String(cString: $0) } ?? ""
        let lines = address.withoutPassword(message).split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("\t") }
        let reasons = lines.map { line -> Substring in
            guard line.hasPrefix("connection to server "), let prefix = line.firstRange(of: " failed: ") else {
                return line
            }
            return line[prefix.upperBound...]
        }
        return reasons.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func withTexts<Result>(
        _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        let copies = unsafe texts.map { text in unsafe text.flatMap { unsafe strdup($0) } }
        defer { unsafe copies.forEach { unsafe free($0) } }
        let pointers = unsafe copies.map { unsafe UnsafePointer($0) }
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }

    private static func rows(of result: OpaquePointer?) -> [[String: PostgreSQLValue]] {
        let columns = unsafe PQnfields(result)
        let names = (0..<columns).map { unsafe String(cString: PQfname(result, $0)) }
        // The values of the types int8, int2 and int4 are returned as integers. The object identifiers of these types
        // are 20, 21 and 23.
        let integers = (0..<columns).map { unsafe [20, 21, 23].contains(PQftype(result, $0)) }
        return unsafe (0..<PQntuples(result)).map { row in
            var values: [String: PostgreSQLValue] = [:]
            for (column, name) in names.enumerated() {
                let index = Int32(column)
                if unsafe PQgetisnull(result, row, index) == 1 {
                    values[name] = .null
                    continue
                }
                let text = unsafe String(cString: PQgetvalue(result, row, index))
                values[name] = integers[column] ? Int64(text).map { .integer($0) } ?? .text(text) : .text(text)
            }
            return values
        }
    }
}

/// Ignores the notices of the server. By default, libpq writes them to standard error.
private let ignore: PQnoticeReceiver = { _, _ in }
