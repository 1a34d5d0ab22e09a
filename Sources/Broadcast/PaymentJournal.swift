public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockJSONRPC
public import AirlockPaymentFiles
public import AirlockRequests
public import AirlockStrictJSON

/// The record of the payments that a relay sends. The journal is written before the first byte of a payment is sent,
/// and again after each answer of a node.
///
/// The chain alone determines the outcome of a payment. The journal only determines which payments to look up on the
/// chain, and records earlier results.
///
/// Every type that conforms to this protocol guarantees:
/// - Durability: what a method wrote is on disk when the method returns.
/// - Atomicity: each method writes everything or nothing, and each read sees one consistent state of the journal.
/// - No method blocks a thread of Swift's thread pool, even if the store is busy for a long time.
/// - Several processes can use the same journal. Each method that changes a payment receives the payment's number. The
///   store can therefore refuse the change if the relay has lost the lease of the payment's sender.
public protocol PaymentJournal: Sendable {
    /// The journal's location, for error messages.
    var place: String { get }

    /// The name that this process uses as the owner of its leases.
    var owner: String { get }

    /// Acquires or keeps the lease to send the payments of a sender on a chain. Returns `nil` if another relay holds
    /// the lease.
    ///
    /// If another relay takes over the lease later, writes of this relay for payments of this sender are refused
    /// (`journal.lease-lost`). While another relay holds the lease, writes of a relay that has never held the lease are
    /// refused too. The store's clock decides when a lease expires.
    func lease(_ sender: Address, on chain: Chain, for length: Duration) async throws(JournalError) -> JournalLease?

    /// Renews a lease. The lease then expires after `length`, counted from now. Returns `nil` if another relay has
    /// taken over the lease.
    func renew(_ lease: JournalLease, for length: Duration) async throws(JournalError) -> JournalLease?

    /// Releases a lease before it expires.
    func release(_ lease: JournalLease) async throws(JournalError)

    /// Records all payments and the hashes of all transactions in them. If an error occurs, no payment is recorded. A
    /// payment that is already in the journal stays unchanged. If all transactions of a payment already belong to one
    /// recorded payment, and one of them can make this payment, no new payment is recorded, and the number of the
    /// recorded payment is returned.
    ///
    /// - Returns: the number of each payment.
    func record(_ signedPayments: [SignedPayment]) async throws(JournalError) -> [Int64]

    /// Records that a transaction of the payment is about to be sent to the nodes. Returns the number of each attempt.
    /// The caller later passes these numbers to ``endAttempts(_:by:isTaken:)``.
    func beginAttempts(_ hash: Hash, of payment: Int64, _ nodes: [String]) async throws(JournalError) -> [Int64]

    /// Records the answers of the nodes. When a node has accepted the payment, the state of the payment becomes `sent`.
    func endAttempts(_ replies: [JournalReply], by payment: Int64, isTaken: Bool) async throws(JournalError)

    /// Changes the state of a payment, unless the payment already has this state.
    func move(_ payment: Int64, to state: PaymentState, _ detail: String?) async throws(JournalError)

    /// Records the receipt of a transaction of the payment, and that the payment is in a block.
    ///
    /// - Parameters:
    ///   - payment: the payment's number.
    ///   - receipt: the receipt. If the journal already has this receipt and the payment is in a final state, the
    ///     payment's state does not change.
    ///   - others: the receipts of the payment's other mined transactions, such as its approval. They are recorded too.
    func mined(_ payment: Int64, _ receipt: Receipt, after others: [Receipt]) async throws(JournalError)

    /// Whether the journal has a receipt for one of these transactions. A receipt is ignored if the journal has
    /// recorded that its block is no longer in the chain.
    func isMined(_ hashes: [Hash]) async throws(JournalError) -> Bool

    /// Records that no block contains these transactions any more. Returns whether the journal had a receipt for any of
    /// them.
    func vanished(_ payment: Int64, _ hashes: [Hash]) async throws(JournalError) -> Bool

    /// Records the final state of the payment and the receipt that decided this state. If an event proves the payment,
    /// the event is recorded too.
    func ended(
        _ payment: Int64, _ state: PaymentState, _ receipt: Receipt, _ detail: String?,
        _ event: PaidEvent?
    ) async throws(JournalError)

    /// Records that the payment is to be cancelled. If this is already recorded, the recorded time stays unchanged.
    ///
    /// A relay may call this method while another relay holds the lease of the payment's sender. The other relay then
    /// sends the cancel transactions.
    func askCancel(of payment: Int64) async throws(JournalError)

