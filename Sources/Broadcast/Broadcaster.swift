public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockJSONRPC
import AirlockPaymentFiles
public import AirlockRequests
public import AirlockStrictJSON

/// Sends payments to the nodes and follows each payment until its outcome is final. Even if the same payment is sent
/// twice, the recipient is paid only once.
public struct Broadcaster: Sendable {
    /// The rules for waiting: how long to wait for a payment, and how often to poll the nodes.
    public struct WaitPolicy: Sendable {
        /// The number of confirmations to wait for. The block that contains the transaction is the first confirmation.
        public var confirmations: UInt64 = 1
        /// The longest time to wait for the outcome of a payment, counted from the first poll. If the relay follows
        /// several payments, the count starts again whenever one of these payments succeeds or fails.
        public var timeout: Duration = .seconds(600)
        /// The pause between the first two polls. Each later pause is 1.5 times as long, up to ``longestPause``.
        public var shortestPause: Duration = .milliseconds(100)
        public var longestPause: Duration = .seconds(4)
        /// The interval after which the transactions are sent to the nodes again, because a node may have dropped them.
        public var resend: Duration = .seconds(30)
        /// The interval at which ``PaymentService`` asks again the nodes that it has not reached yet.
        public var reach: Duration = .seconds(15)
        /// The time to wait for a transaction to be mined. After this time, the relay sends the version of the
        /// transaction with the next higher fees, if the payment contains such a version. With `nil`, the relay never
        /// sends a version with higher fees.
        public var bumpAfter: Duration?
        /// Whether to wait until the outcome of the payment is final. If `false`, the relay stops waiting as soon as a
        /// node has the payment.
        public var isWaiting = true

        public init() {}
    }

    /// An event that the relay reports to the user while it sends and follows payments.
    public enum Progress: Sendable {
        /// The payment is in the journal, and nothing has been sent yet.
        case recorded(SignedPayment)
        /// A node failed or cannot be used.
        case unusable(NodeError)
        case taken(SignedPayment.Step, node: String)
        case refused(SignedPayment.Step, NodeError)
        case mined(Receipt, confirmations: UInt64)
        /// A reorganisation removed the block that contained the transaction.
        case vanished
        /// According to the journal, a relay was asked to cancel the payment or has begun to cancel it. This relay now
        /// sends the cancel transactions.
        case cancelling
        /// No node has a transaction of the sender with this nonce. The payment cannot be mined until a transaction
        /// with this nonce is mined. `waiting` is the number of the sender's payments that this missing nonce delays.
        case missingNonce(UInt64, SignedPayment, waiting: Int)
        /// Another relay has held the lease of this sender for some time, so this relay cannot send the sender's
        /// payments.
        case leased(Address, Chain)
        /// The relay pauses before the next poll of the nodes. The associated values are the first payment whose
        /// outcome is not final yet, and the relay's progress since it began to wait.
        case waiting(SignedPayment, Wait)
    }

    /// The progress of the relay while it waits for a payment.
    public struct Wait: Sendable {
        /// The time since the relay began to wait.
        public let elapsed: Duration
        /// The number of confirmations so far; zero if no block contains the payment.
        public let confirmations: UInt64
        public let wanted: UInt64
        /// The numbers of payments in each state, counted over all payments that the relay follows.
        public let counts: Counts
    }

    /// The numbers of payments that the relay follows: all, mined, failed, and waiting to be mined.
    public struct Counts: Hashable, Sendable {
        public let all: Int
        /// The number of payments that are in a block or have succeeded.
        public let mined: Int
        /// The number of payments that have failed.
        public let failed: Int
        /// The number of payments that the nodes have, but that no block contains yet.
        public let waiting: Int
    }

    /// The result for one of several payments that are sent together. The result contains the payment's outcome, its
    /// problems, and its state in the journal.
    public struct Ending: Sendable {
        /// The index by which the caller identifies the payment: its position in the caller's list, or its number in
        /// the journal.
        public let index: Int
        public let signedPayment: SignedPayment
        /// The outcome of the payment; `nil` if the payment failed, or if its outcome is not final yet.
        public let outcome: Outcome?
        /// The reasons why the payment failed, or why its outcome is not final yet. Empty if the payment succeeded, or
        /// if the relay did not wait for the outcome because the wait policy's `isWaiting` is false.
        public let problems: [Problem]
        /// The state of the payment in the journal.
        public let state: PaymentState
    }

    /// The outcome of a successful payment.
    public struct Outcome: Sendable {
        public let hash: Hash
        public let receipt: Receipt
        public let confirmations: UInt64
        /// The state of the payment: `settled` if an event proves the payment, and `mined` if no event proves it.
        public let state: PaymentState
        /// The event with which the called contract proves the payment. `nil` if there is no such event.
        public let event: PaidEvent?
        /// The event that proves that a request other than a payment was fulfilled; `nil` if there is no such event.
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

    /// Records the payment in the journal, sends it unless it is already mined, and waits until its outcome is final.
    ///
    /// - Returns: the outcome; `nil` if the wait policy's `isWaiting` is false and the outcome is not final yet.
    public func send(_ signedPayment: SignedPayment) async throws(ProblemList) -> Outcome? {
        try await deliver(signedPayment, cancelling: false)
    }

