public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockJSONRPC
public import AirlockPaymentFiles
public import AirlockRequests
public import AirlockStrictJSON

/// The record of the payments that are sent. It is written before the first byte is sent, and after each answer.
///
/// It never decides anything by itself. The chain says what became of a payment. The journal says which payments to ask
/// the chain about, and what it has said before.
///
/// A type that conforms guarantees:
/// - Durability: what a method wrote is on disk when the method returns.
/// - Atomicity: each method writes everything or nothing, and each read sees one consistent state of the journal.
/// - No method blocks a thread of Swift's pool, however long the store is busy.
/// - Several processes may share a journal. Each write names its payment, so that the store can refuse writes of a
///   relay whose lease has ended.
public protocol PaymentJournal: Sendable {
    /// The journal's location, as errors name it.
    var place: String { get }

    /// The owner's name in leases of this process.
    var owner: String { get }

    /// Acquires or keeps the lease to send the payments of a sender on a chain. Returns `nil` if another relay holds
    /// it.
    ///
    /// Afterwards a write for a payment of this sender is refused (`journal.lease-lost`) once another relay has taken
    /// over the lease, and so is a write of a relay without a lease while another one holds it. Times are those of the
    /// store's clock.
    func lease(_ sender: Address, on chain: Chain, for length: Duration) async throws(JournalError) -> JournalLease?

    /// Renews a lease from now on. Returns `nil` if another relay has taken it over.
    func renew(_ lease: JournalLease, for length: Duration) async throws(JournalError) -> JournalLease?

    /// Releases a lease before it ends.
    func release(_ lease: JournalLease) async throws(JournalError)

    /// Records all payments with the hashes of their transactions, or none. Known payments stay as they are, and raw
    /// transactions of a known payment count as that payment.
    ///
    /// - Returns: the number of each payment.
    func record(_ signedPayments: [SignedPayment]) async throws(JournalError) -> [Int64]

    /// Records that the nodes are about to be given a transaction of the payment. Returns the number of each attempt,
    /// for ``endAttempts(_:by:isTaken:)``.
    func beginAttempts(_ hash: Hash, of payment: Int64, _ nodes: [String]) async throws(JournalError) -> [Int64]

    /// Records what the nodes answered. The payment is sent once a node has accepted it.
    func endAttempts(_ replies: [JournalReply], by payment: Int64, isTaken: Bool) async throws(JournalError)

    /// Changes the state of a payment. A payment that has this state already stays as it is.
    func move(_ payment: Int64, to state: PaymentState, _ detail: String?) async throws(JournalError)

    /// Records that a transaction of the payment is in a block, and so are others before it. A payment that has ended
    /// by this receipt stays as it is.
    func mined(_ payment: Int64, _ receipt: Receipt, after others: [Receipt]) async throws(JournalError)

    /// Whether the journal has a valid receipt of one of these transactions.
    func isMined(_ hashes: [Hash]) async throws(JournalError) -> Bool

    /// Records that no block holds these transactions any more. Returns whether the journal had a receipt of one.
    func vanished(_ payment: Int64, _ hashes: [Hash]) async throws(JournalError) -> Bool

    /// Records how the payment ended, by this receipt, and the event that proves it if there is one.
    func ended(
        _ payment: Int64, _ state: PaymentState, _ receipt: Receipt, _ detail: String?,
        _ event: PaidEvent?
    ) async throws(JournalError)

    /// The state of a payment.
    func state(of payment: Int64) async throws(JournalError) -> PaymentState

    /// The attempts to give these transactions to nodes.
    func submissions(of hashes: [Hash]) async throws(JournalError) -> SubmissionRecord

    /// The latest payments that match the filter, at most `size`: all, or those before the one with this number. The
    /// filter's own limit is for the caller.
    func page(
        _ filter: JournalFilter, before payment: Int64?, of size: Int
    ) async throws(JournalError) -> [JournalPayment]

    /// Everything that is known of one payment, as evidence; `nil` if there is no payment with this number.
    func evidence(of payment: Int64, at made: Timestamp) async throws(JournalError) -> RelayEvidence?

    /// The stored transactions of payments, in the order of their numbers. Unknown numbers are left out.
    func stored(_ payments: [Int64]) async throws(JournalError) -> [StoredPayment]

    /// The numbers of all payments that have not ended, in order. The time does not grow with the number of ended
    /// payments.
    func unfinishedNumbers() async throws(JournalError) -> [Int64]

    /// The latest hash of the offline ledger that a payment file brought, for the next conditions file to return.
    func ledgerHead(of sender: Address, on chain: Chain) async throws(JournalError) -> Hash?

    /// The nonces of a sender's payments that are not mined, as far as the journal knows.
    func heldNonces(of sender: Address, on chain: Chain) async throws(JournalError) -> [HeldNonce]

    /// Passes every row of every table to `body`, as an object of its columns without those that are null. All rows are
    /// of one consistent state, and memory does not grow with their number. The store waits for `body`.
    func rows(_ body: @Sendable (JSONOutput) throws -> Void) async throws

    /// Passes a CSV header row and one row for each transaction to `body` (RFC 4180). All rows are of one consistent
    /// state.
    func spreadsheet(_ body: @Sendable (String) throws -> Void) async throws

    /// Closes the journal. Later calls fail.
    func close() async
}

extension PaymentJournal {
    /// The stored transactions of one payment; `nil` if there is no payment with this number.
    func stored(_ payment: Int64) async throws(JournalError) -> StoredPayment? { try await stored([payment]).first }

    /// The stored transactions of all payments that have not ended.
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

    /// Does the work, and closes the journal afterwards even if the work throws.
    public func closing<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        await close()
        return try result.get()
    }
}

/// Finds payments by name or filter, page by page.
extension PaymentJournal {
    /// All payments, the latest first; or those that match a code, a request's reference or id, or a transaction hash.
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

    /// Passes the payments that match the filter to `body`, the latest first. Memory does not grow with their number.
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

    /// The payments that have not ended, the earliest first.
    public func unfinished() async throws(ProblemList) -> [SignedPayment] {
        let kept: [StoredPayment]
        do throws(JournalError) { kept = try await storedUnfinished() } catch { throw ProblemList(error) }
        var signedPayments: [SignedPayment] = []
        for one in kept { signedPayments.append(try SignedPayment(one)) }
        return signedPayments
    }

    /// The only payment that matches a code, a request's reference or id, or a transaction hash.
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
    /// The numbers in pages of the size of a query.
    var pages: [[Int64]] {
        stride(from: 0, to: count, by: JournalFilter.pageSize).map {
            Array(self[$0..<Swift.min($0 + JournalFilter.pageSize, count)])
        }
    }
}

/// What can go wrong with the journal.
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

/// A broken rule of the journal, and the store's message.
public struct JournalError: RuleBroken, Hashable, Sendable {
    public let rule: JournalRule
    /// The journal's location.
    public let path: String
    /// The store's message.
    public let said: String?

    public var problems: [Problem] { [Problem(rule, at: path, saw: said)] }
}
