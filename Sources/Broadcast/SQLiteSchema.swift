import AirlockDiagnostics
public import AirlockEthereumTypes

extension SQLJournal {
    /// Opens the journal in a SQLite file, or creates the file. If another process has locked the file, opening the
    /// journal blocks the caller's thread for at most `timeout`. Later calls block only the journal's own thread.
    ///
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - timeout: how long a call waits for another process that has locked the file.
    ///   - diskFullTimeout: how long a later write waits for free space if the disk is full.
    ///   - now: a function that returns the current time. The times in the journal come from this clock.
    ///   - notice: a function that receives a message for the user when the disk is full, and again when there is free
    ///     space.
    public init(
        _ path: String, timeout: Duration = .seconds(5), diskFullTimeout: Duration = .zero,
        now: @escaping @Sendable () -> Timestamp, notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(JournalError) {
        let database = try SQLiteDatabase(path: path, timeout: timeout) { database throws(JournalError) in
            _ = try SQLiteSchema.look(into: database)
        }
        try SQLiteSchema.prepare(database)
        (database.diskFullTimeout, database.notice) = (diskFullTimeout, notice)
        self.init(database, now: now)
    }

    /// Opens an existing journal read-only. Returns `nil` if the file is empty.
    public init?(reading path: String) throws(JournalError) {
        let database = try SQLiteDatabase(path: path, isReadOnly: true)
        guard try SQLiteSchema.look(into: database) > 0 else { return nil }
        self.init(database, now: { Timestamp(seconds: 0) })
    }

    /// Migrates the tables in a file to the newest version, or creates them in a new file.
    ///
    /// - Returns: the previous version, which is 0 for a new file, and the new version.
    public static func migrate(_ path: String) throws(JournalError) -> (from: Int, to: Int) {
        var found = 0
        let database = try SQLiteDatabase(path: path) { database throws(JournalError) in
            found = try SQLiteSchema.look(into: database)
        }
        try SQLiteSchema.prepare(database)
        return (found, SQLiteSchema.migrations.count)
    }
}

/// The SQLite schema as a list of migrations. `PRAGMA user_version` is the number of migrations that were applied to a
/// file. A migration never changes after its release. Each later change of the schema is a new migration.
enum SQLiteSchema {
    /// Migrates a file to the newest version, or creates the tables in a new file. Everything happens in one
    /// transaction, so after a crash the file still has the previous version. Quantities are stored as decimal strings,
    /// hashes as hexadecimal with `0x`, and times as RFC 3339.
    static func prepare(_ database: SQLiteDatabase) throws(JournalError) {
        try database.transaction { () throws(JournalError) in
            let found = try version(of: database)
            guard found < migrations.count else { return }
            for statement in migrations[found...].joined() { try database.execute(statement) }
            try database.execute("PRAGMA user_version = \(migrations.count)")
        }
    }

    /// Reads the version of the tables. Uses a transaction, because another process may be creating the tables at the
    /// same time.
    static func look(into database: SQLiteDatabase) throws(JournalError) -> Int {
        try database.transaction(onlyReading: true) { () throws(JournalError) in try version(of: database) }
    }

    /// The number of migrations that were applied to the file, from `user_version`; 0 for an empty file. Throws if the
    /// database belongs to another program. Another program can set `user_version` too, so the names of the tables are
    /// also checked.
    static func version(of database: SQLiteDatabase) throws(JournalError) -> Int {
        guard let found = try database.execute("PRAGMA user_version").first?.integer("user_version") else {
            throw JournalError(rule: .damaged, path: database.path, said: nil)
        }
        let names = try database.execute("SELECT name FROM sqlite_master").compactMap { $0["name"] }
        if found == 0, names.isEmpty { return 0 }
        guard found > 0, names.contains(.text("payments")), names.contains(.text("steps")) else {
            throw JournalError(rule: .notAJournal, path: database.path, said: nil)
        }
        guard found <= migrations.count else {
            throw JournalError(rule: .newer, path: database.path, said: "version \(found)")
        }
        return Int(found)
    }

    static let migrations = [first, second, third, fourth, fifth, sixth]

    /// Migration 6 adds the time at which a relay was asked to cancel a payment.
    private static let sixth = ["ALTER TABLE payments ADD COLUMN cancel_asked_at TEXT"]

