public import AirlockEthereumTypes
public import AirlockJSONRPC
import AirlockDiagnostics
public import AirlockRequests

/// The transitions of a payment, each in one transaction with what caused it.
extension SQLJournal {
    public func move(_ payment: Int64, to state: PaymentState, _ detail: String?) throws(JournalError) {
        try change(of: payment) { database, at throws(JournalError) in
            try Self.move(payment, to: state, detail, database, at)
        }
    }

    public func mined(_ payment: Int64, _ receipt: Receipt, after others: [Receipt]) throws(JournalError) {
        try change(of: payment) { database, at throws(JournalError) in
            // Another relay may have seen it to its end by this receipt.
            let ended = try database.execute(
                """
                SELECT payments.id FROM payments JOIN receipts ON hash = ? AND block_hash = ? AND vanished_at IS NULL
                WHERE payments.id = ? AND ended_at IS NOT NULL
                """,
                [.text("\(receipt.transactionHash)"), .text("\(receipt.blockHash)"), .integer(payment)])
            for receipt in others + [receipt] { try Self.keep(receipt, database, at) }
            if ended.isEmpty { try Self.move(payment, to: .mined, "block \(receipt.blockNumber)", database, at) }
        }
    }

    public func isMined(_ hashes: [Hash]) throws(JournalError) -> Bool {
        try read { database throws(JournalError) in
            for hash in hashes {
                let rows = try database.execute(
                    "SELECT id FROM receipts WHERE hash = ? AND vanished_at IS NULL", [.text("\(hash)")])
                if !rows.isEmpty { return true }
            }
            return false
        }
    }

    public func vanished(_ payment: Int64, _ hashes: [Hash]) throws(JournalError) -> Bool {
        try change(of: payment) { database, at throws(JournalError) in
            var count = 0
            for hash in hashes {
                count += try database.execute(
                    "UPDATE receipts SET vanished_at = ? WHERE hash = ? AND vanished_at IS NULL RETURNING id",
                    [at, .text("\(hash)")]
                ).count
            }
            if count > 0 { try Self.move(payment, to: .sent, "the block that held it is gone", database, at) }
            return count > 0
        }
    }

    public func ended(
        _ payment: Int64, _ state: PaymentState, _ receipt: Receipt, _ detail: String?,
        _ event: PaidEvent?
    ) throws(JournalError) {
        try change(of: payment) { database, at throws(JournalError) in
            try Self.keep(receipt, database, at)
            if let event {
                let values: [(any CustomStringConvertible)?] = [
                    event.contract, event.first?.operator, event.first?.id, event.recipient, event.sender,
                    event.spentAmount, event.spentCurrency,
                ]
                try database.execute(
                    """
                    INSERT INTO events SELECT id, ?, ?, ?, ?, ?, ?, ? FROM receipts WHERE hash = ? AND block_hash = ?
                    ON CONFLICT DO NOTHING
                    """,
                    values.map { $0.map { .text($0.description) } ?? .null }
                        + [.text("\(receipt.transactionHash)"), .text("\(receipt.blockHash)")])
            }
            try Self.move(payment, to: state, detail, isEnd: true, database, at)
        }
    }

    /// - Parameter isEnd: whether there is nothing more to do for the payment; `nil` when the state alone says so.
    static func move(
        _ payment: Int64, to state: PaymentState, _ detail: String?, isEnd: Bool? = nil,
        _ database: any JournalDatabase,
        _ at: DatabaseValue
    ) throws(JournalError) {
        let changed = try database.execute(
            "UPDATE payments SET state = ?, changed_at = ? WHERE id = ? AND state <> ? RETURNING id",
            [.text(state.rawValue), at, .integer(payment), .text(state.rawValue)])
        if !changed.isEmpty { try note(state, of: payment, detail, database, at) }
        // Only where it differs: what is looked at again and has not changed is not written again.
        if isEnd ?? !state.isOpen {
            let ended = try database.execute(
                "UPDATE payments SET ended_at = ? WHERE id = ? AND ended_at IS NULL RETURNING id",
                [at, .integer(payment)])
            if !changed.isEmpty || !ended.isEmpty { try announce(payment, state, database, at) }
        } else {
            try database.execute(
                "UPDATE payments SET ended_at = NULL WHERE id = ? AND ended_at IS NOT NULL", [.integer(payment)])
        }
    }

    /// A transaction is in one block at a time: what was said of any other is no longer so.
    private static func keep(_ receipt: Receipt, _ database: any JournalDatabase, _ at: DatabaseValue)
        throws(JournalError)
    {
        try database.execute(
            "UPDATE receipts SET vanished_at = ? WHERE hash = ? AND block_hash <> ? AND vanished_at IS NULL",
            [at, .text("\(receipt.transactionHash)"), .text("\(receipt.blockHash)")])
        try database.execute(
            """
            INSERT INTO receipts (hash, block_number, block_hash, succeeded, gas_used, effective_gas_price, l1_fee,
                seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (hash, block_hash) DO UPDATE SET vanished_at = NULL
            """,
            [
                .text("\(receipt.transactionHash)"), .text("\(receipt.blockNumber)"), .text("\(receipt.blockHash)"),
                .integer(receipt.succeeded ? 1 : 0), .text("\(receipt.gasUsed)"),
                .text("\(receipt.effectiveGasPrice)"), .optional(receipt.l1Fee), at,
            ])
    }
}
