import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockJSONRPC
import AirlockPaymentFiles
public import AirlockRequests
import Dispatch

/// The journal in an SQL database, which is either a SQLite file or PostgreSQL. The actor runs on its own thread,
/// because both engines block the thread while they wait for another process.
public actor SQLJournal: PaymentJournal {
    public nonisolated let place: String
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private nonisolated let executor: BlockingExecutor
    /// The database; `nil` after the journal was closed.
    private var database: (any JournalDatabase)?
    /// The clock for the times in the journal; `nil` means the database's clock.
    private let now: (@Sendable () -> Timestamp)?

    let relay = RelayIdentity()
    /// The fencing token of this relay's latest lease for each sender and chain.
    var fences: [SenderKey: Int64] = [:]

    init(_ database: any JournalDatabase, now: (@Sendable () -> Timestamp)?) {
        place = database.place
        executor = BlockingExecutor("airlock.journal")
        self.database = database
        self.now = now
    }

    public func close() { database = nil }

    func opened() throws(JournalError) -> any JournalDatabase {
        guard let database else { throw JournalError(rule: .failed, path: place, said: "the journal is closed") }
        return database
    }

    /// Runs `body` in one transaction of the database.
    func change<Result>(
        _ body: (any JournalDatabase, _ at: DatabaseValue) throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        let (database, now) = (try opened(), now?().description)
        return try database.change { time throws(JournalError) in
            try body(database, .text(now ?? time ?? ""))
        }
    }

    /// Runs `body` in a transaction that only reads. Everything that `body` reads belongs to one snapshot of the
    /// database, even if other processes write at the same time.
    func read<Result>(
        _ body: (any JournalDatabase) throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        let database = try opened()
        return try database.read { () throws(JournalError) in try body(database) }
    }

    /// Runs `body` in a transaction that only reads. Inside `body`, the caller can read a large result row by row with
    /// `each`. Everything that `body` reads belongs to one snapshot of the database, even if other processes write at
    /// the same time.
    func stream(_ body: (any JournalDatabase) throws -> Void) throws {
        let database = try opened()
        try database.stream { try body(database) }
    }

    public func record(_ signedPayments: [SignedPayment]) throws(JournalError) -> [Int64] {
        try change { database, at throws(JournalError) in
            var payments: [Int64] = []
            for signedPayment in signedPayments { payments.append(try Self.record(signedPayment, database, at)) }
            return payments
        }
    }

    public func state(of payment: Int64) throws(JournalError) -> PaymentState {
        try read { database throws(JournalError) in
            let rows = try database.execute("SELECT state FROM payments WHERE id = ?", [.integer(payment)])
            return rows.first?.optionalText("state").flatMap { PaymentState(rawValue: $0) } ?? .recorded
        }
    }

    public func askCancel(of payment: Int64) throws(JournalError) {
        // This change needs no lease, because it sends nothing.
        try change { database, at throws(JournalError) in
            _ = try database.execute(
                "UPDATE payments SET cancel_asked_at = ? WHERE id = ? AND cancel_asked_at IS NULL",
                [at, .integer(payment)])
        }
    }

    public func isCancelAsked(of payment: Int64) throws(JournalError) -> Bool {
        try read { database throws(JournalError) in
            let rows = try database.execute("SELECT cancel_asked_at FROM payments WHERE id = ?", [.integer(payment)])
            return rows.first?.optionalText("cancel_asked_at") != nil
        }
    }

    private static func record(
        _ signedPayment: SignedPayment, _ database: any JournalDatabase, _ at: DatabaseValue
    ) throws(JournalError) -> Int64 {
        for step in signedPayment.steps {
            try database.execute(
                // If pruning has removed the bytes of the transaction, this statement stores them again.
                """
                INSERT INTO transactions VALUES (?, ?, ?)
                ON CONFLICT (hash) DO UPDATE SET raw = excluded.raw WHERE transactions.raw = ''
                """,
                [.text("\(step.hash)"), .text("\(step.nonce)"), .text(Hex.encode(step.raw))])
        }
        if let known = try payment(holding: signedPayment, database) { return known }
        let payment = try insert(signedPayment, database, at)
        for (position, step) in signedPayment.steps.enumerated() {
            try database.execute(
                "INSERT INTO steps VALUES (?, ?, ?, ?, ?)",
                [
                    .integer(payment), .integer(Int64(position)), .optional(step.role?.rawValue),
                    .optional(step.rung), .text("\(step.hash)"),
                ])
        }
        return payment
    }

    private static func payment(holding signedPayment: SignedPayment, _ database: any JournalDatabase)
        throws(JournalError)
        -> Int64?
    {
        let hashes = Set(signedPayment.steps.map(\.hash))
        var counts: [Int64: Int] = [:]
        for hash in hashes {
            // A payment that was recorded by an earlier version can contain a transaction twice.
            let rows = try database.execute("SELECT DISTINCT payment FROM steps WHERE hash = ?", [.text("\(hash)")])
            for row in rows {
                if let payment = row.integer("payment") { counts[payment, default: 0] += 1 }
            }
        }
        let all = Set(hashes.map { "\($0)" })
        for payment in counts.filter({ $0.value == hashes.count }).keys.sorted(by: >) {
            if try isMade(payment, by: all, database) { return payment }
        }
        return nil
    }

    /// Whether one of these transactions has the nonce of the transaction that makes the recorded payment. An earlier
    /// version could record several transfers as one payment. The last transfer made the payment.
    private static func isMade(
        _ payment: Int64, by hashes: Set<String>, _ database: any JournalDatabase
    ) throws(JournalError) -> Bool {
        let rows = try database.execute(
            """
            SELECT role, steps.hash AS hash, nonce FROM steps JOIN transactions ON transactions.hash = steps.hash
            WHERE payment = ?
            """,
            [.integer(payment)])
        let pay = rows.first { $0.optionalText("role") == Payment.Role.pay.rawValue }
        let target = pay.flatMap { UInt64($0.text("nonce")) } ?? rows.compactMap { UInt64($0.text("nonce")) }.max()
        return rows.contains { UInt64($0.text("nonce")) == target && hashes.contains($0.text("hash")) }
    }

    private static func insert(
        _ signedPayment: SignedPayment, _ database: any JournalDatabase, _ at: DatabaseValue
    ) throws(JournalError) -> Int64 {
        let (file, read) = (signedPayment.payment, signedPayment.reading)
        let expires = read?.request.terms.expires ?? file?.expires ?? signedPayment.request?.expires
        var (id, method) = (signedPayment.firstID?.description, read?.method)
        if let request = signedPayment.request { method = request.kind }
        if case .request(let kind, let key, _)? = file?.subject { (id, method) = ("\(key)", kind) }
        let rows = try database.execute(
            """
            INSERT INTO payments (code, chain_id, sender, charge_id, intent_id, method, expires, ledger_head, state,
                recorded_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'recorded', ?, ?)
            RETURNING id
            """,
            [
                .text(signedPayment.code), .text("\(signedPayment.chain.id)"), .text("\(signedPayment.sender)"),
                .optional(file?.name ?? signedPayment.request?.name), .optional(id), .optional(method),
                .optional(expires),
                .optional(file?.ledgerHead), at, at,
            ])
        guard let payment = rows.first?.integer("id") else {
            throw JournalError(rule: .failed, path: database.place, said: nil)
        }
        try note(.recorded, of: payment, nil, database, at)
        return payment
    }

    static func note(
        _ state: PaymentState, of payment: Int64, _ detail: String?, _ database: any JournalDatabase,
        _ at: DatabaseValue
    ) throws(JournalError) {
        try database.execute(
            "INSERT INTO transitions (payment, state, at, detail) VALUES (?, ?, ?, ?)",
            [.integer(payment), .text(state.rawValue), at, .optional(detail)])
    }
}

