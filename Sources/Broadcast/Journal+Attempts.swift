import AirlockEthereumTypes

/// What nodes were asked to take, and what they said to it.
extension Journal {
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

    /// What one node said to one attempt.
    struct Reply: Sendable {
        /// The number that ``asking(_:_:)`` gave.
        let number: Int64
        let answer: NodeAnswer
        /// For people only: the code of the rule that was broken. Nothing decides by it.
        var code: String?
        /// The node's own words.
        var words: String?
    }

    /// Notes what the nodes said. A payment that one of them has taken is sent.
    func answered(_ replies: [Reply], by payment: Int64? = nil) throws(JournalError) {
        try change { database, at throws(JournalError) in
            for reply in replies {
                try database.execute(
                    "UPDATE attempts SET answered_at = ?, meaning = ?, answer = ?, words = ? WHERE id = ?",
                    [
                        at, .text(reply.answer.rawValue), .text(reply.code ?? reply.answer.rawValue),
                        .optional(reply.words), .integer(reply.number),
                    ])
            }
            if let payment { try Self.move(payment, to: .sent, nil, database, at) }
        }
    }

    /// What is known of transactions that nodes were asked to take.
    struct Given: Hashable, Sendable {
        /// Those that any node was ever asked to take.
        var asked: Set<Hash> = []
        /// Of these, the ones that no node is known to have refused: it took them, or its answer never came.
        var left: Set<Hash> = []
        /// Of these, the ones that a node has said it has.
        var taken: Set<Hash> = []
    }

    func given(_ hashes: [Hash]) throws(JournalError) -> Given {
        try read { database throws(JournalError) in
            var given = Given()
            for hash in hashes {
                let rows = try database.execute("SELECT meaning FROM attempts WHERE hash = ?", [.text("\(hash)")])
                for row in rows {
                    given.asked.insert(hash)
                    // An attempt without an answer was cut off: the node may have the transaction.
                    let answer = row.optionalText("meaning").flatMap(NodeAnswer.init(rawValue:)) ?? .unknown
                    if answer.mayBeTaken { given.left.insert(hash) }
                    if answer == .taken { given.taken.insert(hash) }
                }
            }
            return given
        }
    }
}
