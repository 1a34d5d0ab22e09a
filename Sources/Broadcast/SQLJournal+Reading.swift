import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockTransactions

/// Reads payments from the journal.
extension SQLJournal {
    /// Returns one page of the payments that match the filter. Every search for payments uses this query. The query
    /// must also be fast on a journal of the first version, which does not have the indexes of later versions.
    public func page(
        _ filter: JournalFilter, before: Int64?, of size: Int
    ) throws(JournalError) -> [JournalPayment] {
        var conditions = filter.conditions
        let join = try opened().orderedJoin
        if let before { conditions.append(("id < ?", [.integer(before)])) }
        let test = conditions.isEmpty ? "" : "WHERE " + conditions.map(\.sql).joined(separator: " AND ")
        let sql = """
            WITH page AS MATERIALIZED (SELECT * FROM payments \(test) ORDER BY id DESC LIMIT ?),
                own AS MATERIALIZED (SELECT steps.* FROM page \(join) steps ON steps.payment = page.id),
                latest AS MATERIALIZED (
                    SELECT hash, max(id) AS id FROM attempts WHERE hash IN (SELECT hash FROM own) GROUP BY hash)
            SELECT page.*, own.role AS role, own.rung AS rung, own.hash AS hash, nonce, raw,
                CASE WHEN latest.id IS NOT NULL THEN coalesce(attempts.answer, 'unanswered') END AS answer,
                (SELECT block_number FROM receipts
                    WHERE receipts.hash = own.hash AND vanished_at IS NULL ORDER BY id DESC LIMIT 1) AS block,
                (SELECT succeeded FROM receipts
                    WHERE receipts.hash = own.hash AND vanished_at IS NULL ORDER BY id DESC LIMIT 1) AS succeeded
            FROM page \(join) own ON own.payment = page.id JOIN transactions ON transactions.hash = own.hash
                LEFT JOIN latest ON latest.hash = own.hash LEFT JOIN attempts ON attempts.id = latest.id
            ORDER BY page.id DESC, own.position
            """
        let values = conditions.flatMap(\.values) + [.integer(Int64(size))]
        let rows = try read { database throws(JournalError) in try database.execute(sql, values) }
        var payments: [JournalPayment] = []
        var rest = rows[...]
        while let first = rest.first, let id = first.integer("id") {
            let end = rest.firstIndex { $0["id"] != first["id"] } ?? rest.endIndex
            payments.append(JournalPayment(id, first, Array(rest[..<end])))
            rest = rest[end...]
        }
        return payments
    }

    public func unfinishedNumbers() throws(JournalError) -> [Int64] {
        try read { database throws(JournalError) in
            try database.execute("SELECT id FROM payments WHERE ended_at IS NULL ORDER BY id").compactMap {
                $0.integer("id")
            }
        }
    }

    public func stored(_ payments: [Int64]) throws(JournalError) -> [StoredPayment] {
        guard let last = payments.last else { return [] }
        let join = try opened().orderedJoin
        // Copies of the last payment number are appended to the list of payment numbers, so that the list has either
        // one element or the length of a page. Without this padding, each length of the list would require its own
        // prepared statement.
        let size = payments.count == 1 ? 1 : max(payments.count, JournalFilter.pageSize)
        let all = payments + Array(repeating: last, count: size - payments.count)
        let marks = all.map { _ in "?" }.joined(separator: ", ")
        let rows = try read { database throws(JournalError) in
            try database.execute(
                """
                SELECT payments.id AS id, method, charge_id, expires, role, rung, raw FROM payments
                \(join) steps ON steps.payment = payments.id JOIN transactions USING (hash)
                WHERE payments.id IN (\(marks)) ORDER BY payments.id, position
                """, all.map { .integer($0) })
        }
        var found: [StoredPayment] = []
        for row in rows {
            // A pruned transaction is skipped, because the journal contains only its hash. The transaction is not
            // needed, because its payment is already in a final state.
            guard let number = row.integer("id"), row["raw"] != .text("") else { continue }
            if found.last?.number != number {
                found.append(
                    StoredPayment(
                        number: number, method: row.optionalText("method"), name: row.optionalText("charge_id"),
                        expires: row.optionalText("expires").flatMap { try? Timestamp($0) }))
            }
            found[found.count - 1].transactions.append(try transaction(row))
        }
        return found
    }

    /// Reads a transaction from a row. Throws if the row is malformed. Such a row is never skipped or read in part,
    /// because a cancel transaction without its role, for example, would be treated as the transaction that makes the
    /// payment.
    private func transaction(_ row: [String: DatabaseValue]) throws(JournalError) -> StoredPayment.Transaction {
        let (role, rung) = (row.optionalText("role"), row.optionalText("rung"))
        let raw = try? Hex.decode(row.text("raw"))
        guard let raw, role == nil || role.flatMap(Payment.Role.init(rawValue:)) != nil,
            rung == nil || rung.flatMap({ UInt64($0) }) != nil
        else {
            throw JournalError(rule: .damaged, path: place, said: "a transaction of payment \(row.text("id"))")
        }
        return StoredPayment.Transaction(
            role: role.flatMap(Payment.Role.init(rawValue:)), rung: rung.flatMap { UInt64($0) }, raw: raw)
    }

    public func ledgerHead(of sender: Address, on chain: Chain) throws(JournalError) -> Hash? {
        try read { database throws(JournalError) in
            let rows = try database.execute(
                """
                SELECT ledger_head FROM payments WHERE sender = ? AND chain_id = ? AND ledger_head IS NOT NULL
                ORDER BY id DESC LIMIT 1
                """, [.text("\(sender)"), .text("\(chain.id)")])
            return rows.first.flatMap { try? Hash(hex: $0.text("ledger_head")) }
        }
    }

