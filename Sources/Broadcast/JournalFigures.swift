public import AirlockEthereumTypes
import AirlockTransactions

/// Statistics about a journal, for monitoring.
public struct JournalFigures: Hashable, Sendable {
    /// The number of payments in each state. States without payments are left out.
    public internal(set) var counts: [PaymentState: Int] = [:]
    /// The number of open payments.
    public internal(set) var open = 0
    /// For each chain, the time at which the oldest open payment on this chain was recorded.
    public internal(set) var oldestOpen: [Chain: Timestamp] = [:]
    public internal(set) var leases: [Lease] = []

    /// The lease of a sender on a chain: the current lease, or the last one if it has expired.
    public struct Lease: Hashable, Sendable {
        /// The name of the process that holds the lease, or that held it last. Each process chooses its own name.
        public let owner: String
        public let chainID: String
        public let sender: String
        /// The time at which the lease expires; `nil` if the lease has already expired.
        public let until: Timestamp?
    }
}

/// Counts of the attempts to send transactions to nodes, and of the answers of the nodes, as the journal records them.
public struct JournalTraffic: Hashable, Sendable {
    /// The number of attempts for each node.
    public internal(set) var attempts: [String: Int] = [:]
    /// The number of answers for each node and each kind of ``NodeAnswer``. In the inner dictionary, the value for the
    /// key `nil` is the number of attempts without an answer.
    public internal(set) var answers: [String: [NodeAnswer?: Int]] = [:]
    /// The number of transactions with raised fees (rung 1 and higher) that were sent. A transaction with raised fees
    /// was signed together with a transaction that has the same nonce and the lowest fees (rung 0). Cancel transactions
    /// are not counted.
    public internal(set) var bumped = 0
}

/// An event in the history of a payment.
public struct TimelineEntry: Hashable, Sendable {
    public enum Event: String, Sendable {
        case journaled, asked, answered, mined, state
        case cancelAsked = "cancel-asked"
    }

    public let at: String
    public let event: Event
    public var node: String?
    public var hash: String?
    public var detail: String?
    public var state: PaymentState?
}

/// A position in the journal's list of changes. A caller that reads the list in several calls continues from this
/// position.
public struct JournalCursor: Hashable, Sendable {
    var transition: Int64
    var attempt: Int64
}

/// A payment that has changed, and the current state of this payment.
public struct JournalChange: Hashable, Sendable {
    public let payment: Int64
    public let code: String
    public let state: PaymentState
}

/// A payment that has reached a final state, together with the paid amount and the network fee.
public struct EndedPayment: Hashable, Sendable {
    public let number: Int64
    public let chain: Chain
    public let state: PaymentState
    public let recordedAt: Timestamp
    public let endedAt: Timestamp
    /// The recipient, amount and currency of the payment; `nil` if nothing was paid.
    public internal(set) var paid: PaymentSummary?
    /// The sum of the network fees of the payment's mined transactions; `nil` if no transaction is mined, or if the sum
    /// overflows.
    public internal(set) var fee: UInt256?
}

/// The journal's queries for the web page and the metrics. The number of SQL statements that a query runs does not
/// depend on the number of payments in the journal.
extension SQLJournal {
    /// The name that this process uses as the owner of its leases.
    public nonisolated var owner: String { relay.description }

    public func figures() throws(JournalError) -> JournalFigures {
        try read { database throws(JournalError) in
            var figures = JournalFigures()
            for row in try database.execute("SELECT state, count(*) AS number FROM payments GROUP BY state") {
                guard let state = PaymentState(rawValue: row.text("state")) else { continue }
                figures.counts[state] = Int(row.integer("number") ?? 0)
            }
            let open = """
                SELECT chain_id, min(recorded_at) AS oldest, count(*) AS number FROM payments WHERE ended_at IS NULL
                GROUP BY chain_id
                """
            for row in try database.execute(open) {
                figures.open += Int(row.integer("number") ?? 0)
                guard let chain = try? Chain(decimal: row.text("chain_id")) else { continue }
                figures.oldestOpen[chain] = try? Timestamp(row.text("oldest"))
            }
            let leases = """
                SELECT chain_id, sender, owner, until, CASE WHEN until > \(database.clock) THEN 1 ELSE 0 END AS is_valid
                FROM leases ORDER BY until DESC LIMIT 200
                """
            figures.leases = try database.execute(leases).map { row in
                let until = row.integer("is_valid") == 1 ? row.integer("until") : nil
                return JournalFigures.Lease(
                    owner: row.text("owner"), chainID: row.text("chain_id"), sender: row.text("sender"),
                    until: until.map { Timestamp(seconds: UInt64(max(0, $0)) / 1000) })
            }
            return figures
        }
    }

