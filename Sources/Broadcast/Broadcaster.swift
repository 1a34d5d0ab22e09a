public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockJSONRPC
import AirlockPaymentFiles
public import AirlockRequests
public import AirlockStrictJSON

/// Sends payments and follows each to its end. What it is told twice it does once.
public struct Broadcaster: Sendable {
    /// How long to wait, and for what.
    public struct WaitPolicy: Sendable {
        /// The block that holds the transaction is the first.
        public var confirmations: UInt64 = 1
        /// For the whole wait, once the first node has answered.
        public var timeout: Duration = .seconds(600)
        /// Between the first two looks; it grows by half each time.
        public var shortestPause: Duration = .milliseconds(100)
        public var longestPause: Duration = .seconds(4)
        /// After so long the nodes are given the transactions again, in case they forgot them.
        public var resend: Duration = .seconds(30)
        /// How long a rung is waited for before the next one is sent; `nil` sends no other.
        public var bumpAfter: Duration?
        /// Otherwise it ends as soon as a node has the payment.
        public var isWaiting = true

        public init() {}
    }

    /// What happens on the way, for a person to see.
    public enum Progress: Sendable {
        /// It is in the journal; nothing has left yet.
        case recorded(SignedPayment)
        /// The node cannot be used this time.
        case unusable(NodeError)
        case taken(SignedPayment.Step, node: String)
        case refused(SignedPayment.Step, NodeError)
        case mined(Receipt, confirmations: UInt64)
        /// The block that held it is gone.
        case vanished
        /// What is sent are the payment's cancels, as an earlier run began it.
        case cancelling
        /// No node knows a transaction with this nonce, and the payment cannot be mined before one is. So many of the
        /// sender's payments wait for it.
        case missingNonce(UInt64, SignedPayment, waiting: Int)
        /// Another relay sends the payments of this sender, and has done so for a while.
        case leased(Address, Chain)
        /// There is nothing to do until the next look.
        case waiting(SignedPayment, Wait)
    }

    /// A wait as a person looks at it.
    public struct Wait: Sendable {
        /// Since it began.
        public let elapsed: Duration
        /// Zero while it is in no block.
        public let confirmations: UInt64
        public let wanted: UInt64
        /// Of all payments that are on their way together.
        public let counts: Counts
    }

    /// How far payments have come.
    public struct Counts: Hashable, Sendable {
        public let all: Int
        /// Of these, those that are in a block, or have ended well.
        public let mined: Int
        /// Those that have ended otherwise.
        public let failed: Int
        /// Those that nodes have, and that are in no block.
        public let waiting: Int
    }

    /// How one of several payments ended, or why it has not.
    public struct Ending: Sendable {
        /// Where it stands among the payments that were given.
        public let index: Int
        public let signedPayment: SignedPayment
        /// `nil` where it ended otherwise, or was only to be sent.
        public let outcome: Outcome?
        /// Empty where it ended well, or was only to be sent.
        public let problems: [Problem]
        /// What the journal has of it.
        public let state: PaymentState
    }

    /// How it ended well.
    public struct Outcome: Sendable {
        public let hash: Hash
        public let receipt: Receipt
        public let confirmations: UInt64
        /// Settled where the payment is proved; else mined, and no more is known.
        public let state: PaymentState
        /// The contract's event, which proves that the request is paid; `nil` where none does.
        public let event: PaidEvent?
        /// The event that proves a request which is no payment; `nil` where none does.
        public let seen: SeenEvent?
    }

    let nodes: Nodes
    let journal: any PaymentJournal
    let waitPolicy: WaitPolicy
    let report: @Sendable (Progress) -> Void
    let leases: SenderLeases

    public init(
        _ nodes: Nodes, _ journal: any PaymentJournal, _ waitPolicy: WaitPolicy = WaitPolicy(),
        report: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.nodes = nodes
        self.journal = journal
        self.waitPolicy = waitPolicy
        self.report = report
        leases = SenderLeases(journal)
    }

    /// Writes the payment down, sends it where it has to be sent, and waits until the chain says how it ended.
    ///
    /// - Returns: `nil` when it was not to wait.
    public func send(_ signedPayment: SignedPayment) async throws(ProblemList) -> Outcome? {
        try await deliver(signedPayment, cancelling: false)
    }

    /// Sends the cancel of every nonce that is still open, and waits until none is. When the payment's own nonce was used
    /// by the payment, that is the outcome; when it was used by the cancel, that is thrown; and so is
    /// that there is no cancel, unless the payment has ended.
    public func cancel(_ signedPayment: SignedPayment) async throws(ProblemList) -> Outcome? {
        try await deliver(signedPayment, cancelling: true)
    }

    /// Writes all payments down before the first of them is sent, and waits until the chain says how each ended.
    ///
    /// - Parameters:
    ///   - signedPayments: no two of them with one nonce, unless one replaced the other.
    ///   - known: the nodes by their chains: a payment of another chain is left out. `nil` asks the nodes, and refuses all
    ///     payments if there is one of another chain.
    public func send(
        _ signedPayments: [SignedPayment], by known: [Chain: Nodes]? = nil
    ) async throws(ProblemList) -> [Ending] {
        try await deliver(signedPayments, cancelling: false, by: known)
    }

    private func deliver(_ signedPayment: SignedPayment, cancelling: Bool) async throws(ProblemList) -> Outcome? {
        let ending = try await deliver([signedPayment], cancelling: cancelling, by: nil).first
        if let ending, let all = ProblemList(ending.problems) { throw all }
        return ending?.outcome
    }

