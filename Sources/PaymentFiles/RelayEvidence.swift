public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// A relay's record of one payment: the attempts to send it, the answers of the nodes, and the blocks that contained
/// the transactions. The record is not signed. The times in the record come from the relay's journal.
public struct RelayEvidence: Hashable, Sendable {
    public struct Transaction: Hashable, Sendable {
        public let hash: Hash
        public let nonce: UInt64
        public let role: String?
        public let rung: String?

        public init(hash: Hash, nonce: UInt64, role: String?, rung: String?) {
            self.hash = hash
            self.nonce = nonce
            self.role = role
            self.rung = rung
        }
    }

    /// A change of the payment's state.
    public struct Change: Hashable, Sendable {
        public let state: String
        public let at: String
        public let detail: String?

        public init(state: String, at: String, detail: String?) {
            self.state = state
            self.at = at
            self.detail = detail
        }
    }

    /// One attempt to send a transaction to a node, and the node's answer. The answer is `nil` if the attempt was
    /// interrupted.
    public struct Attempt: Hashable, Sendable {
        public let hash: Hash
        public let node: String
        public let asked: String
        public let answered: String?
        /// What the relay concluded from the node's answer.
        public let meaning: String?
        /// The message in the node's answer.
        public let words: String?

        public init(
            hash: Hash, node: String, asked: String, answered: String?, meaning: String?, words: String?
        ) {
            self.hash = hash
            self.node = node
            self.asked = asked
            self.answered = answered
            self.meaning = meaning
            self.words = words
        }
    }

    /// The receipt of a transaction in a block.
    public struct Receipt: Hashable, Sendable {
        public let hash: Hash
        public let block: String
        public let blockHash: Hash
        public let succeeded: Bool
        public let gasUsed: String
        public let gasPrice: String
        public let l1Fee: String?
        public let seen: String
        /// The time at which the relay noticed that the block had left the chain; `nil` if the relay did not notice
        /// this.
        public let vanished: String?
        /// The fields of the contract event that proves the payment; empty if there is no such event.
        public let event: [Member]

        public struct Member: Hashable, Sendable {
            public let name: String
            public let value: String

            public init(name: String, value: String) {
                self.name = name
                self.value = value
            }
        }

        public init(
            hash: Hash, block: String, blockHash: Hash, succeeded: Bool, gasUsed: String, gasPrice: String,
            l1Fee: String?, seen: String, vanished: String?, event: [Member]
        ) {
            self.hash = hash
            self.block = block
            self.blockHash = blockHash
            self.succeeded = succeeded
            self.gasUsed = gasUsed
            self.gasPrice = gasPrice
            self.l1Fee = l1Fee
            self.seen = seen
            self.vanished = vanished
            self.event = event
        }
    }

    /// The time at which this record was exported from the journal.
    public let made: Timestamp
    public let code: String
    public let chain: Chain
    public let from: Address
    public let state: String
    /// The hash of the entry in the signing machine's ledger that records the payment. The payment file contains the
    /// same hash.
    public let ledgerHead: Hash?
    public let transactions: [Transaction]
    public let changes: [Change]
    /// The attempts to send the transactions, in chronological order.
    public let attempts: [Attempt]
    /// The number of earlier attempts that this record does not contain.
    public let attemptsLeftOut: UInt64
    public let receipts: [Receipt]

    public static let kind = "relay-evidence"

    public init(
        made: Timestamp, code: String, chain: Chain, from: Address, state: String, ledgerHead: Hash?,
        transactions: [Transaction], changes: [Change], attempts: [Attempt], attemptsLeftOut: UInt64,
        receipts: [Receipt]
    ) {
        self.made = made
        self.code = code
        self.chain = chain
        self.from = from
        self.state = state
        self.ledgerHead = ledgerHead
        self.transactions = transactions
        self.changes = changes
        self.attempts = attempts
        self.attemptsLeftOut = attemptsLeftOut
        self.receipts = receipts
    }

    /// Throws if the evidence does not belong to `payment`.
    ///
    /// - Parameters:
    ///   - payment: the payment that the evidence must belong to.
    ///   - rule: the error code with which each difference is reported.
    public func requireOf(_ payment: Payment, else rule: some Rule) throws(ProblemList) {
        var problems: [Problem] = []
        func compare(_ place: String, _ saw: String, _ expected: String) {
            if saw != expected { problems.append(Problem(rule, at: place, saw: saw, expected: expected)) }
        }
        compare("/code", code, payment.code)
        compare("/chainId", "\(chain.id)", "\(payment.chain.id)")
        compare("/from", "\(from)", "\(payment.from)")
        if let ledgerHead, let own = payment.ledgerHead { compare("/ledgerHead", "\(ledgerHead)", "\(own)") }
        let own = Set(payment.transactions.map(\.hash))
        if Set(transactions.map(\.hash)) != own {
            problems.append(Problem(rule, at: "/transactions", expected: "the hashes of the payment's transactions"))
        }
        for (name, hashes) in [("attempts", attempts.map(\.hash)), ("receipts", receipts.map(\.hash))] {
            for (index, hash) in hashes.enumerated() where !own.contains(hash) {
                problems.append(Problem(rule, at: "/\(name)/\(index)/hash", saw: "\(hash)"))
            }
        }
        if let all = ProblemList(problems) { throw all }
    }
}

