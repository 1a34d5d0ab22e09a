import AirlockDiagnostics
package import AirlockEthereumTypes

/// Counts of the data that pruning removes from a journal.
package struct PruneCounts: Hashable, Sendable {
    /// The number of pruned payments, which reached a final state before the given time. The payments themselves are
    /// not removed, only a part of their data.
    package fileprivate(set) var payments = 0
    /// The number of removed records of attempts to send a transaction to a node. Each record also contains the node's
    /// answer.
    package fileprivate(set) var attempts = 0
    /// The number of removed signed transactions. They can no longer be mined, because another transaction with the
    /// same nonce is mined. Their hashes are kept.
    package fileprivate(set) var transactions = 0
    /// The number of removed receipts. They are receipts from orphaned blocks.
    package fileprivate(set) var receipts = 0
    /// The number of removed webhook deliveries. A delivery is removed if it was completed before the given time, or if
    /// no relay has used the webhook of this delivery since the given time.
    package fileprivate(set) var deliveries = 0

    /// Creates counts of zero, for a journal that does not exist.
    package init() {}
}

extension SQLJournal {
    /// The number of payments that one database transaction prunes.
    private static let pruned = 500

    /// Removes data from payments that reached a final state before a given time. Keeps the data that proves the
    /// outcome of a payment: its states, hashes, receipts, events and mined transactions. If a transaction also belongs
    /// to another payment that must not be pruned, the data of this transaction is kept too. A payment that has become
    /// open again, for example after a reorganisation, is not pruned.
    ///
    /// Uses many short transactions, so that other relays do not wait long.
    ///
    /// - Parameters:
    ///   - isTrial: whether only to count the data, without removing it.
    ///   - report: a function that receives the number of payments that have been pruned so far.
    package func prune(
        before time: Timestamp, isTrial: Bool, _ report: @Sendable (Int) -> Void = { _ in }
    ) async throws(JournalError) -> PruneCounts {
        var (pruned, last): (PruneCounts, Int64) = (PruneCounts(), 0)
        while let page = try page(after: last, endedBefore: time, isTrial: isTrial, &pruned) {
            last = page
            report(pruned.payments)
            // Lets the journal's actor handle other calls before the next page of payments is pruned.
            await Task.yield()
        }
        try pruneWebhooks(before: time, isTrial: isTrial, &pruned)
        return pruned
    }

    /// Prunes one page of payments. Returns the number of the last payment on the page; `nil` if no payment is left.
    private func page(
        after last: Int64, endedBefore time: Timestamp, isTrial: Bool, _ pruned: inout PruneCounts
    ) throws(JournalError) -> Int64? {
        let before = DatabaseValue.text(time.description)
        let (page, found) = try work(isTrial) { database throws(JournalError) in
            let ids = try database.execute(
                "SELECT id FROM payments WHERE id > ? AND ended_at < ? ORDER BY id LIMIT ?",
                [.integer(last), before, .integer(Int64(Self.pruned))]
            ).compactMap { $0.integer("id") }
            guard let first = ids.first, let last = ids.last else { return (Int64?.none, PruneCounts()) }
            var found = PruneCounts()
            found.payments = ids.count
            // Selects the transactions of the payments on this page. A transaction is left out if it also belongs to a
            // payment that is open or that reached its final state at the given time or later.
            let own = """
                SELECT steps.hash FROM payments \(database.orderedJoin) steps ON steps.payment = payments.id
                WHERE payments.id BETWEEN ? AND ? AND ended_at < ? AND NOT EXISTS (
                    SELECT 1 FROM steps AS shared JOIN payments AS other ON other.id = shared.payment
                    WHERE shared.hash = steps.hash AND (other.ended_at IS NULL OR other.ended_at >= ?))
                """
            let range: [DatabaseValue] = [.integer(first), .integer(last), before, before]
            found.attempts = try Self.take("attempts WHERE hash IN (\(own))", range, isTrial, database)
            let gone = "receipts WHERE vanished_at IS NOT NULL AND hash IN (\(own))"
            if !isTrial {
                try database.execute("DELETE FROM events WHERE receipt IN (SELECT id FROM \(gone))", range)
            }
            found.receipts = try Self.take(gone, range, isTrial, database)
            // Selects transactions that can no longer be mined, because another transaction of the same payment with
            // the same nonce is mined.
            let superseded = """
                raw <> '' AND hash IN (\(own)) AND NOT EXISTS (
                    SELECT 1 FROM receipts WHERE receipts.hash = transactions.hash AND vanished_at IS NULL)
                AND NOT EXISTS (
                    SELECT 1 FROM steps AS mine WHERE mine.hash = transactions.hash AND NOT EXISTS (
                        SELECT 1 FROM steps AS beside JOIN transactions AS rival ON rival.hash = beside.hash
                            JOIN receipts ON receipts.hash = rival.hash AND vanished_at IS NULL
                        WHERE beside.payment = mine.payment AND rival.nonce = transactions.nonce))
                """
            found.transactions = try Self.count("transactions WHERE \(superseded)", range, database)
            if !isTrial, found.transactions > 0 {
                try database.execute("UPDATE transactions SET raw = '' WHERE \(superseded)", range)
            }
            return (last, found)
        }
        pruned.payments += found.payments
        pruned.attempts += found.attempts
        pruned.transactions += found.transactions
        pruned.receipts += found.receipts
        return page
    }

    private func pruneWebhooks(
        before time: Timestamp, isTrial: Bool, _ pruned: inout PruneCounts
    ) throws(JournalError) {
        let before = DatabaseValue.text(time.description)
        let unused = "webhooks WHERE used_at < ?"
        let old = "webhook_deliveries WHERE delivered_at < ? OR receiver IN (SELECT receiver FROM \(unused))"
        pruned.deliveries = try work(isTrial) { database throws(JournalError) in
            // A journal that is opened read-only is not migrated. If it has an older version, the tables for webhooks
            // can be missing. In that case no delivery is counted.
            if try database.columns(of: "webhooks").isEmpty { return 0 }
            let count = try Self.take(old, [before, before], isTrial, database)
            if !isTrial { try database.execute("DELETE FROM \(unused)", [before]) }
            return count
        }
    }

    private func work<Result>(
        _ isTrial: Bool, _ body: (any JournalDatabase) throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        if isTrial { return try read(body) }
        return try change { database, _ throws(JournalError) in try body(database) }
    }

    /// Deletes rows and returns their number. If `isTrial` is true, only counts the rows.
    private static func take(
        _ rows: String, _ values: [DatabaseValue], _ isTrial: Bool, _ database: any JournalDatabase
    ) throws(JournalError) -> Int {
        let count = try count(rows, values, database)
        if !isTrial, count > 0 { try database.execute("DELETE FROM \(rows)", values) }
        return count
    }

    private static func count(
        _ rows: String, _ values: [DatabaseValue], _ database: any JournalDatabase
    ) throws(JournalError) -> Int {
        Int(try database.execute("SELECT count(*) AS count FROM \(rows)", values).first?.integer("count") ?? 0)
    }
}
