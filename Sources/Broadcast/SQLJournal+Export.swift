import AirlockDiagnostics
import AirlockKeccak
public import AirlockStrictJSON

/// Exports the whole journal, and copies it into another store.
extension SQLJournal {
    public func rows(_ body: @Sendable (JSONOutput) throws -> Void) throws {
        try stream { database in
            for (table, order) in Self.tables {
                let columns = try database.columns(of: table)
                // A journal that is opened read-only is not migrated. If it has an older version, the table can be
                // missing. A missing table is skipped.
                if columns.isEmpty { continue }
                try database.each("SELECT * FROM \(table) ORDER BY \(order)") { row in
                    let members = columns.compactMap { column in
                        row[column]?.json.map { (column, $0) }
                    }
                    try body(.object([("table", .string(table))] + members))
                }
            }
        }
    }

    public func spreadsheet(_ body: @Sendable (String) throws -> Void) throws {
        func put(_ cells: [String]) throws { try body(cells.joined(separator: ",") + "\r\n") }
        try put(Self.columns)
        try stream { database in
            try database.each(
                """
                SELECT payments.*, role, rung, nonce, steps.hash AS hash, block_number, succeeded, gas_used,
                    effective_gas_price, l1_fee, recipient, spent_amount, spent_currency
                FROM steps JOIN payments ON payments.id = steps.payment JOIN transactions USING (hash)
                    LEFT JOIN receipts ON receipts.hash = steps.hash AND vanished_at IS NULL
                    LEFT JOIN events ON events.receipt = receipts.id ORDER BY payment, position
                """
            ) { row in try put(Self.columns.map { Self.cell(row[$0]?.text ?? "") }) }
        }
    }

    /// All tables of the journal, each with the name of its primary key. A table that references other tables comes
    /// after them in this list.
    static let tables = [
        ("payments", "id"), ("transactions", "hash"), ("steps", "payment, position"), ("attempts", "id"),
        ("receipts", "id"), ("events", "receipt"), ("transitions", "id"), ("webhooks", "receiver"),
        ("webhook_deliveries", "id"),
    ]

    private static let columns = [
        "code", "state", "chain_id", "charge_id", "intent_id", "method", "expires", "recorded_at", "changed_at",
        "role", "rung", "nonce", "hash", "block_number", "succeeded", "gas_used", "effective_gas_price", "l1_fee",
        "recipient", "spent_amount", "spent_currency",
    ]

    /// Writes one cell of the CSV file. If a string from a charge begins with `=`, `+`, `-` or `@`, an apostrophe is
    /// written before it. The apostrophe keeps a spreadsheet from evaluating the string as a formula.
    private static func cell(_ text: String) -> String {
        let text = escaped(text, limit: 1000)
        guard let first = text.utf8.first, "=+-@".utf8.contains(first) || text.contains(where: { ",\"".contains($0) })
        else { return text }
        let isFormula = "=+-@".utf8.contains(first)
        return "\"" + (isFormula ? "'" : "")
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}

extension DatabaseValue {
    /// The value as a string. An integer is written in decimal. The result is `nil` if the value is null or a blob.
    fileprivate var text: String? {
        switch self {
        case .null, .blob: nil
        case .integer(let number): String(number)
        case .text(let text): text
        }
    }

    fileprivate var json: JSONOutput? {
        if case .integer(let number) = self { return .number(String(number)) }
        return text.map { .string($0) }
    }
}

extension SQLJournal {
    /// Copies every row of another journal into this journal and compares the two journals, all in one transaction.
    /// This journal must be empty. While this method runs, no other process is allowed to use the other journal.
    ///
    /// - Returns: the number of copied rows.
    package func copy(_ other: SQLJournal) async throws -> Int {
        let source = try await other.opened()
        return try change { target, _ throws(JournalError) in
            for (table, _) in Self.tables {
                guard try target.execute("SELECT 1 AS one FROM \(table) LIMIT 1").isEmpty else {
                    throw JournalError(rule: .notEmpty, path: target.place, said: nil)
                }
                guard try source.columns(of: table) == target.columns(of: table) else {
                    throw JournalError(rule: .older, path: source.place, said: nil)
                }
            }
            var (given, written) = (RowDigest(), RowDigest())
            do {
                try source.stream { try Self.copyRows(of: source, into: target, &given) }
                for (table, order) in Self.tables {
                    let columns = try target.columns(of: table)
                    try target.each("SELECT * FROM \(table) ORDER BY \(order)") { written.add($0, columns) }
                }
            } catch let error as JournalError { throw error } catch {
                throw JournalError(rule: .failed, path: target.place, said: nil)
            }
            guard given == written else {
                let words = "\(given.count) rows were given, and \(written.count) are there"
                throw JournalError(rule: .differs, path: target.place, said: words)
            }
            try target.goOnNumbering(Self.numbered)
            return given.count
        }
    }

    /// The tables in which each new row gets its id from the database.
    private static let numbered = ["payments", "attempts", "receipts", "transitions", "webhook_deliveries"]

    private static func copyRows(
        of source: any JournalDatabase, into target: any JournalDatabase, _ digest: inout RowDigest
    ) throws {
        for (table, order) in tables {
            let columns = try source.columns(of: table)
            let marks = columns.map { _ in "?" }.joined(separator: ", ")
            let insert = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))"
            try source.each("SELECT * FROM \(table) ORDER BY \(order)") { row in
                digest.add(row, columns)
                try target.execute(insert, columns.map { row[$0] ?? .null })
            }
        }
    }
}

/// A digest for comparing the rows of two journals. It consists of the number of rows and a hash over all rows in the
/// order in which they were added.
private struct RowDigest: Equatable {
    private(set) var count = 0
    private var hash: [UInt8] = []

    mutating func add(_ row: [String: DatabaseValue], _ columns: [String]) {
        count += 1
        var hasher = Keccak256()
        hasher.update(hash)
        for column in columns {
            let text: String? =
                switch row[column] {
                case nil, .null?, .blob?: nil
                case .integer(let number)?: "i\(number)"
                // PostgreSQL cannot store the character U+0000, so a copy of the journal in PostgreSQL contains U+FFFD
                // instead. Both characters have the same effect on the hash, so the copy still matches.
                case .text(let text)?: "t" + text.replacing("\u{0}", with: "\u{FFFD}")
                }
            let bytes = Array((text ?? "").utf8)
            hasher.update(Array("\(bytes.count):".utf8))
            hasher.update(bytes)
        }
        hash = Array(hasher.finish().bytes)
    }
}
