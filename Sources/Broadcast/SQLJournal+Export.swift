import AirlockDiagnostics
public import AirlockStrictJSON

/// All that the journal knows, for other programs.
extension SQLJournal {
    public func rows(_ body: @Sendable (JSONOutput) throws -> Void) throws {
        try stream { database in
            for (table, order) in Self.tables {
                let columns = try database.columns(of: table)
                // A journal of an older version, which is only read, has not all of them.
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

    public func sheet(_ body: @Sendable (String) throws -> Void) throws {
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

    /// All tables, each after those that it refers to, with the column or columns that name a row.
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

    /// What came from a charge must not be a formula to a spreadsheet.
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
    /// As a person reads it.
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
