public import AirlockEthereumTypes
import AirlockDiagnostics

/// The leases of senders. All times come from the database's clock, in milliseconds since 1970.
extension SQLJournal {
    /// The key of a lease: a sender's address and a chain id. Both are strings, as the database stores them.
    struct SenderKey: Hashable {
        let chain: String
        let sender: String

        var values: [DatabaseValue] { [.text(chain), .text(sender)] }
    }

    public func lease(
        _ sender: Address, on chain: Chain, for length: Duration
    ) throws(JournalError) -> JournalLease? {
        let (begin, relay) = (ContinuousClock.now, relay.description)
        let key = SenderKey(chain: "\(chain.id)", sender: "\(sender)")
        let fence: Int64? = try change { database, _ throws(JournalError) in
            let known = try database.execute("SELECT owner FROM leases WHERE chain_id = ? AND sender = ?", key.values)
            let owner = known.first?.optionalText("owner")
            // If the relay process that owns the lease has exited, another relay can take over the lease at once.
            let ended = owner.flatMap { RelayIdentity.hasEnded($0) ? $0 : nil } ?? relay
            let rows = try database.execute(
                """
                INSERT INTO leases (chain_id, sender, owner, fence, until) VALUES (?, ?, ?, 1, \(database.clock) + ?)
                ON CONFLICT (chain_id, sender) DO UPDATE SET owner = excluded.owner, until = excluded.until,
                    fence = leases.fence + CASE WHEN leases.owner = excluded.owner THEN 0 ELSE 1 END
                WHERE leases.owner = excluded.owner OR leases.owner = ? OR leases.until <= \(database.clock)
                RETURNING fence
                """, key.values + [.text(relay), .integer(length.milliseconds), .text(ended)])
            return rows.first?.integer("fence")
        }
        guard let fence else { return nil }
        fences[key] = fence
        return JournalLease(sender: sender, chain: chain, fence: fence, end: begin + length)
    }

    public func renew(_ lease: JournalLease, for length: Duration) throws(JournalError) -> JournalLease? {
        let (begin, relay) = (ContinuousClock.now, relay.description)
        let isRenewed = try change { database, _ throws(JournalError) in
            try !database.execute(
                """
                UPDATE leases SET until = \(database.clock) + ?
                WHERE chain_id = ? AND sender = ? AND owner = ? AND fence = ? RETURNING fence
                """,
                [.integer(length.milliseconds)] + Self.values(of: lease) + [.text(relay), .integer(lease.fence)]
            ).isEmpty
        }
        guard isRenewed else { return nil }
        return JournalLease(sender: lease.sender, chain: lease.chain, fence: lease.fence, end: begin + length)
    }

    public func release(_ lease: JournalLease) throws(JournalError) {
        let relay = relay.description
        try change { database, _ throws(JournalError) in
            _ = try database.execute(
                "UPDATE leases SET until = 0 WHERE chain_id = ? AND sender = ? AND owner = ? AND fence = ?",
                Self.values(of: lease) + [.text(relay), .integer(lease.fence)])
        }
    }

    private static func values(of lease: JournalLease) -> [DatabaseValue] {
        SenderKey(chain: "\(lease.chain.id)", sender: "\(lease.sender)").values
    }

    /// Runs `body`, which changes the payment, in one transaction. Throws if another relay holds the lease of the
    /// payment's sender, or if another relay has taken over this relay's lease.
    func change<Result>(
        of payment: Int64, _ body: (any JournalDatabase, _ at: DatabaseValue) throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        let (fences, relay) = (fences, relay.description)
        return try change { database, at throws(JournalError) in
            try Self.requireLease(for: payment, fences, relay, database)
            return try body(database, at)
        }
    }

    private static func requireLease(
        for payment: Int64, _ fences: [SenderKey: Int64], _ relay: String, _ database: any JournalDatabase
    ) throws(JournalError) {
        let rows = try database.execute(
            """
            SELECT leases.chain_id AS chain_id, leases.sender AS sender, owner, fence,
                CASE WHEN until > \(database.clock) THEN 1 ELSE 0 END AS is_valid
            FROM payments JOIN leases ON leases.chain_id = payments.chain_id AND leases.sender = payments.sender
            WHERE payments.id = ?
            """, [.integer(payment)])
        guard let row = rows.first else { return }
        let own = fences[SenderKey(chain: row.text("chain_id"), sender: row.text("sender"))]
        let isOwn = row.text("owner") == relay && row.integer("fence") == own
        if isOwn || own == nil && row.integer("is_valid") == 0 { return }
        throw JournalError(rule: .leaseLost, path: row.text("sender"), said: nil)
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