    /// Whether the journal has recorded that the payment is to be cancelled.
    func isCancelAsked(of payment: Int64) async throws(JournalError) -> Bool

    /// The state of a payment.
    func state(of payment: Int64) async throws(JournalError) -> PaymentState

    /// The recorded attempts to send these transactions to nodes, and their results.
    func submissions(of hashes: [Hash]) async throws(JournalError) -> SubmissionRecord

    /// The latest payments that match the filter, at most `size` of them. If `payment` is not `nil`, only payments with
    /// lower numbers are returned. This method ignores the filter's `limit`, so the caller must apply it.
    func page(
        _ filter: JournalFilter, before payment: Int64?, of size: Int
    ) async throws(JournalError) -> [JournalPayment]

    /// All stored data about one payment, as evidence; `nil` if there is no payment with this number.
    func evidence(of payment: Int64, at made: Timestamp) async throws(JournalError) -> RelayEvidence?

    /// The stored transactions of these payments, in the order of the payment numbers. Unknown numbers are left out.
    func stored(_ payments: [Int64]) async throws(JournalError) -> [StoredPayment]

    /// The numbers of all payments that have not reached a final state, in order. The running time does not depend on
    /// the number of payments in a final state.
    func unfinishedNumbers() async throws(JournalError) -> [Int64]

    /// The head of the offline machine's ledger, taken from the latest payment file of this sender. The head is the
    /// hash of the ledger's last entry. The relay writes this hash into the next conditions file, which goes back to
    /// the offline machine.
    func ledgerHead(of sender: Address, on chain: Chain) async throws(JournalError) -> Hash?

    /// The nonces of a sender's payments for which, as far as the journal knows, no transaction is mined yet.
    func heldNonces(of sender: Address, on chain: Chain) async throws(JournalError) -> [HeldNonce]

    /// Passes every row of every table to `body`, as a JSON object. The object contains the columns that are not null.
    /// All rows belong to one consistent state. The store waits for `body`, so the memory in use does not grow with the
    /// number of rows.
    func rows(_ body: @Sendable (JSONOutput) throws -> Void) async throws

    /// Passes the rows of a CSV file to `body` (RFC 4180): a header row, and one row for each transaction. All rows
    /// belong to one consistent state.
    func spreadsheet(_ body: @Sendable (String) throws -> Void) async throws

    /// Closes the journal. Later calls fail.
    func close() async
}

extension PaymentJournal {
    /// The stored transactions of one payment; `nil` if there is no payment with this number.
    func stored(_ payment: Int64) async throws(JournalError) -> StoredPayment? { try await stored([payment]).first }

    /// The stored transactions of all payments that have not reached a final state.
    func storedUnfinished() async throws(JournalError) -> [StoredPayment] {
        var found: [StoredPayment] = []
        for page in try await unfinishedNumbers().pages { found += try await stored(page) }
        return found
    }

    func ended(
        _ payment: Int64, _ state: PaymentState, _ receipt: Receipt, _ detail: String? = nil
    ) async throws(JournalError) {
        try await ended(payment, state, receipt, detail, nil)
    }

    /// Runs `work` and then closes the journal, even if `work` throws.
    public func closing<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        await close()
        return try result.get()
    }
}

/// Finds payments by an identifying string or by a filter, page by page.
extension PaymentJournal {
    /// All payments, with the latest payment first. If `name` is not `nil`, only the payments that `name` identifies.
    /// `name` is a comparison code, a request's reference or id, or a transaction hash.
    public func payments(_ name: String? = nil) async throws(JournalError) -> [JournalPayment] {
        let filter = JournalFilter(name: name)
        var found: [JournalPayment] = []
        while true {
            let next = try await page(filter, before: found.last?.id, of: JournalFilter.pageSize)
            if next.isEmpty { break }
            found += next
        }
        if let name, found.isEmpty { throw unknown(name) }
        return found
    }

    /// Calls `body` for each payment that matches the filter, with the latest payment first. The memory in use does not
    /// grow with the number of payments.
    public func payments(_ filter: JournalFilter, _ body: (JournalPayment) throws -> Void) async throws {
        var (left, last): (Int, Int64?) = (filter.limit ?? .max, nil)
        while left > 0 {
            let next = try await page(filter, before: last, of: min(left, JournalFilter.pageSize))
            if next.isEmpty { break }
            for payment in next { try body(payment) }
            left -= next.count
            last = next.last?.id
        }
        if last == nil, let name = filter.name { throw unknown(name) }
    }

