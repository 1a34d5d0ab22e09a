import Problems

extension Journal {
    /// What `PRAGMA user_version` says of a journal that this Airlock writes.
    static let version: Int64 = 1

    /// Makes the tables in a new file. Quantities are decimal strings and hashes 0x hex, as in every file of Airlock;
    /// times are RFC 3339.
    static func prepare(_ database: Database) throws(JournalError) {
        try database.transaction { () throws(JournalError) in
            guard try !isMade(in: database) else { return }
            for statement in schema { try database.execute(statement) }
            try database.execute("PRAGMA user_version = \(version)")
        }
    }

    /// Whether the tables are there; not where there is nothing at all. Whatever else a database holds is another
    /// program's, and that one may count its versions as we do.
    static func isMade(in database: Database) throws(JournalError) -> Bool {
        guard case .integer(let found)? = try database.execute("PRAGMA user_version").first?["user_version"] else {
            throw JournalError(rule: .damaged, path: database.path, said: nil)
        }
        let names = try database.execute("SELECT name FROM sqlite_master").compactMap { $0["name"] }
        if found == 0, names.isEmpty { return false }
        guard found > 0, names.contains(.text("payments")), names.contains(.text("steps")) else {
            throw JournalError(rule: .notAJournal, path: database.path, said: nil)
        }
        guard found <= version else {
            throw JournalError(rule: .newer, path: database.path, said: "version \(found)")
        }
        return true
    }

    private static let schema = [
        """
        CREATE TABLE payments (
            id INTEGER PRIMARY KEY, code TEXT NOT NULL, chain_id TEXT NOT NULL, sender TEXT NOT NULL,
            charge_id TEXT, intent_id TEXT, method TEXT, expires TEXT, ledger_head TEXT,
            state TEXT NOT NULL CHECK (state IN (\(states))),
            recorded_at TEXT NOT NULL, changed_at TEXT NOT NULL
        ) STRICT
        """,
        "CREATE TABLE transactions (hash TEXT PRIMARY KEY, nonce TEXT NOT NULL, raw TEXT NOT NULL) STRICT",
        """
        CREATE TABLE steps (
            payment INTEGER NOT NULL REFERENCES payments ON DELETE CASCADE, position INTEGER NOT NULL, role TEXT,
            rung TEXT, hash TEXT NOT NULL REFERENCES transactions, PRIMARY KEY (payment, position)
        ) STRICT
        """,
        "CREATE INDEX steps_by_hash ON steps (hash)",
        """
        CREATE TABLE attempts (
            id INTEGER PRIMARY KEY, hash TEXT NOT NULL REFERENCES transactions, node TEXT NOT NULL,
            asked_at TEXT NOT NULL, answered_at TEXT, answer TEXT, words TEXT
        ) STRICT
        """,
        """
        CREATE TABLE receipts (
            id INTEGER PRIMARY KEY, hash TEXT NOT NULL REFERENCES transactions, block_number TEXT NOT NULL,
            block_hash TEXT NOT NULL, succeeded INTEGER NOT NULL, gas_used TEXT NOT NULL,
            effective_gas_price TEXT NOT NULL, l1_fee TEXT, seen_at TEXT NOT NULL, vanished_at TEXT,
            UNIQUE (hash, block_hash)
        ) STRICT
        """,
        """
        CREATE TABLE events (
            receipt INTEGER PRIMARY KEY REFERENCES receipts, contract TEXT NOT NULL, operator TEXT NOT NULL,
            intent_id TEXT NOT NULL, recipient TEXT NOT NULL, sender TEXT NOT NULL, spent_amount TEXT NOT NULL,
            spent_currency TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE transitions (
            id INTEGER PRIMARY KEY, payment INTEGER NOT NULL REFERENCES payments, state TEXT NOT NULL,
            at TEXT NOT NULL, detail TEXT
        ) STRICT
        """,
    ]

    private static let states = PaymentState.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
}
