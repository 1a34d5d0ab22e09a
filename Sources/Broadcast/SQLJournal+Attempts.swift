public import AirlockEthereumTypes

/// What nodes were asked to take, and what they said to it.
extension SQLJournal {
    public func asking(_ hash: Hash, of payment: Int64, _ nodes: [String]) throws(JournalError) -> [Int64] {
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

    public func answered(_ replies: [JournalReply], by payment: Int64, isTaken: Bool) throws(JournalError) {
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

    public func given(_ hashes: [Hash]) throws(JournalError) -> JournalGiven {
        try read { database throws(JournalError) in
            var given = JournalGiven()
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