    /// Cancels a payment. Sends a cancel transaction for every unused nonce of the payment, and waits until the outcome
    /// is final. If the payment was mined before it could be cancelled, the method returns the outcome of the payment.
    /// If the cancel transaction was mined, the payment can no longer be mined, and the method throws.
    ///
    /// The request is written to the journal first. From then on, every relay sends only the cancel transactions, even
    /// if this method reaches no node.
    ///
    /// A payment without a cancel transaction cannot be cancelled. For such a payment, the method throws unless the
    /// payment is already mined.
    public func cancel(_ signedPayment: SignedPayment) async throws(ProblemList) -> Outcome? {
        try await deliver(signedPayment, cancelling: true)
    }

    /// Records all payments in the journal, then sends them, and waits until the outcome of each payment is final.
    ///
    /// - Parameters:
    ///   - signedPayments: the payments. Two payments must not use the same nonce, unless one of them replaces the
    ///     other.
    ///   - known: the nodes of each chain. Payments on other chains are recorded but not sent. With `nil`, the method
    ///     asks each node which chain it serves, and throws if no node serves the chain of a payment.
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
        // All payments are recorded before any payment is sent. If the payments are on several chains, the method first
        // checks that each chain has a reachable node. Without this check, the method could throw after it has recorded
        // the payments, and a later `resume` would still send the payments.
        let known = known == nil && chains.count > 1 ? try await reach(chains) : known
        let payments = try await journaled { () async throws(JournalError) in try await journal.record(signedPayments) }
        if cancelling {
            for (payment, signedPayment) in zip(payments, signedPayments) where signedPayment.hasCancel {
                try await journaled { () async throws(JournalError) in try await journal.askCancel(of: payment) }
            }
        }
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

    /// The reachable nodes of each chain. Throws if a chain has no reachable node.
    private func reach(_ chains: Set<Chain>) async throws(ProblemList) -> [Chain: Nodes] {
        if let chain = chains.first, chains.count == 1 {
            let (reached, failures) = try await nodes.reachable(on: chain)
            for failure in failures { report(.unusable(failure)) }
            return [chain: reached]
        }
        let (reached, failures) = try await nodes.byChain()
        for failure in failures { report(.unusable(failure)) }
        let missing = chains.subtracting(reached.keys).sorted { $0.id < $1.id }
        if let all = ProblemList(missing.map { Problem(NodesRule.noNode, at: "\($0)") }) { throw all }
        return reached
    }

    /// Runs an operation on the journal. If the journal throws an error, converts the error into a `ProblemList`. This
    /// is the type of error that the methods of ``Broadcaster`` throw.
    func journaled<Result>(
        _ body: () async throws(JournalError) -> Result
    ) async throws(ProblemList) -> Result {
        do throws(JournalError) { return try await body() } catch { throw ProblemList(error) }
    }
}

extension Broadcaster.Outcome {
    public var status: String { state.rawValue }

    /// The members that the JSON output of `send --json` contains in addition to `"ok":true`.
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

/// The reasons why a payment is not sent, or why a sent payment failed. `NodeRule` lists the errors of nodes.
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
        case .permit: "the payment is a permit, so the payer has no transaction to send"
        case .notACancel: "a transaction that the file calls a cancel does more than that"
        case .noChain: "the transaction has no chain id, so it could be replayed on another chain"
        case .mixed: "the transactions do not belong to one payment"
        case .empty: "there is no transaction to send"
        case .otherHash: "the node returned a hash that is not the transaction's"
        case .pending: "sent, but not mined when the wait ended"
        case .unconfirmed: "mined, but without enough confirmations when the wait ended"
        case .reverted: "mined, but reverted: nothing was paid, and the gas is gone"
        case .nonceTaken: "another transaction of the sender used the nonce, so this one can never be mined"
        case .expired: "expired before it was mined or sent"
        case .cancelled: "the payment's own cancel was mined: it will not be paid"
        case .noCancel: "the payment has no cancel transaction"
        case .declined: "not sent: the confirmation was not typed"
        case .refusedLine: "this line says that its payment was refused, so there is nothing to send"
        case .sameNonce: "two payments of one sender use the same nonce, and at most one of them can be mined"
        case .heldBack: "not sent, because an earlier payment was not"
        }
    }
}

/// Specific causes of a problem. If a problem has such a cause, the user sees the advice for this cause instead of the
/// general advice for the rule that is broken.
public enum BroadcastCause: Cause {
    /// The sender's transaction with this nonce is missing. The nonce is lower than the payment's nonce, so the missing
    /// transaction must be sent first.
    case nonceMissing(UInt64)
    /// The spender's allowance is smaller than the amount of the payment.
    case allowanceTooSmall
    /// The contract reverted without data.
    case silentRevert
    /// The payment requires a token approval that is not mined yet.
    case approvalNotMined
    /// Neither the request nor a command-line option specifies the payer.
    case payerNotNamed
}
