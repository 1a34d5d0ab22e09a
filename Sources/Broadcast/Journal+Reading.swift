public import AirlockEthereumTypes
import AirlockDiagnostics
public import AirlockStrictJSON
import AirlockTransactions

/// A payment as the journal knows it.
public struct JournalPayment: Hashable, Sendable {
    let id: Int64
    public let code: String
    public let state: PaymentState
    public let chainID: String
    public let sender: String
    public let chargeID: String?
    public let intentID: String?
    public let method: String?
    public let expires: String?
    public let recordedAt: String
    public let changedAt: String
    /// When there was nothing more to do for it; `nil` as long as there is.
    public let endedAt: String?
    /// What its transactions say that it pays.
    public let summary: PaymentSummary?
    /// In the order of the payment file.
    public let transactions: [Transaction]

    public struct Transaction: Hashable, Sendable {
        public let role: String?
        /// Which of several variants of one nonce it is, where there are several.
        public let rung: String?
        public let nonce: String
        public let hash: String
        /// What was said to it last, when a node was asked to take it: that it has it, or the code of a rule.
        public let answer: String?
        /// Of the block that holds it, when one is known to.
        public let block: String?
        /// The fees that it offers, for a person.
        public let fees: String?
    }
}

/// Which payments of the journal are wanted.
public struct JournalFilter: Hashable, Sendable {
    /// A code, a charge, an intent or a transaction's hash.
    public var name: String?
    /// Empty for any.
    public var states: Set<PaymentState> = []
    /// Those that changed at this time or later.
    public var since: Timestamp?
    /// How many at most, the latest.
    public var limit: Int?

    public init(name: String? = nil) { self.name = name }

    fileprivate var conditions: [(sql: String, values: [DatabaseValue])] {
        var conditions: [(String, [DatabaseValue])] = []
        if let name {
            // Each part has an index of its own.
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
        // RFC 3339 in UTC sorts as text.
        if let since { conditions.append(("changed_at >= ?", [.text(since.description)])) }
        return conditions
    }
}

extension Journal {
    private static let pageSize = 500

    /// All payments, the latest first; or those that a code, a charge, an intent or a transaction's hash names.
    public func payments(_ name: String? = nil) throws(JournalError) -> [JournalPayment] {
        let filter = JournalFilter(name: name)
        var found: [JournalPayment] = []
        while let last = try page(filter, before: found.last?.id, of: Self.pageSize).nonEmpty { found += last }
        if let name, found.isEmpty { throw unknown(name) }
        return found
    }

    /// Hands over the payments that pass the filter, the latest first. Memory does not grow with their number.
    public func payments(_ filter: JournalFilter, _ body: (JournalPayment) throws -> Void) throws {
        var (left, before): (Int, Int64?) = (filter.limit ?? .max, nil)
        while left > 0, let page = try page(filter, before: before, of: min(left, Self.pageSize)).nonEmpty {
            for payment in page { try body(payment) }
            left -= page.count
            before = page.last?.id
        }
        if before == nil, let name = filter.name { throw unknown(name) }
    }

    /// The next payments below a number, all in one query. A journal of the first version is read, too, so the query
    /// must be quick without the indexes of later ones.
    private func page(
        _ filter: JournalFilter, before: Int64?, of size: Int
    ) throws(JournalError) -> [JournalPayment] {
        var conditions = filter.conditions
        if let before { conditions.append(("id < ?", [.integer(before)])) }
        let test = conditions.isEmpty ? "" : "WHERE " + conditions.map(\.sql).joined(separator: " AND ")
        let sql = """
            WITH page AS MATERIALIZED (SELECT * FROM payments \(test) ORDER BY id DESC LIMIT ?),
                own AS MATERIALIZED (SELECT steps.* FROM page CROSS JOIN steps ON steps.payment = page.id),
                latest AS MATERIALIZED (
                    SELECT hash, max(id) AS id FROM attempts WHERE hash IN (SELECT hash FROM own) GROUP BY hash)
            SELECT page.*, own.role AS role, own.rung AS rung, own.hash AS hash, nonce, raw,
                CASE WHEN latest.id IS NOT NULL THEN coalesce(attempts.answer, 'unanswered') END AS answer,
                (SELECT block_number FROM receipts
                    WHERE receipts.hash = own.hash AND vanished_at IS NULL ORDER BY id DESC LIMIT 1) AS block
            FROM page CROSS JOIN own ON own.payment = page.id JOIN transactions ON transactions.hash = own.hash
                LEFT JOIN latest ON latest.hash = own.hash LEFT JOIN attempts ON attempts.id = latest.id
            ORDER BY page.id DESC, own.position
            """
        let values = conditions.flatMap(\.values) + [.integer(Int64(size))]
        let rows = try read { database throws(JournalError) in try database.execute(sql, values) }
        var payments: [JournalPayment] = []
        var rest = rows[...]
        while let first = rest.first, case .integer(let id)? = first["id"] {
            let end = rest.firstIndex { $0["id"] != first["id"] } ?? rest.endIndex
            payments.append(JournalPayment(id, first, Array(rest[..<end])))
            rest = rest[end...]
        }
        return payments
    }

    /// The last entry of the offline ledger that came past here, for the next conditions file to bring back.
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
}

extension JournalPayment {
    fileprivate init(_ id: Int64, _ row: [String: DatabaseValue], _ steps: [[String: DatabaseValue]]) {
        self.id = id
        code = row.text("code")
        // The table's own check allows no other.
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
        var paying: UnsignedTransaction?
        var transactions: [Transaction] = []
        for step in steps {
            let raw = try? Hex.decode(step.text("raw"))
            let transaction = raw.flatMap { try? SignedTransaction(raw: $0) }?.transaction
            // What pays; or else the last that is no cancel.
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
        let chain = UInt64(chainID).map { Chain(id: $0) }
        summary = chain.flatMap { chain in paying.map { PaymentSummary($0, on: chain) } }
    }

    /// As `status --json` shows it.
    public var json: JSONOutput {
        var members: [(String, JSONOutput)] = []
        func add(_ key: String, _ value: String?) { if let value { members.append((key, .string(value))) } }
        add("code", code)
        add("state", state.rawValue)
        add("chainId", chainID)
        add("from", sender)
        add("chargeId", chargeID)
        add("intentId", intentID)
        add("method", method)
        add("expires", expires)
        add("recorded", recordedAt)
        add("changed", changedAt)
        add("ended", endedAt)
        members += summary?.json ?? []
        let transactions = transactions.map { transaction in
            let all: [(String, String?)] = [
                ("role", transaction.role), ("rung", transaction.rung), ("nonce", transaction.nonce),
                ("hash", transaction.hash), ("answer", transaction.answer), ("block", transaction.block),
            ]
            return JSONOutput.object(all.compactMap { key, value in value.map { (key, JSONOutput.string($0)) } })
        }
        members.append(("transactions", .array(transactions)))
        return .object(members)
    }
}

extension Array {
    /// `nil` when there is nothing in it.
    fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}

extension [String: DatabaseValue] {
    func optionalText(_ column: String) -> String? {
        if case .text(let text)? = self[column] { text } else { nil }
    }

    fileprivate func text(_ column: String) -> String { optionalText(column) ?? "" }
}
