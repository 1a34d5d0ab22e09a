import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockPaymentFiles
import AirlockRequests
public import AirlockStrictJSON

/// A payment and its current state, read from the journal.
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
    /// The time at which the payment reached a final state; `nil` while the payment is open.
    public let endedAt: String?
    /// The time at which a relay was asked to cancel the payment; `nil` if no relay was asked.
    public let cancelAskedAt: String?
    /// A summary of the payment, read from its signed transactions.
    public let summary: PaymentSummary?
    /// The transactions in the order of the payment file.
    public let transactions: [Transaction]
    /// Whether the Safe's call failed although the transaction that contains it succeeded. The payment can then never
    /// succeed, because the transaction has used the Safe's nonce.
    let isExecutedInVain: Bool
    /// The reason why the payment failed; `nil` if the payment did not fail, or if the payment's state already shows
    /// why it failed.
    public var failure: SettlementRule? { isExecutedInVain ? .executionFailed : nil }

    public struct Transaction: Hashable, Sendable {
        public let role: String?
        /// The rung of the transaction. A payment can contain several versions of a transaction, with the same nonce
        /// and different fees. The rung is 0 for the version with the lowest fees, and increases with the fees.
        public let rung: String?
        public let nonce: String
        public let hash: String
        /// The result of the latest attempt to send the transaction; `nil` if there was no attempt. If the attempt
        /// failed, the result is an error code. If the node has not answered, the result is `unanswered`. If the node
        /// has answered without an error, the result is the raw value of a ``NodeAnswer``.
        public let answer: String?
        /// The number of the block that contains the transaction; `nil` if no such block is known.
        public let block: String?
        /// The fees that the transaction offers, formatted for the user.
        public let fees: String?
    }
}

/// A filter that selects payments in the journal.
public struct JournalFilter: Hashable, Sendable {
    /// A string that identifies the payment: the comparison code of the payment, the reference or id of the request, or
    /// the hash of one of the transactions.
    public var name: String?
    /// The states of the payments. An empty set means any state.
    public var states: Set<PaymentState> = []
    /// If this is not `nil`, the filter selects only payments on this chain.
    public var chain: Chain?
    /// A search string. It is a part of a comparison code, of a sender, or of a request's reference or id. It can also
    /// be the complete address of a recipient, or a complete transaction hash.
    public var text: String?
    /// If this is not `nil`, the filter selects only payments that changed at this time or later.
    public var since: Timestamp?
    /// The maximum number of payments. The latest payments are returned first.
    public var limit: Int?

    public init(name: String? = nil) { self.name = name }

    /// If this is not `nil`, the filter selects only payments with these numbers.
    var numbers: [Int64]?

    /// The number of payments that one query reads.
    static let pageSize = 500
}

/// The answer of one node to one attempt to send a transaction.
public struct JournalReply: Hashable, Sendable {
    /// The number of the attempt, which ``PaymentJournal/beginAttempts(_:of:_:)`` returned.
    public let number: Int64
    public let answer: NodeAnswer
    /// The error code of the attempt, for display only; `nil` if the attempt had no error. If there are several errors,
    /// this is the first one.
    public var code: String?
    /// The message in the node's answer; `nil` if there is no message.
    public var words: String?
}

/// The results of the attempts to send certain transactions to nodes, according to the journal.
public struct SubmissionRecord: Hashable, Sendable {
    /// The transactions that this or another relay has tried to send to at least one node.
    public var asked: Set<Hash> = []
    /// The transactions that a node may have, because the node accepted them, or because the answer of the node was
    /// lost.
    public var left: Set<Hash> = []
    /// The transactions that a node has accepted.
    public var taken: Set<Hash> = []

    public init() {}

    /// Adds the answer to one attempt to send a transaction. `nil` means that no answer was recorded, for example
    /// because the attempt was interrupted. The node may then have the transaction.
    mutating func add(_ answer: NodeAnswer?, to hash: Hash) {
        asked.insert(hash)
        if (answer ?? .unknown).mayBeTaken { left.insert(hash) }
        if answer == .taken { taken.insert(hash) }
    }
}

/// A payment and its transactions, as the journal stores them.
public struct StoredPayment: Hashable, Sendable {
    public let number: Int64
    /// The payment method if requests of this kind can be paid by several methods; for all other requests, the kind of
    /// the request. `nil` if the kind is not known.
    public let method: String?
    /// The request's reference; `nil` if the journal has no reference.
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
    public var json: JSONOutput {
        let asked = cancelAskedAt.map { [("cancelAskedAt", JSONOutput.string($0))] } ?? []
        return .object(members(state, changedAt: changedAt, endedAt: endedAt) + asked)
    }

    /// The members of a JSON object that describes the payment. The caller passes the state of the payment and the
    /// times of this state, because a webhook can report a state that is no longer the current state.
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
    /// The payment is in the journal, and no node is known to have accepted it.
    case recorded
    /// A node has accepted the payment.
    case sent
    /// The payment is in a block. It is not yet certain that the block stays in the chain and that the payment
    /// succeeded.
    case mined
    /// An event of the contract proves the payment.
    case settled
    case reverted
    /// Another transaction used the nonce of the payment, so the payment can no longer be mined.
    case replaced
    /// The deadline passed before the payment was mined.
    case expired
    /// The cancel transaction of the payment was mined.
    case cancelled

    /// Whether a payment in this state is open, which means that the chain can still change the state.
    ///
    /// A payment whose call belongs to no known kind of request never reaches the state `settled`, because no event can
    /// prove it. If such a payment succeeds, it stays in the state `mined`. For such a payment, `isOpen` stays true,
    /// although the outcome is final and ``JournalPayment/endedAt`` is set.
    public var isOpen: Bool {
        switch self {
        case .recorded, .sent, .mined: true
        case .settled, .reverted, .replaced, .expired, .cancelled: false
        }
    }
}

/// A nonce that a payment in the journal uses. As far as the journal knows, no transaction with this nonce is mined
/// yet.
public struct HeldNonce: Hashable, Sendable {
    public let nonce: UInt64
    /// The payment's comparison code.
    public let code: String
    /// The id of the request; `nil` if the journal does not have the id, for example for raw transactions whose call is
    /// not known.
    public let intentID: String?

    /// The nonce to propose for the next payment. This is the nonce that the nodes report (`said`), unless payments in
    /// the journal use this nonce or higher nonces (`held`). In that case, the proposed nonce is the highest nonce of
    /// these payments plus one.
    ///
    /// Earlier payments of the same request are ignored when the nonce is chosen. If the journal contains an earlier
    /// payment of the same request, the method adds a note. The note suggests signing the new payment with the nonce of
    /// the earlier payment, so that the new payment replaces the earlier one. A second payment of the request with
    /// another nonce would be refused.
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

    /// The next nonce for a request that has no payment in the journal.
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
