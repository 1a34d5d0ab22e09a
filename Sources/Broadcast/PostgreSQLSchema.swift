package import AirlockEthereumTypes
package import AirlockPostgreSQL

extension SQLJournal {
    /// Opens the journal in a PostgreSQL database. Creates the tables if the database is empty. Unless `now` is given,
    /// all times come from the server's clock.
    ///
    /// - Parameters:
    ///   - server: the address of the server.
    ///   - timeout: how long a later transaction is retried while the server is down. Opening the journal is not
    ///     retried.
    ///   - now: a clock to use instead of the server's clock. With `nil`, the server's clock is used.
    ///   - notice: a function that receives a message for the user when the server goes down, and again when the server
    ///     is back.
    package init(
        _ server: PostgreSQLAddress, timeout: Duration = .seconds(600),
        now: (@Sendable () -> Timestamp)? = nil, notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(JournalError) {
        let database = try PostgreSQLDatabase(server, timeout: timeout, notice: notice)
        if try PostgreSQLSchema.version(of: database) == 0 { try PostgreSQLSchema.migrate(database) }
        try PostgreSQLSchema.requireCurrent(database)
        database.check = { database throws(JournalError) in try PostgreSQLSchema.requireCurrent(database) }
        self.init(database, now: now)
    }

    /// Opens an existing journal read-only. Returns `nil` if the database contains no journal.
    package init?(reading server: PostgreSQLAddress) throws(JournalError) {
        let database = try PostgreSQLDatabase(server, timeout: .zero, notice: { _ in })
        guard try PostgreSQLSchema.version(of: database) > 0 else { return nil }
        try PostgreSQLSchema.requireCurrent(database)
        database.isReadOnly = true
        self.init(database, now: nil)
    }

    /// Migrates the tables to the newest version.
    ///
    /// - Returns: the previous version, which is 0 if there were no tables, and the new version.
    package static func migrate(_ server: PostgreSQLAddress) throws(JournalError) -> (from: Int, to: Int) {
        let database = try PostgreSQLDatabase(server, timeout: .zero, notice: { _ in })
        return (try PostgreSQLSchema.migrate(database), PostgreSQLSchema.migrations.count)
    }
}

/// The PostgreSQL schema as a list of migrations. The table `airlock_schema` contains the number of migrations that
/// were applied to the database. A migration never changes after its release. Each later change of the schema is a new
/// migration. The columns and values are the same as in the SQLite schema.
enum PostgreSQLSchema {
    /// The number of migrations that were applied to a database; 0 if the database has none of the journal's tables.
    /// Throws if there is a table `payments` but no table `airlock_schema`, because the table then belongs to another
    /// program.
    static func version(of database: PostgreSQLDatabase) throws(JournalError) -> Int {
        // The function to_regclass() cannot be used here, because it may return a cached result within a transaction.
        let found = try database.execute(
            """
            SELECT relname::text AS name FROM pg_class
            WHERE relname IN ('airlock_schema', 'payments') AND relkind = 'r' AND pg_table_is_visible(oid)
            """
        ).map { $0.text("name") }
        guard found.contains("airlock_schema") else {
            if found.isEmpty { return 0 }
            throw JournalError(rule: .notAJournal, path: database.place, said: nil)
        }
        let rows = try database.execute("SELECT version FROM airlock_schema")
        guard rows.count == 1, let version = rows.first?.integer("version"), version > 0 else {
            throw JournalError(rule: .damaged, path: database.place, said: "airlock_schema has no version")
        }
        return Int(version)
    }

    /// Throws if the version of the tables is not the newest version that this program knows. Only the command `journal
    /// migrate` changes existing tables.
    static func requireCurrent(_ database: PostgreSQLDatabase) throws(JournalError) {
        let found = try version(of: database)
        guard found != migrations.count else { return }
        throw JournalError(
            rule: found > migrations.count ? .newer : .older, path: database.place, said: "version \(found)")
    }

    /// Runs all missing migrations in one transaction. Returns the previous version. If several relays start at the
    /// same time, one relay migrates the tables and the others wait.
    @discardableResult
    static func migrate(_ database: PostgreSQLDatabase) throws(JournalError) -> Int {
        try database.alone { () throws(JournalError) in
            let found = try version(of: database)
            if found > migrations.count {
                throw JournalError(rule: .newer, path: database.place, said: "version \(found)")
            }
            for statement in migrations[found...].joined() { try database.execute(statement) }
            if found < migrations.count {
                try database.execute("UPDATE airlock_schema SET version = ?", [.integer(Int64(migrations.count))])
            }
            return found
        }
    }

    static let migrations = [first, second, third, fourth]

    /// Migration 4 adds the time at which a relay was asked to cancel a payment.
    private static let fourth = ["ALTER TABLE payments ADD COLUMN cancel_asked_at TEXT"]