    /// Migration 5 adds tables for webhook receivers and deliveries. It also adds indexes that keep queries fast on a
    /// journal with a million payments.
    private static let fifth = [
        """
        CREATE TABLE webhooks (
            receiver TEXT PRIMARY KEY, url TEXT NOT NULL, since TEXT NOT NULL, used_at TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE webhook_deliveries (
            id INTEGER PRIMARY KEY, receiver TEXT NOT NULL REFERENCES webhooks, payment INTEGER NOT NULL REFERENCES payments,
            state TEXT NOT NULL, at TEXT NOT NULL, due INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
            owner TEXT, delivered_at TEXT, UNIQUE (receiver, payment, state)
        ) STRICT
        """,
        "CREATE INDEX webhook_deliveries_open ON webhook_deliveries (receiver, id) WHERE delivered_at IS NULL",
        "CREATE INDEX payments_by_state ON payments (state, id)",
        "CREATE INDEX payments_by_sender ON payments (sender, chain_id, id)",
        "CREATE INDEX transitions_by_payment ON transitions (payment, id)",
    ]

    /// Migration 4 adds the table of the relays' leases.
    private static let fourth = [
        """
        CREATE TABLE leases (
            chain_id TEXT NOT NULL, sender TEXT NOT NULL, owner TEXT NOT NULL, fence INTEGER NOT NULL,
            until INTEGER NOT NULL, PRIMARY KEY (chain_id, sender)
        ) STRICT
        """
    ]

    /// Migration 3 changes the table `events`, so that it can store the events of every kind of request. Two columns
    /// can now be null, because only the events of charges have an operator and an id.
    private static let third = [
        "ALTER TABLE events RENAME TO first_events",
        """
        CREATE TABLE events (
            receipt INTEGER PRIMARY KEY REFERENCES receipts, contract TEXT NOT NULL, operator TEXT, intent_id TEXT,
            recipient TEXT NOT NULL, sender TEXT NOT NULL, spent_amount TEXT NOT NULL, spent_currency TEXT NOT NULL
        ) STRICT
        """,
        "INSERT INTO events SELECT * FROM first_events",
        "DROP TABLE first_events",
    ]

    /// Migration 2 adds the meaning of a node's answer, the time at which a payment reached a final state, and indexes
    /// for every lookup of payments.
    private static let second = [
        """
        ALTER TABLE attempts ADD COLUMN meaning TEXT CHECK (meaning IN ('taken', 'nonce-used', 'nonce-too-high',
            'fee-too-low', 'underpriced', 'refused', 'unavailable', 'unknown'))
        """,
        """
        UPDATE attempts SET meaning = CASE
            WHEN answer IN ('taken', 'node.already-known') THEN 'taken'
            WHEN answer = 'node.nonce-too-low' THEN 'nonce-used'
            WHEN answer = 'node.nonce-too-high' THEN 'nonce-too-high'
            WHEN answer = 'node.fee-too-low' THEN 'fee-too-low'
            WHEN answer = 'node.replacement-underpriced' THEN 'underpriced'
            WHEN answer IN ('node.rate-limited', 'node.method-missing') THEN 'unavailable'
            WHEN answer IN ('node.insufficient-funds', 'node.intrinsic-gas', 'node.gas-limit', 'node.wrong-chain',
                'node.fee-above-cap', 'node.reverted', 'node.other') THEN 'refused'
            ELSE 'unknown' END
        WHERE answer IS NOT NULL
        """,
        "ALTER TABLE payments ADD COLUMN ended_at TEXT",
        "UPDATE payments SET ended_at = changed_at WHERE state NOT IN ('recorded', 'sent', 'mined')",
        "CREATE INDEX attempts_by_hash ON attempts (hash)",
        "CREATE INDEX payments_open ON payments (id) WHERE ended_at IS NULL",
        "CREATE INDEX payments_by_code ON payments (code)",
        "CREATE INDEX payments_by_charge ON payments (charge_id)",
        "CREATE INDEX payments_by_intent ON payments (intent_id)",
        "CREATE INDEX payments_by_change ON payments (changed_at)",
    ]

    private static let first = [
        """
        CREATE TABLE payments (
            id INTEGER PRIMARY KEY, code TEXT NOT NULL, chain_id TEXT NOT NULL, sender TEXT NOT NULL,
            charge_id TEXT, intent_id TEXT, method TEXT, expires TEXT, ledger_head TEXT,
            state TEXT NOT NULL CHECK (state IN ('recorded', 'sent', 'mined', 'settled', 'reverted', 'replaced', \
        'expired', 'cancelled')),
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
}
