import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockPaymentFiles
import AirlockRequests
public import AirlockStrictJSON

/// A payment as the journal knows it.
public struct JournalPayment: Hashable, Sendable {
    public let id: Int64
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
    /// When there was nothing more to do for it; `nil` as long as there is.
    public let endedAt: String?
    /// What its transactions say that it pays.
    public let summary: PaymentSummary?
    /// In the order of the payment file.
    public let transactions: [Transaction]
    /// Did its transaction succeed, and not what it was to do? Then a Safe's nonce is used.
    let isExecutedInVain: Bool
    /// Why it ended badly, where its state does not say it.
    public var failure: SettlementRule? { isExecutedInVain ? .executionFailed : nil }

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
        /// The fees that it offers, for a person.
        public let fees: String?
    }
}

/// Which payments of the journal are wanted.
public struct JournalFilter: Hashable, Sendable {
    /// A code, a request's name or id, or a transaction's hash.
    public var name: String?
    /// Empty for any.
    public var states: Set<PaymentState> = []
    /// `nil` for any.
    public var chain: Chain?
    /// A part of a code, a sender, a request's name or id; or the whole address of a recipient, or a whole hash.
    public var text: String?
    /// Those that changed at this time or later.
    public var since: Timestamp?
    /// How many at most, the latest.
    public var limit: Int?

    public init(name: String? = nil) { self.name = name }

    /// Only payments of these numbers in the journal.
    var numbers: [Int64]?

    /// How many payments are asked for at a time.
    static let pageSize = 500
}

/// What one node said to one attempt.
public struct JournalReply: Hashable, Sendable {
    /// The number that ``PaymentJournal/beginAttempts(_:of:_:)`` gave.
    public let number: Int64
    public let answer: NodeAnswer
    /// For people only: the code of the rule that was broken. Nothing decides by it.
    public var code: String?
    /// The node's own words.
    public var words: String?
}

/// What is known of transactions that nodes were asked to take.
public struct SubmissionRecord: Hashable, Sendable {
    /// Those that any node was ever asked to take.
    public var asked: Set<Hash> = []
    /// Of these, the ones that no node is known to have refused: it took them, or its answer never came.
    public var left: Set<Hash> = []
    /// Of these, the ones that a node has said it has.
    public var taken: Set<Hash> = []

    public init() {}

    /// Adds what one attempt says; without an answer it was cut off, and the node may have the transaction.
    mutating func add(_ answer: NodeAnswer?, to hash: Hash) {
        asked.insert(hash)
        if (answer ?? .unknown).mayBeTaken { left.insert(hash) }
        if answer == .taken { taken.insert(hash) }
    }
}

/// What is to be sent for a payment, as it was written down when the payment came.
public struct StoredPayment: Hashable, Sendable {
    public let number: Int64
    /// The kind of request, or its method where the kind has several; `nil` where it is not known.
    public let method: String?
    /// What its file calls the request; `nil` where it calls it nothing.
    public let name: String?
    public let expires: Timestamp?
    /// In the order of the payment file.
    public internal(set) var transactions: [Transaction] = []

    public struct Transaction: Hashable, Sendable {
        public let role: Payment.Role?
        public let rung: UInt64?
        public let raw: [UInt8]
    }
}

extension JournalPayment {
    /// As `status --json` shows it.
    public var json: JSONOutput { .object(members(state, changedAt: changedAt, endedAt: endedAt)) }

    /// The same as members of an object, as it was when it had this state.
    func members(_ state: PaymentState, changedAt: String, endedAt: String?) -> [(String, JSONOutput)] {
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
        add("ended", endedAt)
        add("failure", state == self.state ? failure?.rawValue : nil)
        members += summary?.json ?? []
        let transactions = transactions.map { transaction in
            let all: [(String, String?)] = [
                ("role", transaction.role), ("rung", transaction.rung), ("nonce", transaction.nonce),
                ("hash", transaction.hash), ("answer", transaction.answer), ("block", transaction.block),
            ]
            return JSONOutput.object(all.compactMap { key, value in value.map { (key, JSONOutput.string($0)) } })
        }
        members.append(("transactions", .array(transactions)))
        return members
    }
}

/// How far a payment has come, as the journal knows it.
public enum PaymentState: String, CaseIterable, Sendable {
    /// Written down; nothing has been sent for certain.
    case recorded
    /// A node has taken it.
    case sent
    /// In a block; whether it stays there and did what it was to do is not certain yet.
    case mined
    /// The contract's event proves it.
    case settled
    case reverted
    /// Another transaction took the nonce.
    case replaced
    /// It was too late before it was mined.
    case expired
    /// Its own cancel was mined.
    case cancelled

    /// Whether the chain may still change it. A payment that is mined has ended, too, when nothing more can be proved of
    /// it: then its call is not known.
    public var isOpen: Bool {
        switch self {
        case .recorded, .sent, .mined: true
        case .settled, .reverted, .replaced, .expired, .cancelled: false
        }
    }
}

/// A nonce of the payer's that a payment holds: the journal knows its transaction, and no block is known to have it.
public struct HeldNonce: Hashable, Sendable {
    public let nonce: UInt64
    /// The payment's comparison code.
    public let code: String
    /// `nil` for raw transactions whose call is not known.
    public let intentID: String?

    /// The nonce for the next payment: what the nodes say, or the one after all that are held.
    ///
    /// A nonce that the same request's own payment holds is left out: signing it anew replaces that payment, and a second
    /// payment of the request would be refused.
    static func next(
        after held: [HeldNonce], from said: UInt64, for reference: Reference
    ) -> (nonce: UInt64, notes: [Preparation.Note]) {
        let open = held.filter { $0.nonce >= said && $0.nonce < .max }
        let id = reference.legacy.map { "\($0)" } ?? "\(reference.key)"
        let others = open.filter { $0.intentID != id }
        let (nonce, before) = next(after: others, from: said)
        var notes = before
        if let own = open.first(where: { $0.intentID == id }) {
            notes.append(
                Preparation.Note(
                    "the journal knows payment \(own.code) of this \(reference.kind) with nonce \(own.nonce)",
                    next: .replace(nonce: own.nonce)))
        }
        let (following, overflow) = nonce.addingReportingOverflow(1)
        if !overflow {
            notes.append(
                Preparation.Note(
                    "nonce \(nonce) is given, and is given again until this payment is sent",
                    next: .following(nonce: following, kind: reference.kind)))
        }
        return (nonce, notes)
    }

    /// The same for payments that hold none of them.
    static func next(after held: [HeldNonce], from said: UInt64) -> (nonce: UInt64, notes: [Preparation.Note]) {
        let last = held.filter { $0.nonce >= said && $0.nonce < .max }.max { $0.nonce < $1.nonce }
        let nonce = last.map { $0.nonce + 1 } ?? said
        guard let last else { return (nonce, []) }
        return (
            nonce,
            [
                Preparation.Note(
                    "nonce \(nonce) comes after payment \(last.code), which the journal knows with nonce \(last.nonce) "
                        + "and no block holds yet", next: .otherNonce)
            ]
        )
    }
}