    public func heldNonces(of sender: Address, on chain: Chain) throws(JournalError) -> [HeldNonce] {
        try read { database throws(JournalError) in
            let rows = try database.execute(
                """
                SELECT DISTINCT code, intent_id, nonce FROM payments
                JOIN steps ON steps.payment = payments.id JOIN transactions USING (hash)
                WHERE sender = ? AND chain_id = ? AND state IN ('recorded', 'sent')
                """, [.text("\(sender)"), .text("\(chain.id)")])
            return rows.compactMap { row in
                guard let code = row.optionalText("code"), let nonce = row.optionalText("nonce").flatMap({ UInt64($0) })
                else { return nil }
                return HeldNonce(nonce: nonce, code: code, intentID: row.optionalText("intent_id"))
            }
        }
    }
}

extension JournalFilter {
    fileprivate var conditions: [(sql: String, values: [DatabaseValue])] {
        var conditions: [(String, [DatabaseValue])] = []
        if let name {
            // The identifier is searched in several columns. A union lets the database use a separate index for each
            // column.
            let parts = [
                "SELECT id FROM payments WHERE code = ?", "SELECT id FROM payments WHERE charge_id = ?",
                "SELECT id FROM payments WHERE intent_id = ?", "SELECT payment FROM steps WHERE hash = ?",
            ]
            let lower = DatabaseValue.text(name.lowercased())
            conditions.append(
                ("id IN (\(parts.joined(separator: " UNION ")))", [.text(name), .text(name), lower, lower]))
        }
        if !states.isEmpty {
            let marks = states.map { _ in "?" }.joined(separator: ", ")
            conditions.append(
                ("state IN (\(marks))", states.sorted { $0.rawValue < $1.rawValue }.map { .text($0.rawValue) }))
        }
        if let numbers {
            conditions.append(
                ("id IN (\(numbers.map { _ in "?" }.joined(separator: ", ")))", numbers.map { .integer($0) }))
        }
        if let chain { conditions.append(("chain_id = ?", [.text("\(chain.id)")])) }
        if let text { conditions.append(Self.condition(text.lowercased())) }
        // RFC 3339 times in UTC can be compared as text.
        if let since { conditions.append(("changed_at >= ?", [.text(since.description)])) }
        return conditions
    }

    private static func condition(_ text: String) -> (sql: String, values: [DatabaseValue]) {
        let part = text.map { "%_!".contains($0) ? "!\($0)" : "\($0)" }.joined()
        let columns = ["code", "charge_id", "intent_id", "sender"]
        var parts = columns.map { "lower(\($0)) LIKE ? ESCAPE '!'" }
        var values = columns.map { _ in DatabaseValue.text("%\(part)%") }
        if let hash = try? Hash(hex: text) {
            parts.append("id IN (SELECT payment FROM steps WHERE hash = ?)")
            values.append(.text("\(hash)"))
        } else if let address = try? FixedBytes<20>(hex: text) {
            parts.append(
                "id IN (SELECT payment FROM steps JOIN transactions USING (hash) WHERE raw LIKE ?)")
            values.append(.text("%\("\(address)".dropFirst(2))%"))
        }
        return ("(\(parts.joined(separator: " OR ")))", values)
    }
}

extension JournalPayment {
    fileprivate init(_ id: Int64, _ row: [String: DatabaseValue], _ steps: [[String: DatabaseValue]]) {
        self.id = id
        code = row.text("code")
        // The fallback value `recorded` is never used: the column `state` contains only known states, because the table
        // has a CHECK constraint.
        state = PaymentState(rawValue: row.text("state")) ?? .recorded
        chainID = row.text("chain_id")
        sender = row.text("sender")
        chargeID = row.optionalText("charge_id")
        intentID = row.optionalText("intent_id")
        method = row.optionalText("method")
        expires = row.optionalText("expires")
        recordedAt = row.text("recorded_at")
        changedAt = row.text("changed_at")
        endedAt = row.optionalText("ended_at")
        cancelAskedAt = row.optionalText("cancel_asked_at")
        var paying: UnsignedTransaction?
        var transactions: [Transaction] = []
        for step in steps {
            let raw = try? Hex.decode(step.text("raw"))
            let transaction = raw.flatMap { try? SignedTransaction(raw: $0) }?.transaction
            // Chooses the transaction that makes the payment. If there is none, chooses the transaction with the
            // highest nonce, but never a cancel transaction.
            let role = step.optionalText("role")
            if role == "pay" || role != "cancel" && paying?.nonce ?? 0 <= transaction?.nonce ?? 0 {
                paying = transaction ?? paying
            }
            transactions.append(
                Transaction(
                    role: role, rung: step.optionalText("rung"), nonce: step.text("nonce"), hash: step.text("hash"),
                    answer: step.optionalText("answer"), block: step.optionalText("block"),
                    fees: transaction?.feeText))
        }
        self.transactions = transactions
        isExecutedInVain =
            state == .reverted && steps.contains { $0["role"] == .text("pay") && $0["succeeded"] == .integer(1) }
        let chain = UInt64(chainID).map { Chain(id: $0) }
        summary = chain.flatMap { chain in paying.map { PaymentSummary($0, on: chain) } }
    }
}

extension [String: DatabaseValue] {
    func optionalText(_ column: String) -> String? {
        if case .text(let text)? = self[column] { text } else { nil }
    }

    func text(_ column: String) -> String { optionalText(column) ?? "" }

    func integer(_ column: String) -> Int64? {
        if case .integer(let number)? = self[column] { number } else { nil }
    }
}
