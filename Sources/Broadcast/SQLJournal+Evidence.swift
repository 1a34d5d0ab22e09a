public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockPaymentFiles

/// Exports all stored data about one payment, as evidence.
extension SQLJournal {
    /// The maximum number of attempts in the evidence. A payment that was retried for weeks can have more attempts. In
    /// that case, the evidence contains only the latest attempts. This limit and ``mostCharacters`` keep the file below
    /// 4 MiB, which is the maximum size of the relay's file in an evidence folder.
    static let mostAttempts = 2_000
    /// The maximum length of a node's message in the evidence. A longer message is cut, because a node's message can be
    /// a whole page of HTML.
    static let mostCharacters = 200

    public func evidence(of payment: Int64, at made: Timestamp) throws(JournalError) -> RelayEvidence? {
        try read { database throws(JournalError) in
            let own: [DatabaseValue] = [.integer(payment)]
            guard let row = try database.execute("SELECT * FROM payments WHERE id = ?", own).first else { return nil }
            let steps = try database.execute(
                """
                SELECT steps.*, nonce FROM steps JOIN transactions ON transactions.hash = steps.hash
                WHERE payment = ? ORDER BY position
                """, own)
            let changes = try database.execute("SELECT * FROM transitions WHERE payment = ? ORDER BY id", own)
            let ofPayment = "WHERE hash IN (SELECT hash FROM steps WHERE payment = ?)"
            let attempts = try database.execute(
                "SELECT * FROM attempts \(ofPayment) ORDER BY id DESC LIMIT ?",
                own + [.integer(Int64(Self.mostAttempts))])
            let count = try database.execute("SELECT count(*) AS number FROM attempts \(ofPayment)", own)
            let receipts = try database.execute("SELECT * FROM receipts \(ofPayment) ORDER BY id", own)
            let events = try database.execute(
                """
                SELECT events.* FROM events JOIN receipts ON receipts.id = events.receipt
                WHERE receipts.hash IN (SELECT hash FROM steps WHERE payment = ?)
                """, own)
            let number = count.first?.integer("number") ?? 0
            let evidence = RelayEvidence(
                made: made, code: row.text("code"), chain: UInt64(row.text("chain_id")).map { Chain(id: $0) },
                from: try? Address(row.text("sender")), state: row.text("state"),
                ledgerHead: row.optionalText("ledger_head").flatMap { try? Hash(hex: $0) }, steps, changes,
                attempts.reversed(), leavingOut: UInt64(max(0, number - Int64(attempts.count))), receipts, events)
            guard let evidence else {
                throw JournalError(rule: .damaged, path: place, said: "a transaction of payment \(payment)")
            }
            return evidence
        }
    }
}

extension PaymentJournal {
    /// The evidence of the only payment that matches a name: a comparison code, a request's reference or id, or a
    /// transaction hash.
    public func evidence(_ name: String, at made: Timestamp) async throws(ProblemList) -> RelayEvidence {
        let known = try await one(name)
        do throws(JournalError) {
            if let evidence = try await evidence(of: known.id, at: made) { return evidence }
        } catch { throw ProblemList(error) }
        throw ProblemList(Problem(JournalRule.unknownPayment, at: place, saw: name))
    }
}

extension RelayEvidence {
    /// Cuts a long string, and appends the number of characters that were left out. A short string is returned
    /// unchanged.
    fileprivate static func cut(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > SQLJournal.mostCharacters else { return text }
        let rest = scalars.count - SQLJournal.mostCharacters
        return "\(String(String.UnicodeScalarView(scalars.prefix(SQLJournal.mostCharacters))))... (\(rest) more)"
    }
}

private typealias Row = [String: DatabaseValue]

extension RelayEvidence {
    /// Makes the evidence from rows of the journal's tables. Returns `nil` if a hash, a number or an address in these
    /// rows is malformed.
    fileprivate init?(
        made: Timestamp, code: String, chain: Chain?, from: Address?, state: String, ledgerHead: Hash?, _ steps: [Row],
        _ changes: [Row], _ attempts: [Row], leavingOut: UInt64, _ receipts: [Row], _ events: [Row]
    ) {
        guard let chain, let from else { return nil }
        let transactions = steps.compactMap(Transaction.init)
        let tried = attempts.compactMap(Attempt.init)
        let blocks = receipts.compactMap { row in
            Receipt(row, events.first { $0.integer("receipt") == row.integer("id") })
        }
        guard (transactions.count, tried.count, blocks.count) == (steps.count, attempts.count, receipts.count) else {
            return nil
        }
        self.init(
            made: made, code: code, chain: chain, from: from, state: state, ledgerHead: ledgerHead,
            transactions: transactions,
            changes: changes.map {
                Change(state: $0.text("state"), at: $0.text("at"), detail: $0.optionalText("detail").map(Self.cut))
            }, attempts: tried, attemptsLeftOut: leavingOut, receipts: blocks)
    }
}

extension RelayEvidence.Transaction {
    fileprivate init?(_ row: Row) {
        guard let hash = try? Hash(hex: row.text("hash")), let nonce = UInt64(row.text("nonce")) else { return nil }
        self.init(hash: hash, nonce: nonce, role: row.optionalText("role"), rung: row.optionalText("rung"))
    }
}

extension RelayEvidence.Attempt {
    fileprivate init?(_ row: Row) {
        guard let hash = try? Hash(hex: row.text("hash")) else { return nil }
        self.init(
            hash: hash, node: row.text("node"), asked: row.text("asked_at"), answered: row.optionalText("answered_at"),
            meaning: row.optionalText("meaning") ?? row.optionalText("answer"),
            words: row.optionalText("words").map(RelayEvidence.cut))
    }
}

extension RelayEvidence.Receipt {
    fileprivate init?(_ row: Row, _ event: Row?) {
        guard let hash = try? Hash(hex: row.text("hash")), let block = try? Hash(hex: row.text("block_hash")) else {
            return nil
        }
        let members = (event ?? [:]).filter { $0.key != "receipt" }.sorted { $0.key < $1.key }
        self.init(
            hash: hash, block: row.text("block_number"), blockHash: block, succeeded: row.integer("succeeded") == 1,
            gasUsed: row.text("gas_used"), gasPrice: row.text("effective_gas_price"),
            l1Fee: row.optionalText("l1_fee"), seen: row.text("seen_at"), vanished: row.optionalText("vanished_at"),
            event: members.compactMap { name, _ in
                event?.optionalText(name).map { Member(name: name, value: $0) }
            })
    }
}