    /// The payments that have not reached a final state, with the earliest payment first.
    public func unfinished() async throws(ProblemList) -> [SignedPayment] {
        let kept: [StoredPayment]
        do throws(JournalError) { kept = try await storedUnfinished() } catch { throw ProblemList(error) }
        var signedPayments: [SignedPayment] = []
        for one in kept { signedPayments.append(try SignedPayment(one)) }
        return signedPayments
    }

    /// The only payment that matches a name: a comparison code, a request's reference or id, or a transaction hash.
    /// Throws if no payment or several payments match.
    public func signedPayment(_ name: String) async throws(ProblemList) -> SignedPayment {
        let known = try await one(name)
        let kept: StoredPayment?
        do throws(JournalError) { kept = try await self.stored(known.id) } catch { throw ProblemList(error) }
        guard let kept else { throw ProblemList(unknown(name)) }
        return try SignedPayment(kept)
    }

    func one(_ name: String) async throws(ProblemList) -> JournalPayment {
        let known: [JournalPayment]
        do throws(JournalError) { known = try await payments(name) } catch { throw ProblemList(error) }
        if let only = known.first, known.count == 1 { return only }
        let codes = known.map(\.code).joined(separator: ", ")
        throw ProblemList(Problem(JournalRule.severalPayments, at: name, expected: "one of the codes \(codes)"))
    }

    private func unknown(_ name: String) -> JournalError {
        JournalError(rule: .unknownPayment, path: place, said: name)
    }
}

extension [Int64] {
    /// The payment numbers, divided into pages. One query of the journal handles one page.
    var pages: [[Int64]] {
        stride(from: 0, to: count, by: JournalFilter.pageSize).map {
            Array(self[$0..<Swift.min($0 + JournalFilter.pageSize, count)])
        }
    }
}

/// The problems that a journal can have.
public enum JournalRule: String, Rule {
    case cannotOpen = "journal.cannot-open"
    case unreadable = "journal.unreadable"
    case damaged = "journal.damaged"
    case notAJournal = "journal.not-a-journal"
    case locked = "journal.locked"
    case failed = "journal.failed"
    case newer = "journal.newer"
    case older = "journal.older"
    case unreachable = "journal.unreachable"
    case readOnly = "journal.read-only"
    case noAddress = "journal.no-address"
    case passwordInArgument = "journal.password-in-argument"
    case leaseHeld = "journal.lease-held"
    case leaseLost = "journal.lease-lost"
    case notEmpty = "journal.not-empty"
    case differs = "journal.differs"
    case pruneDeclined = "journal.prune-declined"
    case unknownPayment = "journal.unknown-payment"
    case severalPayments = "journal.several-payments"

    public var meaning: String {
        switch self {
        case .cannotOpen: "the journal cannot be opened or created"
        case .unreadable: "the journal cannot be read"
        case .damaged: "the journal is damaged, or is not a SQLite database"
        case .notAJournal: "the file is another program's database, and not a journal"
        case .locked: "another process holds the journal"
        case .failed: "the journal cannot be read or written"
        case .newer: "the journal was written by a newer Airlock"
        case .older: "the journal's tables are of an older Airlock"
        case .unreachable: "the server of the journal cannot be reached, or ended the connection"
        case .readOnly: "the journal's server is read-only, and may lag behind the primary"
        case .noAddress: "the address of the journal's server is malformed"
        case .passwordInArgument: "a password in an argument can be read by every user of this machine"
        case .leaseHeld: "another relay sends the payments of this sender"
        case .leaseLost: "another relay has taken over the payments of this sender"
        case .notEmpty: "the journal to copy into is not empty"
        case .differs: "the copy differs from the journal"
        case .pruneDeclined: "nothing was removed: the confirmation was not typed"
        case .unknownPayment: "the journal has no such payment"
        case .severalPayments: "the journal has several payments with that name"
        }
    }
}

/// An error of the journal: the kind of the error, and the message of the database.
public struct JournalError: RuleBroken, Hashable, Sendable {
    public let rule: JournalRule
    /// The journal's location.
    public let path: String
    /// The message of the store, if there is one.
    public let said: String?

    public var problems: [Problem] { [Problem(rule, at: path, saw: said)] }
}
