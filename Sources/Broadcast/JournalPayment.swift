import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockPaymentFiles
import AirlockRequests
public import AirlockStrictJSON

/// A payment in the journal.
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
    /// When the payment ended; `nil` while it is open.
    public let endedAt: String?
    /// The payment that its signed transactions make.
    public let summary: PaymentSummary?
    /// The transactions in the order of the payment file.
    public let transactions: [Transaction]
    /// Whether the transaction succeeded but the Safe's inner call failed. In that case the Safe's nonce is used.
    let isExecutedInVain: Bool
    /// The reason why the payment failed, unless its state explains it.
    public var failure: SettlementRule? { isExecutedInVain ? .executionFailed : nil }

    public struct Transaction: Hashable, Sendable {
        public let role: String?
        /// The variant, if there are several with this nonce.
        public let rung: String?
        public let nonce: String
        public let hash: String
        /// The last answer of a node: either that it has the transaction, or the code of a rule.
        public let answer: String?
        /// The number of the block that holds the transaction, if one is known.
        public let block: String?
        /// The fees that the transaction offers, as text.
        public let fees: String?
    }
}

/// A query for payments in the journal.
public struct JournalFilter: Hashable, Sendable {
    /// A comparison code, a request's reference or id, or a transaction hash.
    public var name: String?
    /// The states; empty for any.
    public var states: Set<PaymentState> = []
    /// The chain; `nil` for any.
    public var chain: Chain?
    /// Part of a code, a sender, or a request's reference or id; or a recipient's complete address, or a complete hash.
    public var text: String?
    /// Only payments that changed at this time or later.
    public var since: Timestamp?
    /// The maximum number of payments, counted from the latest.
    public var limit: Int?

    public init(name: String? = nil) { self.name = name }

    /// Only payments with these numbers.
    var numbers: [Int64]?

    /// The number of payments in a page.
    static let pageSize = 500
}

/// The answer of one node to one attempt.
public struct JournalReply: Hashable, Sendable {
    /// The attempt's number, from ``PaymentJournal/beginAttempts(_:of:_:)``.
    public let number: Int64
    public let answer: NodeAnswer
    /// The code of the broken rule, for display only.
    public var code: String?
    /// The node's message.
    public var words: String?
}

/// The attempts to give these transactions to nodes.
public struct SubmissionRecord: Hashable, Sendable {
    /// The transactions that any node was given.
    public var asked: Set<Hash> = []
    /// The transactions that a node may have: it accepted them, or its answer was lost.
    public var left: Set<Hash> = []
    /// The transactions that a node has accepted.
    public var taken: Set<Hash> = []

    public init() {}

    /// Adds the answer to one attempt. No answer means that the attempt was interrupted, and the node may have the
    /// transaction.
    mutating func add(_ answer: NodeAnswer?, to hash: Hash) {
        asked.insert(hash)
        if (answer ?? .unknown).mayBeTaken { left.insert(hash) }
        if answer == .taken { taken.insert(hash) }
    }
}

/// The stored transactions of a payment, in their recorded form.
public struct StoredPayment: Hashable, Sendable {
    public let number: Int64
    /// The kind of request, or its method if the kind has several; `nil` if the kind is not known.
    public let method: String?
    /// The request's reference in the file; `nil` if it has none.
    public let name: String?
    public let expires: Timestamp?
    /// The transactions in the order of the payment file.
    public internal(set) var transactions: [Transaction] = []

    public struct Transaction: Hashable, Sendable {
        public let role: Payment.Role?
        public let rung: UInt64?
        public let raw: [UInt8]
    }
}

extension JournalPayment {
    /// The payment as `status --json` shows it.
    public var json: JSONOutput { .object(members(state, changedAt: changedAt, endedAt: endedAt)) }

    /// The payment, as it was in this state, as members of an object.
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

/// The state of a payment in the journal.
public enum PaymentState: String, CaseIterable, Sendable {
    /// The payment is in the journal. As far as is known, no node has it.
    case recorded
    /// A node has accepted it.
    case sent
    /// It is in a block. It is not yet certain that it stays there and succeeded.
    case mined
    /// The contract's event proves the payment.
    case settled
    case reverted
    /// Another transaction used the nonce.
    case replaced
    /// The deadline passed before it was mined.
    case expired
    /// Its own cancel was mined.
    case cancelled

    /// Whether the chain may still change the state. A mined payment has also ended if its call is not known, since
    /// nothing further can be proved.
    public var isOpen: Bool {
        switch self {
        case .recorded, .sent, .mined: true
        case .settled, .reverted, .replaced, .expired, .cancelled: false
        }
    }
}

/// A nonce of the payer that a payment in the journal uses and that, as far as the journal knows, is not mined yet.
public struct HeldNonce: Hashable, Sendable {
    public let nonce: UInt64
    /// The payment's comparison code.
    public let code: String
    /// `nil` for raw transactions whose call is not known.
    public let intentID: String?

    /// The nonce for the next payment: the nodes' count, or the first nonce after all held ones.
    ///
    /// A nonce held by a payment of the same request does not count: signing with that nonce replaces the payment,
    /// while a second payment of the request would be refused.
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
                    "nonce \(nonce) is proposed, and is proposed again until this payment is sent",
                    next: .following(nonce: following, kind: reference.kind)))
        }
        return (nonce, notes)
    }

    /// The next nonce for a request without a payment in the journal.
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
