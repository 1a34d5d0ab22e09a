import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockHTTP

/// Manages webhook deliveries. A webhook delivery is a message that tells a receiver that a payment has reached a final
/// state. The delivery and the final state are stored in one database transaction, no matter which relay or command
/// records the state.
extension SQLJournal {
    /// Registers a receiver. From now on, the receiver is notified of each payment that reaches a final state. If a
    /// relay process on this machine has claimed deliveries to this receiver and has exited before it sent them, this
    /// method makes these deliveries due again.
    func register(_ receiver: WebhookReceiver) throws(JournalError) {
        try change { database, at throws(JournalError) in
            try database.execute(
                """
                INSERT INTO webhooks (receiver, url, since, used_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (receiver) DO UPDATE SET used_at = excluded.used_at
                """, [.text(receiver.name), .text(receiver.url.description), at, at])
            let owners = try database.execute(
                """
                SELECT DISTINCT owner FROM webhook_deliveries
                WHERE receiver = ? AND delivered_at IS NULL AND owner IS NOT NULL
                """, [.text(receiver.name)])
            for owner in owners.compactMap({ $0.optionalText("owner") }) where RelayIdentity.hasEnded(owner) {
                try database.execute(
                    """
                    UPDATE webhook_deliveries SET owner = NULL, due = 0
                    WHERE receiver = ? AND owner = ? AND delivered_at IS NULL
                    """, [.text(receiver.name), .text(owner)])
            }
        }
    }

    /// Claims deliveries that are due. No other relay can claim these deliveries before `length` has passed. If a
    /// payment has several deliveries to the receiver, a later one can be claimed only after the earlier ones were
    /// delivered.
    func claim(
        for receiver: WebhookReceiver, atMost count: Int, lasting length: Duration
    ) throws(JournalError) -> [WebhookDelivery] {
        let (clock, relay) = (try opened().clock, relay.description)
        let due = """
            SELECT id FROM webhook_deliveries AS own WHERE receiver = ? AND delivered_at IS NULL AND due <= \(clock)
            AND NOT EXISTS (SELECT 1 FROM webhook_deliveries AS earlier WHERE earlier.receiver = own.receiver
                AND earlier.payment = own.payment AND earlier.id < own.id AND earlier.delivered_at IS NULL)
            ORDER BY id LIMIT ?
            """
        // The method first checks whether any delivery is due, because usually none is. This check only reads, so it
        // does not block other processes that write.
        let isIdle = try read { database throws(JournalError) in
            try database.execute(due, [.text(receiver.name), .integer(1)]).isEmpty
        }
        if isIdle { return [] }
        let rows = try change { database, _ throws(JournalError) in
            try database.execute(
                """
                UPDATE webhook_deliveries SET owner = ?, due = \(clock) + ?, attempts = attempts + 1 WHERE id IN (\(due))
                RETURNING id, payment, state, at, attempts
                """,
                [.text(relay), .integer(length.milliseconds), .text(receiver.name), .integer(Int64(count))])
        }
        var filter = JournalFilter()
        filter.numbers = rows.compactMap { $0.integer("payment") }
        let payments = try page(filter, before: nil, of: JournalFilter.pageSize)
        let found: [WebhookDelivery] = rows.compactMap { row in
            guard let id = row.integer("id"), let state = PaymentState(rawValue: row.text("state")),
                let payment = payments.first(where: { $0.id == row.integer("payment") })
            else { return nil }
            return WebhookDelivery(
                id: id, payment: payment, state: state, at: row.text("at"), attempts: Int(row.integer("attempts") ?? 1))
        }
        return found.sorted { $0.id < $1.id }
    }

    /// Records the result of each delivery: success, or the wait before the next attempt.
    func finish(_ deliveries: [(id: Int64, wait: Duration?)]) throws(JournalError) {
        let relay = relay.description
        try change { database, at throws(JournalError) in
            for (id, wait) in deliveries {
                guard let wait else {
                    try database.execute(
                        """
                        UPDATE webhook_deliveries SET delivered_at = ?, owner = NULL
                        WHERE id = ? AND delivered_at IS NULL
                        """, [at, .integer(id)])
                    continue
                }
                // If another relay has claimed the delivery in the meantime, this statement changes nothing. The other
                // relay then makes the delivery.
                try database.execute(
                    """
                    UPDATE webhook_deliveries SET owner = NULL, due = \(database.clock) + ?
                    WHERE id = ? AND owner = ? AND delivered_at IS NULL
                    """, [.integer(wait.milliseconds), .integer(id), .text(relay)])
            }
        }
    }

    /// Queues one delivery for each receiver after a payment has reached a final state. Each state of a payment is
    /// queued at most once for each receiver.
    static func announce(
        _ payment: Int64, _ state: PaymentState, _ database: any JournalDatabase, _ at: DatabaseValue
    ) throws(JournalError) {
        for row in try database.execute("SELECT receiver FROM webhooks") {
            try database.execute(
                """
                INSERT INTO webhook_deliveries (receiver, payment, state, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
                """, [.text(row.text("receiver")), .integer(payment), .text(state.rawValue), at])
        }
    }
}
