public import AirlockEthereumTypes

/// How much a journal holds, for who watches it.
public struct JournalFigures: Hashable, Sendable {
    /// How many payments are in each state that any is in.
    public internal(set) var counts: [PaymentState: Int] = [:]
    /// How many payments have not ended.
    public internal(set) var open = 0
    /// When the first payment was recorded of those that have not ended, by chain.
    public internal(set) var oldestOpen: [Chain: Timestamp] = [:]
    public internal(set) var leases: [Lease] = []

    /// Who sends for a sender on a chain, or did last.
    public struct Lease: Hashable, Sendable {
        /// A process of some machine, in its own words.
        public let owner: String
        public let chainID: String
        public let sender: String
        /// `nil` once it has ended.
        public let until: Timestamp?
    }
}

/// How often nodes were asked to take something, as the journal has it.
public struct JournalTraffic: Hashable, Sendable {
    /// By node.
    public internal(set) var attempts: [String: Int] = [:]
    /// By node and what the answer meant; `nil` where none came.
    public internal(set) var answers: [String: [NodeAnswer?: Int]] = [:]
    /// How many rungs above the first were given to a node.
    public internal(set) var climbed = 0
}

/// What happened to a payment, and when.
public struct JournalMoment: Hashable, Sendable {
    public enum Event: String, Sendable {
        case journaled, asked, answered, mined, state
    }

    public let at: String
    public let event: Event
    public var node: String?
    public var hash: String?
    public var detail: String?
    public var state: PaymentState?
}

/// How far a reader of the journal's changes has come.
public struct JournalMark: Hashable, Sendable {
    var transition: Int64
    var attempt: Int64
}

/// A payment to which something happened.
public struct JournalChange: Hashable, Sendable {
    public let payment: Int64
    public let code: String
    public let state: PaymentState
}

/// A payment that ended, with what it paid and cost.
public struct EndedPayment: Hashable, Sendable {
    public let number: Int64
    public let chain: Chain
    public let state: PaymentState
    public let recordedAt: Timestamp
    public let endedAt: Timestamp
    /// `nil` where it paid nothing.
    public internal(set) var paid: PaymentSummary?
    /// The network's, of all transactions in blocks; `nil` where there is none, or it is 2^256 or above.
    public internal(set) var fee: UInt256?
}
