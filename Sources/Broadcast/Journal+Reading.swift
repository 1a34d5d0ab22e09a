public import EthereumTypes
import Problems
public import StrictJSON

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
    }
}

extension Journal {
    /// All payments, the latest first; or those that a code, a charge, an intent or a transaction's hash names.
    public func payments(_ name: String? = nil) throws(JournalError) -> [JournalPayment] {
        let found = try read { database throws(JournalError) in
            let filter = """
                WHERE ?1 IN (code, charge_id, lower(intent_id))
                    OR id IN (SELECT payment FROM steps WHERE hash = ?2)
                """
            let rows = try database.execute(
                "SELECT * FROM payments \(name == nil ? "" : filter) ORDER BY id DESC",
                name.map { [.text($0), .text($0.lowercased())] } ?? [])
            var payments: [JournalPayment] = []
            for row in rows {
                guard case .integer(let id)? = row["id"] else { continue }
                let steps = try database.execute(
                    """
                    SELECT role, rung, nonce, hash,
                        (SELECT coalesce(answer, 'unanswered') FROM attempts
                            WHERE attempts.hash = steps.hash ORDER BY id DESC LIMIT 1) AS answer,
                        (SELECT block_number FROM receipts
                            WHERE receipts.hash = steps.hash AND vanished_at IS NULL ORDER BY id DESC LIMIT 1) AS block
                    FROM steps JOIN transactions USING (hash) WHERE payment = ? ORDER BY position
                    """, [.integer(id)])
                payments.append(JournalPayment(id, row, steps))
            }
            return payments
        }
        if let name, found.isEmpty { throw unknown(name) }
        return found
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
        transactions = steps.map {
            Transaction(
                role: $0.optionalText("role"), rung: $0.optionalText("rung"), nonce: $0.text("nonce"),
                hash: $0.text("hash"), answer: $0.optionalText("answer"), block: $0.optionalText("block"))
        }
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

extension [String: DatabaseValue] {
    fileprivate func optionalText(_ column: String) -> String? {
        if case .text(let text)? = self[column] { text } else { nil }
    }

    fileprivate func text(_ column: String) -> String { optionalText(column) ?? "" }
}