extension DatabaseValue {
    static func optional(_ value: (some CustomStringConvertible)?) -> DatabaseValue {
        value.map { .text($0.description) } ?? .null
    }
}

/// Runs an actor on its own queue, where the actor is allowed to block the thread. The threads of Swift's thread pool
/// must not be blocked, because there are only as many of them as the machine has cores.
private final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(_ name: String) { queue = DispatchQueue(label: name) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// Changes the states of payments. If a record such as a receipt causes the change, both the record and the change are
/// written in one database transaction.
extension SQLJournal {
    public func move(_ payment: Int64, to state: PaymentState, _ detail: String?) throws(JournalError) {
        try change(of: payment) { database, at throws(JournalError) in
            try Self.move(payment, to: state, detail, database, at)
        }
    }

    public func mined(_ payment: Int64, _ receipt: Receipt, after others: [Receipt]) throws(JournalError) {
        try change(of: payment) { database, at throws(JournalError) in
            // If another relay has already recorded both this receipt and a final state of the payment, the state stays
            // unchanged.
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

    /// Changes the state of a payment and records the change.
    ///
    /// - Parameters:
    ///   - payment: the payment's number.
    ///   - state: the new state.
    ///   - detail: the reason for the change.
    ///   - isEnd: whether the new state is final. With `nil`, the new state is final if a payment in this state is not
    ///     open.
    ///   - database: the database to write to.
    ///   - at: the time of the change.
    static func move(
        _ payment: Int64, to state: PaymentState, _ detail: String?, isEnd: Bool? = nil,
        _ database: any JournalDatabase,
        _ at: DatabaseValue
    ) throws(JournalError) {
        let changed = try database.execute(
            "UPDATE payments SET state = ?, changed_at = ? WHERE id = ? AND state <> ? RETURNING id",
            [.text(state.rawValue), at, .integer(payment), .text(state.rawValue)])
        if !changed.isEmpty { try note(state, of: payment, detail, database, at) }
        // If the payment is already in a final state, the time in the column `ended_at` stays unchanged.
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

    /// Stores a receipt. A transaction is in only one block at a time, so receipts from other blocks become invalid. A
    /// new receipt from the same block replaces the previous receipt, because the previous values may have been damaged
    /// in transit.
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
            ON CONFLICT (hash, block_hash) DO UPDATE SET vanished_at = NULL, block_number = excluded.block_number,
                succeeded = excluded.succeeded, gas_used = excluded.gas_used,
                effective_gas_price = excluded.effective_gas_price, l1_fee = excluded.l1_fee
            """,
            [
                .text("\(receipt.transactionHash)"), .text("\(receipt.blockNumber)"), .text("\(receipt.blockHash)"),
                .integer(receipt.succeeded ? 1 : 0), .text("\(receipt.gasUsed)"),
                .text("\(receipt.effectiveGasPrice)"), .optional(receipt.l1Fee), at,
            ])
    }
}

/// Records the attempts to send transactions to nodes, and the nodes' answers.
extension SQLJournal {
    public func beginAttempts(_ hash: Hash, of payment: Int64, _ nodes: [String]) throws(JournalError) -> [Int64] {
        try change(of: payment) { database, at throws(JournalError) in
            var numbers: [Int64] = []
            for node in nodes {
                let rows = try database.execute(
                    "INSERT INTO attempts (hash, node, asked_at) VALUES (?, ?, ?) RETURNING id",
                    [.text("\(hash)"), .text(node), at])
                numbers += rows.compactMap { $0.integer("id") }
            }
            return numbers
        }
    }

    public func endAttempts(_ replies: [JournalReply], by payment: Int64, isTaken: Bool) throws(JournalError) {
        try change(of: payment) { database, at throws(JournalError) in
            for reply in replies {
                try database.execute(
                    "UPDATE attempts SET answered_at = ?, meaning = ?, answer = ?, words = ? WHERE id = ?",
                    [
                        at, .text(reply.answer.rawValue), .text(reply.code ?? reply.answer.rawValue),
                        .optional(reply.words), .integer(reply.number),
                    ])
            }
            if isTaken { try Self.move(payment, to: .sent, nil, database, at) }
        }
    }

    public func submissions(of hashes: [Hash]) throws(JournalError) -> SubmissionRecord {
        try read { database throws(JournalError) in
            var given = SubmissionRecord()
            for hash in hashes {
                let rows = try database.execute("SELECT meaning FROM attempts WHERE hash = ?", [.text("\(hash)")])
                for row in rows {
                    given.add(row.optionalText("meaning").flatMap(NodeAnswer.init(rawValue:)), to: hash)
                }
            }
            return given
        }
    }
}