extension RelayEvidence {
    /// Reads an evidence file.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        self = try AirlockFile.read(bytes) { reader in
            AirlockFile.readHead(&reader, kind: Self.kind)
            let made = reader.string("made") { try Timestamp($0) }
            let code = reader.string("code")
            let chain = reader.string("chainId") { try Chain(decimal: $0) }
            let from = reader.string("from") { try Address($0) }
            let state = reader.string("state")
            let head = reader.optionalString("ledgerHead") { try Hash(hex: $0) }
            let transactions = reader.objects("transactions", Self.transaction)
            let changes = reader.objects("states", Self.change)
            let attempts = reader.objects("attempts", Self.attempt)
            let leftOut = reader.optionalString("attemptsLeftOut", Quantity.uint64)
            let receipts = reader.objects("receipts", Self.receipt)
            guard let made, let code, let chain, let from, let state, let transactions, let changes, let attempts,
                let receipts
            else { return nil }
            return RelayEvidence(
                made: made, code: code, chain: chain, from: from, state: state, ledgerHead: head,
                transactions: transactions, changes: changes, attempts: attempts,
                attemptsLeftOut: leftOut ?? 0, receipts: receipts)
        }
    }

    private static func transaction(_ reader: inout ObjectReader) -> Transaction? {
        let hash = reader.string("hash") { try Hash(hex: $0) }
        let nonce = reader.string("nonce", Quantity.uint64)
        let (role, rung) = (reader.optionalString("role"), reader.optionalString("rung"))
        reader.refuseUnknown()
        guard let hash, let nonce else { return nil }
        return Transaction(hash: hash, nonce: nonce, role: role, rung: rung)
    }

    private static func change(_ reader: inout ObjectReader) -> Change? {
        let (state, at) = (reader.string("state"), reader.string("at"))
        let detail = reader.optionalString("detail")
        reader.refuseUnknown()
        guard let state, let at else { return nil }
        return Change(state: state, at: at, detail: detail)
    }

    private static func attempt(_ reader: inout ObjectReader) -> Attempt? {
        let hash = reader.string("hash") { try Hash(hex: $0) }
        let (node, asked) = (reader.string("node"), reader.string("asked"))
        let (answered, meaning) = (reader.optionalString("answered"), reader.optionalString("meaning"))
        let words = reader.optionalString("words")
        reader.refuseUnknown()
        guard let hash, let node, let asked else { return nil }
        return Attempt(hash: hash, node: node, asked: asked, answered: answered, meaning: meaning, words: words)
    }

    private static func receipt(_ reader: inout ObjectReader) -> Receipt? {
        let hash = reader.string("hash") { try Hash(hex: $0) }
        let block = reader.string("block")
        let blockHash = reader.string("blockHash") { try Hash(hex: $0) }
        let succeeded = reader.boolean("succeeded")
        let (gasUsed, gasPrice) = (reader.string("gasUsed"), reader.string("gasPrice"))
        let (l1Fee, seen) = (reader.optionalString("l1Fee"), reader.string("seen"))
        let vanished = reader.optionalString("vanished")
        let event = reader.objects("event") { reader -> Receipt.Member? in
            let (name, value) = (reader.string("name"), reader.string("value"))
            reader.refuseUnknown()
            guard let name, let value else { return nil }
            return Receipt.Member(name: name, value: value)
        }
        reader.refuseUnknown()
        guard let hash, let block, let blockHash, let succeeded, let gasUsed, let gasPrice, let seen, let event
        else { return nil }
        return Receipt(
            hash: hash, block: block, blockHash: blockHash, succeeded: succeeded, gasUsed: gasUsed,
            gasPrice: gasPrice, l1Fee: l1Fee, seen: seen, vanished: vanished, event: event)
    }

    public var json: JSONOutput {
        func object(_ members: [(String, String?)]) -> [(String, JSONOutput)] {
            members.compactMap { name, value in value.map { (name, JSONOutput.string($0)) } }
        }
        var members = AirlockFile.head(Self.kind)
        members += object([
            ("made", "\(made)"), ("code", code), ("chainId", "\(chain.id)"), ("from", "\(from)"), ("state", state),
            ("ledgerHead", ledgerHead.map { "\($0)" }),
        ])
        members.append(
            (
                "transactions",
                .array(
                    transactions.map {
                        .object(
                            object([
                                ("hash", "\($0.hash)"), ("nonce", "\($0.nonce)"), ("role", $0.role), ("rung", $0.rung),
                            ]))
                    })
            ))
        members.append(
            (
                "states",
                .array(changes.map { .object(object([("state", $0.state), ("at", $0.at), ("detail", $0.detail)])) })
            ))
        members.append(
            (
                "attempts",
                .array(
                    attempts.map {
                        .object(
                            object([
                                ("hash", "\($0.hash)"), ("node", $0.node), ("asked", $0.asked),
                                ("answered", $0.answered), ("meaning", $0.meaning), ("words", $0.words),
                            ]))
                    })
            ))
        if attemptsLeftOut > 0 { members.append(("attemptsLeftOut", .string("\(attemptsLeftOut)"))) }
        members.append(("receipts", .array(receipts.map(\.json))))
        return .object(members)
    }
}

extension RelayEvidence.Receipt {
    fileprivate var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("hash", .string("\(hash)")), ("block", .string(block)), ("blockHash", .string("\(blockHash)")),
            ("succeeded", .boolean(succeeded)), ("gasUsed", .string(gasUsed)), ("gasPrice", .string(gasPrice)),
        ]
        if let l1Fee { members.append(("l1Fee", .string(l1Fee))) }
        members.append(("seen", .string(seen)))
        if let vanished { members.append(("vanished", .string(vanished))) }
        let event = event.map { JSONOutput.object([("name", .string($0.name)), ("value", .string($0.value))]) }
        members.append(("event", .array(event)))
        return .object(members)
    }
}