    public func traffic() throws(JournalError) -> JournalTraffic {
        try read { database throws(JournalError) in
            var traffic = JournalTraffic()
            let answers = "SELECT node, meaning, count(*) AS number FROM attempts GROUP BY node, meaning"
            for row in try database.execute(answers) {
                let (node, count) = (row.text("node"), Int(row.integer("number") ?? 0))
                traffic.attempts[node, default: 0] += count
                traffic.answers[node, default: [:]][row.optionalText("meaning").flatMap(NodeAnswer.init), default: 0] +=
                    count
            }
            let bumped = """
                SELECT count(DISTINCT steps.hash) AS number FROM steps JOIN attempts ON attempts.hash = steps.hash
                WHERE rung <> '0' AND (role IS NULL OR role <> 'cancel')
                """
            traffic.bumped = Int(try database.execute(bumped).first?.integer("number") ?? 0)
            return traffic
        }
    }

    /// The network fees of these payments, keyed by payment number. Payments without mined transactions are left out.
    public func fees(of payments: [Int64]) throws(JournalError) -> [Int64: UInt256] {
        guard !payments.isEmpty else { return [:] }
        let marks = payments.map { _ in "?" }.joined(separator: ", ")
        let rows = try read { database throws(JournalError) in
            try database.execute(
                """
                SELECT payment, gas_used, effective_gas_price, l1_fee FROM steps
                JOIN receipts ON receipts.hash = steps.hash AND vanished_at IS NULL WHERE payment IN (\(marks))
                """, payments.map { .integer($0) })
        }
        var fees: [Int64: UInt256] = [:]
        for row in rows {
            guard let payment = row.integer("payment"), let fee = row.fee else { continue }
            fees[payment] = (fees[payment] ?? .zero).adding(fee)
        }
        return fees
    }

    /// The history of a payment, in chronological order.
    public func timeline(of payment: Int64) throws(JournalError) -> [TimelineEntry] {
        try read { database throws(JournalError) in
            let number = DatabaseValue.integer(payment)
            var moments: [(rank: Int, moment: TimelineEntry)] = []
            let transitions = try database.execute(
                "SELECT state, at, detail FROM transitions WHERE payment = ? ORDER BY id", [number])
            for (index, row) in transitions.enumerated() {
                let state = PaymentState(rawValue: row.text("state"))
                let event: TimelineEntry.Event = index == 0 ? .journaled : .state
                // Times have a resolution of one second, so several events may have the same time. Events with the same
                // time are ordered by rank, lowest first. For example, the answer of a node has a lower rank than the
                // change of the payment's state that this answer causes.
                let rank = index == 0 ? 0 : state == .sent ? 3 : 5
                moments.append(
                    (
                        rank,
                        TimelineEntry(
                            at: row.text("at"), event: event, detail: row.optionalText("detail"), state: state)
                    ))
            }
            // All columns are read, because a journal of an earlier version has no column `cancel_asked_at`.
            let own = try database.execute("SELECT * FROM payments WHERE id = ?", [number])
            if let at = own.first?.optionalText("cancel_asked_at") {
                moments.append((1, TimelineEntry(at: at, event: .cancelAsked)))
            }
            let attempts = try database.execute(
                """
                SELECT attempts.hash AS hash, node, asked_at, answered_at, answer, words FROM steps
                JOIN attempts ON attempts.hash = steps.hash WHERE payment = ? ORDER BY attempts.id LIMIT 1000
                """, [number])
            for row in attempts {
                let (node, hash) = (row.text("node"), row.text("hash"))
                moments.append((1, TimelineEntry(at: row.text("asked_at"), event: .asked, node: node, hash: hash)))
                guard let at = row.optionalText("answered_at") else { continue }
                let words = [row.optionalText("answer"), row.optionalText("words")].compactMap(\.self)
                moments.append(
                    (
                        2,
                        TimelineEntry(
                            at: at, event: .answered, node: node, hash: hash, detail: words.joined(separator: ": "))
                    ))
            }
            let receipts = try database.execute(
                """
                SELECT receipts.hash AS hash, block_number, seen_at, succeeded, vanished_at FROM steps
                JOIN receipts ON receipts.hash = steps.hash WHERE payment = ? ORDER BY receipts.id LIMIT 1000
                """, [number])
            for row in receipts {
                var detail = "block \(row.text("block_number"))"
                if row.integer("succeeded") == 0 { detail += ", reverted" }
                if let gone = row.optionalText("vanished_at") { detail += ", gone at \(gone)" }
                moments.append(
                    (
                        4, TimelineEntry(at: row.text("seen_at"), event: .mined, hash: row.text("hash"), detail: detail)
                    ))
            }
            // RFC 3339 times in UTC can be sorted as text. Events with the same time and rank stay in the order in
            // which they were added.
            return moments.enumerated().sorted {
                ($0.element.moment.at, $0.element.rank, $0.offset) < ($1.element.moment.at, $1.element.rank, $1.offset)
            }.map(\.element.moment)
        }
    }

    /// The cursor that points to the end of the journal's list of changes.
    public func cursor() throws(JournalError) -> JournalCursor {
        try read { database throws(JournalError) in
            func last(_ table: String) throws(JournalError) -> Int64 {
                try database.execute("SELECT max(id) AS id FROM \(table)").first?.integer("id") ?? 0
            }
            return JournalCursor(transition: try last("transitions"), attempt: try last("attempts"))
        }
    }