    private func deliver(
        _ signedPayments: [SignedPayment], cancelling: Bool, by known: [Chain: Nodes]?
    ) async throws(ProblemList) -> [Ending] {
        let chains = Set(signedPayments.map(\.chain))
        // Of several chains each needs a node, or nothing is written down that a later resume would send.
        let known = known == nil && chains.count > 1 ? try await reach(chains) : known
        let payments = try await journaled { () async throws(JournalError) in try await journal.record(signedPayments) }
        for signedPayment in signedPayments { report(.recorded(signedPayment)) }
        let reached: [Chain: Nodes]
        if let known { reached = known } else { reached = try await reach(chains) }
        let pendingPayments = signedPayments.indices.compactMap { index in
            reached[signedPayments[index].chain].map { nodes in
                PendingPayment(
                    ReplacementPlan(signedPayments[index], cancelling: cancelling), index: index,
                    payment: payments[index],
                    nodes: nodes, broadcaster: self)
            }
        }
        var all = PendingPayments(pendingPayments, by: reached, self)
        return await all.run()
    }

    /// The nodes of each chain; there must be one of each.
    private func reach(_ chains: Set<Chain>) async throws(ProblemList) -> [Chain: Nodes] {
        if let chain = chains.first, chains.count == 1 {
            let (reached, failures) = try await nodes.reachable(on: chain)
            for failure in failures { report(.unusable(failure)) }
            return [chain: reached]
        }
        let reached = try await nodes.byChain()
        let missing = chains.subtracting(reached.keys).sorted { $0.id < $1.id }
        if let all = ProblemList(missing.map { Problem(NodesRule.noNode, at: "\($0)") }) { throw all }
        return reached
    }

    /// What the journal cannot keep must not happen.
    func journaled<Result>(
        _ body: () async throws(JournalError) -> Result
    ) async throws(ProblemList) -> Result {
        do throws(JournalError) { return try await body() } catch { throw ProblemList(error) }
    }
}

extension Broadcaster.Outcome {
    public var status: String { state.rawValue }

    /// As `send --json` shows it, beside `"ok":true`.
    public var json: [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = [
            ("status", .string(status)), ("hash", .string("\(hash)")),
            (
                "block",
                ["number": .string("\(receipt.blockNumber)"), "hash": .string("\(receipt.blockHash)")]
            ),
            ("confirmations", .string("\(confirmations)")), ("gasUsed", .string("\(receipt.gasUsed)")),
            ("effectiveGasPrice", .string("\(receipt.effectiveGasPrice)")),
        ]
        if let fee = receipt.l1Fee { members.append(("l1Fee", .string("\(fee)"))) }
        if let event { members.append(("event", .object(event.members.map { ($0.name, .string($0.value)) }))) }
        if let seen { members.append(("event", .object(seen.members.map { ($0.name, .string($0.value)) }))) }
        return members
    }
}

/// Why something is not sent, or how what was sent ended other than well. What a node says no to is `NodeRule`.
public enum SendRule: String, Rule {
    case otherPayment = "send.other-payment"
    case permit = "send.permit"
    case notACancel = "send.not-a-cancel"
    case noChain = "send.no-chain-id"
    case mixed = "send.mixed"
    case empty = "send.nothing-to-send"
    case otherHash = "send.other-hash"
    case pending = "send.pending"
    case unconfirmed = "send.unconfirmed"
    case reverted = "send.reverted"
    case nonceTaken = "send.nonce-taken"
    case expired = "send.expired"
    case cancelled = "send.cancelled"
    case noCancel = "send.no-cancel"
    case declined = "send.declined"
    case refusedLine = "send.refused-line"
    case sameNonce = "send.same-nonce"
    case heldBack = "send.held-back"

    public var meaning: String {
        switch self {
        case .otherPayment: "a transaction does not pay what the file says"
        case .permit: "the payment is a permit: there is no transaction of the payer's to send"
        case .notACancel: "a transaction that the file calls a cancel does more than that"
        case .noChain: "the transaction is bound to no chain, so that it could be sent again on another"
        case .mixed: "the transactions do not belong to one payment"
        case .empty: "there is no transaction to send"
        case .otherHash: "the node gave the transaction another hash than it has"
        case .pending: "sent, and not yet mined when the wait ended"
        case .unconfirmed: "mined, and not yet confirmed as often as asked for when the wait ended"
        case .reverted: "mined, but reverted: nothing was paid, and the gas is gone"
        case .nonceTaken: "another transaction of the sender took the nonce, so this one can never be mined"
        case .expired: "expired before it was mined or sent"
        case .cancelled: "the payment's own cancel was mined: it will not be paid"
        case .noCancel: "the payment has no cancel transaction"
        case .declined: "not sent: nobody typed the word that was asked for"
        case .refusedLine: "this line says that its payment was refused, so there is nothing to send"
        case .sameNonce: "two payments of one sender use the same nonce, and at most one of them can be mined"
        case .heldBack: "not sent, since a payment before it was not"
        }
    }
}

/// Why a payment cannot be prepared or sent, where something else helps than what the rule says.
public enum BroadcastCause: Cause {
    /// The sender has a transaction with a lower nonce to make before.
    case nonceMissing(UInt64)
    /// What the contract may take of the token is too little.
    case allowanceTooSmall
    /// The contract reverted and said nothing.
    case silentRevert
    /// What the payment needs is not mined yet.
    case approvalNotMined
    /// Neither a request nor an option says who pays.
    case payerNotNamed
}