    /// Migration 3 adds webhook receivers and deliveries. It also adds indexes for queries on a journal of a million
    /// payments.
    private static let third = [
        """
        CREATE TABLE webhooks (
            receiver TEXT COLLATE "C" PRIMARY KEY, url TEXT NOT NULL, since TEXT NOT NULL, used_at TEXT COLLATE "C" NOT NULL
        )
        """,
        """
        CREATE TABLE webhook_deliveries (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            receiver TEXT COLLATE "C" NOT NULL REFERENCES webhooks, payment BIGINT NOT NULL REFERENCES payments,
            state TEXT NOT NULL, at TEXT NOT NULL, due BIGINT NOT NULL DEFAULT 0, attempts BIGINT NOT NULL DEFAULT 0,
            owner TEXT, delivered_at TEXT, UNIQUE (receiver, payment, state)
        )
        """,
        "CREATE INDEX webhook_deliveries_open ON webhook_deliveries (receiver, id) WHERE delivered_at IS NULL",
        "CREATE INDEX payments_by_state ON payments (state, id)",
        "CREATE INDEX transitions_by_payment ON transitions (payment, id)",
    ]

    /// Migration 2 adds the table of the relays' leases.
    private static let second = [
        """
        CREATE TABLE leases (
            chain_id TEXT NOT NULL, sender TEXT NOT NULL, owner TEXT NOT NULL, fence BIGINT NOT NULL,
            until BIGINT NOT NULL, PRIMARY KEY (chain_id, sender)
        )
        """
    ]

    private static let first = [
        "CREATE TABLE airlock_schema (version INTEGER NOT NULL)",
        "INSERT INTO airlock_schema VALUES (0)",
        """
        CREATE TABLE payments (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, code TEXT NOT NULL, chain_id TEXT NOT NULL,
            sender TEXT NOT NULL, charge_id TEXT, intent_id TEXT, method TEXT, expires TEXT, ledger_head TEXT,
            state TEXT NOT NULL CHECK (state IN ('recorded', 'sent', 'mined', 'settled', 'reverted', 'replaced',
                'expired', 'cancelled')),
            recorded_at TEXT NOT NULL, changed_at TEXT COLLATE "C" NOT NULL, ended_at TEXT
        )
        """,
        """
        CREATE TABLE transactions (hash TEXT COLLATE "C" PRIMARY KEY, nonce TEXT NOT NULL, raw TEXT NOT NULL)
        """,
        """
        CREATE TABLE steps (
            payment BIGINT NOT NULL REFERENCES payments ON DELETE CASCADE, position INTEGER NOT NULL, role TEXT,
            rung TEXT, hash TEXT COLLATE "C" NOT NULL REFERENCES transactions, PRIMARY KEY (payment, position)
        )
        """,
        """
        CREATE TABLE attempts (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            hash TEXT COLLATE "C" NOT NULL REFERENCES transactions, node TEXT NOT NULL,
            asked_at TEXT NOT NULL, answered_at TEXT, answer TEXT, words TEXT,
            meaning TEXT CHECK (meaning IN ('taken', 'nonce-used', 'nonce-too-high', 'fee-too-low', 'underpriced',
                'refused', 'unavailable', 'unknown'))
        )
        """,
        """
        CREATE TABLE receipts (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            hash TEXT COLLATE "C" NOT NULL REFERENCES transactions, block_number TEXT NOT NULL,
            block_hash TEXT NOT NULL, succeeded INTEGER NOT NULL, gas_used TEXT NOT NULL,
            effective_gas_price TEXT NOT NULL, l1_fee TEXT, seen_at TEXT NOT NULL, vanished_at TEXT,
            UNIQUE (hash, block_hash)
        )
        """,
        """
        CREATE TABLE events (
            receipt BIGINT PRIMARY KEY REFERENCES receipts, contract TEXT NOT NULL, operator TEXT, intent_id TEXT,
            recipient TEXT NOT NULL, sender TEXT NOT NULL, spent_amount TEXT NOT NULL, spent_currency TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE transitions (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, payment BIGINT NOT NULL REFERENCES payments,
            state TEXT NOT NULL, at TEXT NOT NULL, detail TEXT
        )
        """,
        // This table contains the number of each relay's last transaction. It shows whether a transaction was committed
        // if the server did not answer its COMMIT.
        "CREATE TABLE writers (writer TEXT PRIMARY KEY, number BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL)",
        "CREATE INDEX steps_by_hash ON steps (hash)",
        "CREATE INDEX attempts_by_hash ON attempts (hash)",
        "CREATE INDEX payments_open ON payments (id) WHERE ended_at IS NULL",
        "CREATE INDEX payments_by_code ON payments (code)",
        "CREATE INDEX payments_by_charge ON payments (charge_id)",
        "CREATE INDEX payments_by_intent ON payments (intent_id)",
        "CREATE INDEX payments_by_change ON payments (changed_at)",
        "CREATE INDEX payments_by_sender ON payments (sender, chain_id, id)",
    ]
}