    /// Returns the payments that have changed since the position `mark` in the journal's list of changes. Also returns
    /// the payments that contain one of the transactions in `hashes`, even if these payments have not changed. One call
    /// returns a limited number of changes, together with the position from which the next call continues.
    public func changes(
        since mark: JournalCursor, _ hashes: [Hash] = []
    ) throws(JournalError) -> (changes: [JournalChange], mark: JournalCursor) {
        try read { database throws(JournalError) in
            var (changes, next): ([JournalChange], JournalCursor) = ([], mark)
            func add(_ row: [String: DatabaseValue]) {
                let change = JournalChange(
                    payment: row.integer("payment") ?? 0, code: row.text("code"),
                    state: PaymentState(rawValue: row.text("state")) ?? .recorded)
                if !changes.contains(change) { changes.append(change) }
            }
            let columns = "payments.id AS payment, payments.code AS code, payments.state AS state"
            let transitions = """
                SELECT transitions.id AS id, \(columns) FROM transitions JOIN payments ON payments.id = payment
                WHERE transitions.id > ? ORDER BY transitions.id LIMIT 500
                """
            for row in try database.execute(transitions, [.integer(mark.transition)]) {
                next.transition = max(next.transition, row.integer("id") ?? 0)
                add(row)
            }
            let steps = "JOIN payments ON payments.id = steps.payment"
            let attempts = """
                SELECT attempts.id AS id, \(columns) FROM attempts JOIN steps ON steps.hash = attempts.hash \(steps)
                WHERE attempts.id > ? ORDER BY attempts.id LIMIT 500
                """
            for row in try database.execute(attempts, [.integer(mark.attempt)]) {
                next.attempt = max(next.attempt, row.integer("id") ?? 0)
                add(row)
            }
            for hash in hashes.prefix(200) {
                let rows = try database.execute(
                    "SELECT \(columns) FROM steps \(steps) WHERE steps.hash = ?", [.text("\(hash)")])
                for row in rows { add(row) }
            }
            return (changes, next)
        }
    }

    /// Returns the payments that reached a final state at the time `since` or later, ordered by payment number. Returns
    /// at most `size` payments, and only payments with numbers above `number`.
    public func ended(
        since: Timestamp, after number: Int64, of size: Int
    ) throws(JournalError) -> [EndedPayment] {
        let join = try opened().orderedJoin
        let rows = try read { database throws(JournalError) in
            try database.execute(
                """
                WITH page AS MATERIALIZED (
                    SELECT * FROM payments WHERE id > ? AND ended_at >= ? ORDER BY id LIMIT ?)
                SELECT page.id AS id, chain_id, state, recorded_at, ended_at, role, raw, gas_used, effective_gas_price,
                    l1_fee, receipts.hash AS hash
                FROM page \(join) steps ON steps.payment = page.id JOIN transactions ON transactions.hash = steps.hash
                    LEFT JOIN receipts ON receipts.hash = steps.hash AND vanished_at IS NULL
                ORDER BY page.id, position
                """, [.integer(number), .text(since.description), .integer(Int64(size))])
        }
        var payments: [EndedPayment] = []
        for row in rows {
            guard let id = row.integer("id"), let chain = try? Chain(decimal: row.text("chain_id")) else { continue }
            if payments.last?.number != id {
                let times = [row.text("recorded_at"), row.text("ended_at")].map {
                    (try? Timestamp($0)) ?? Timestamp(seconds: 0)
                }
                payments.append(
                    EndedPayment(
                        number: id, chain: chain, state: PaymentState(rawValue: row.text("state")) ?? .recorded,
                        recordedAt: times[0], endedAt: times[1]))
            }
            guard row.optionalText("hash") != nil, var last = payments.popLast() else { continue }
            if let fee = row.fee { last.fee = (last.fee ?? .zero).adding(fee) }
            let role = row.optionalText("role")
            if [.settled, .mined].contains(last.state), role == "pay" || role == nil,
                let transaction = (try? Hex.decode(row.text("raw"))).flatMap({ try? SignedTransaction(raw: $0) })
            {
                last.paid = PaymentSummary(transaction.transaction, on: chain)
            }
            payments.append(last)
        }
        return payments
    }
}

extension [String: DatabaseValue] {
    /// The network fee, computed from the columns of a receipt; `nil` if a column is missing, or if the number
    /// overflows.
    fileprivate var fee: UInt256? {
        guard let gas = optionalText("gas_used").flatMap({ try? UInt256(decimal: $0) }),
            let price = optionalText("effective_gas_price").flatMap({ try? UInt256(decimal: $0) }),
            let fee = gas.multiplied(by: price)
        else { return nil }
        guard let more = optionalText("l1_fee") else { return fee }
        return (try? UInt256(decimal: more)).flatMap { fee.adding($0) }
    }
}
