public import EthereumTypes
import PaymentFiles
import Problems
import Synchronization
import TransferProtocol

/// The file that remembers what was sent: written before the first byte leaves, and after each answer.
///
/// It never decides anything by itself. The chain says what became of a payment; the journal says what there is to ask
/// the chain about, and what it has said before.
public final class Journal: Sendable {
    private let database: Database
    private let lock = Mutex(())
    private let now: @Sendable () -> Timestamp

    /// Opens the journal, or creates it.
    public init(_ path: String, now: @escaping @Sendable () -> Timestamp) throws(JournalError) {
        let database = try Database(path: path)
        try Self.prepare(database)
        self.database = database
        self.now = now
    }

    /// Does the work in one transaction of the database: all of it lasts, or none.
    func change<Result: Sendable>(
        _ body: (Database, _ at: DatabaseValue) throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        let at = DatabaseValue.text(now().description)
        return try lock.withLock { _ throws(JournalError) in
            try database.transaction { () throws(JournalError) in try body(database, at) }
        }
    }

    /// Writes a payment and the hash of each of its transactions down, unless they are there.
    ///
    /// Raw transactions of a known payment are that payment.
    func record(_ shipment: Shipment) throws(JournalError) -> Int64 {
        try change { database, at throws(JournalError) in
            for step in shipment.steps {
                try database.execute(
                    "INSERT INTO transactions VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    [.text("\(step.hash)"), .text("\(step.nonce)"), .text(Hex.encode(step.raw))])
            }
            if let known = try Self.payment(holding: shipment, database) { return known }
            let payment = try Self.insert(shipment, database, at)
            for (position, step) in shipment.steps.enumerated() {
                try database.execute(
                    "INSERT INTO steps VALUES (?, ?, ?, ?, ?)",
                    [
                        .integer(payment), .integer(Int64(position)), .optional(step.role?.rawValue),
                        .optional(step.rung), .text("\(step.hash)"),
                    ])
            }
            return payment
        }
    }

    /// Notes that the nodes are about to be given a transaction; the numbers are for ``answered(_:)``.
    func asking(_ hash: Hash, _ nodes: [String]) throws(JournalError) -> [Int64] {
        try change { database, at throws(JournalError) in
            var numbers: [Int64] = []
            for node in nodes {
                try database.execute(
                    "INSERT INTO attempts (hash, node, asked_at) VALUES (?, ?, ?)",
                    [.text("\(hash)"), .text(node), at])
                numbers.append(database.lastInsertedRow())
            }
            return numbers
        }
    }

    /// Notes what the nodes said: a word of ours, or the code of a rule; and the node's own words.
    func answered(_ answers: [(number: Int64, answer: String, words: String?)]) throws(JournalError) {
        try change { database, at throws(JournalError) in
            for (number, answer, words) in answers {
                try database.execute(
                    "UPDATE attempts SET answered_at = ?, answer = ?, words = ? WHERE id = ?",
                    [at, .text(answer), .optional(words), .integer(number)])
            }
        }
    }

    /// Which of the transactions any node was ever asked to take.
    func asked(_ hashes: [Hash]) throws(JournalError) -> Set<Hash> {
        try change { database, _ throws(JournalError) in
            var asked: Set<Hash> = []
            for hash in hashes {
                let rows = try database.execute("SELECT 1 FROM attempts WHERE hash = ? LIMIT 1", [.text("\(hash)")])
                if !rows.isEmpty { asked.insert(hash) }
            }
            return asked
        }
    }

    /// Whether any node has ever taken one of the transactions.
    func wasTaken(_ hashes: [Hash]) throws(JournalError) -> Bool {
        try change { database, _ throws(JournalError) in
            for hash in hashes {
                let rows = try database.execute(
                    "SELECT 1 FROM attempts WHERE hash = ? AND answer = ? LIMIT 1",
                    [.text("\(hash)"), .text(Self.taken)])
                if !rows.isEmpty { return true }
            }
            return false
        }
    }

    func unknown(_ name: String) -> JournalError {
        JournalError(rule: .unknownPayment, path: database.path, said: name)
    }

    /// The answer of a node that has the transaction.
    static let taken = "taken"

    private static func payment(holding shipment: Shipment, _ database: Database) throws(JournalError) -> Int64? {
        var counts: [Int64: Int] = [:]
        for step in shipment.steps {
            for row in try database.execute("SELECT payment FROM steps WHERE hash = ?", [.text("\(step.hash)")]) {
                if case .integer(let payment)? = row["payment"] { counts[payment, default: 0] += 1 }
            }
        }
        return counts.filter { $0.value >= shipment.steps.count }.keys.max()
    }

    private static func insert(
        _ shipment: Shipment, _ database: Database, _ at: DatabaseValue
    ) throws(JournalError) -> Int64 {
        let (file, expectation) = (shipment.payment, shipment.expectation)
        let expires = expectation.map { UInt64(exactly: $0.intent.deadline).map { Timestamp(seconds: $0).description } }
        try database.execute(
            """
            INSERT INTO payments (code, chain_id, sender, charge_id, intent_id, method, expires, ledger_head, state,
                recorded_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'recorded', ?, ?)
            """,
            [
                .text(shipment.code), .text("\(shipment.chain.id)"), .text("\(shipment.sender)"),
                .optional(file?.chargeID), .optional(expectation?.intent.id),
                .optional(expectation?.method.rawValue), .optional(expires ?? nil), .optional(file?.ledgerHead), at, at,
            ])
        let payment = database.lastInsertedRow()
        try note(.recorded, of: payment, nil, database, at)
        return payment
    }

    static func note(
        _ state: PaymentState, of payment: Int64, _ detail: String?, _ database: Database, _ at: DatabaseValue
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
