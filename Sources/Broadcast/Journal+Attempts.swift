import EthereumTypes
import JSONRPC

/// What nodes were asked to take, and what they said to it.
extension Journal {
    /// The answer of a node that has the transaction.
    static let taken = "taken"

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

    /// Notes what the nodes said: a word of ours, or the code of a rule; and the node's own words. A payment that one of
    /// them has taken is sent.
    func answered(
        _ answers: [(number: Int64, answer: String, words: String?)], by payment: Int64? = nil
    ) throws(JournalError) {
        try change { database, at throws(JournalError) in
            for (number, answer, words) in answers {
                try database.execute(
                    "UPDATE attempts SET answered_at = ?, answer = ?, words = ? WHERE id = ?",
                    [at, .text(answer), .optional(words), .integer(number)])
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
                let rows = try database.execute("SELECT answer FROM attempts WHERE hash = ?", [.text("\(hash)")])
                for row in rows {
                    given.asked.insert(hash)
                    guard case .text(let answer)? = row["answer"] else {
                        given.left.insert(hash)
                        continue
                    }
                    // The rules of nodes are their own words; all others are of what came between.
                    if NodeRule(rawValue: answer) == nil { given.left.insert(hash) }
                    if answer == Self.taken { given.taken.insert(hash) }
                }
            }
            return given
        }
    }
}
