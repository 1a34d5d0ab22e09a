public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockJSONRPC
public import AirlockPaymentFiles
public import AirlockRequests
public import AirlockStrictJSON

/// What remembers the payments that were sent: written before the first byte leaves, and after each answer.
///
/// It never decides anything by itself. The chain says what became of a payment; the journal says what there is to ask
/// the chain about, and what it has said before.
///
/// A store that takes this on promises:
/// - What a method wrote lasts when it returns, whatever happens to the process or the machine.
/// - Each method writes all that it has to write, or nothing; each that reads sees one state of the whole journal.
/// - No method blocks a thread of Swift's pool, however long the store is busy.
/// - Several processes may use one journal. Each write names its payment, so that a store may refuse those of a relay
///   whose right to send it has ended.
public protocol PaymentJournal: Sendable {
    /// Where it is kept, as errors tell it.
    var place: String { get }

    /// How the leases of this process name it.
    var owner: String { get }

    /// Gets the right to send the payments of a sender on a chain, or keeps it. Returns `nil` if another relay has it and
    /// its time is not over.
    ///
    /// From then on a write for a payment of this sender is refused (`journal.lease-lost`) once another relay has taken the
    /// right over; and so is that of a relay without it while another has it. Times are those of the store's clock.
    func lease(_ sender: Address, on chain: Chain, for length: Duration) async throws(JournalError) -> JournalLease?

    /// Makes a lease last from now on. Returns `nil` if another relay has taken it over.
    func renew(_ lease: JournalLease, for length: Duration) async throws(JournalError) -> JournalLease?

    /// Gives a lease back before its time is over.
    func release(_ lease: JournalLease) async throws(JournalError)

    /// Writes all payments and the hash of each of their transactions down, or none; those that are there stay as they
    /// are. Raw transactions of a known payment are that payment.
    ///
    /// - Returns: the number of each.
    func record(_ signedPayments: [SignedPayment]) async throws(JournalError) -> [Int64]

    /// Notes that the nodes are about to be given a transaction of the payment; the numbers are for
    /// ``endAttempts(_:by:isTaken:)``.
    func beginAttempts(_ hash: Hash, of payment: Int64, _ nodes: [String]) async throws(JournalError) -> [Int64]

    /// Notes what the nodes said of the payment's transactions. It is sent once one of them has taken it.
    func endAttempts(_ replies: [JournalReply], by payment: Int64, isTaken: Bool) async throws(JournalError)

    /// Moves a payment to a state. A payment that is in it already stays as it is.
    func move(_ payment: Int64, to state: PaymentState, _ detail: String?) async throws(JournalError)

    /// A transaction of the payment is in a block, and so are others that came before it. A payment that has ended by that
    /// receipt stays as it is.
    func mined(_ payment: Int64, _ receipt: Receipt, after others: [Receipt]) async throws(JournalError)

    /// Whether a block is known to hold one of these transactions.
    func isMined(_ hashes: [Hash]) async throws(JournalError) -> Bool

    /// No block holds these transactions of the payment. Says whether one is known to have done so.
    func vanished(_ payment: Int64, _ hashes: [Hash]) async throws(JournalError) -> Bool

    /// It ended, by this receipt; and by this event if one proves it.
    func ended(
        _ payment: Int64, _ state: PaymentState, _ receipt: Receipt, _ detail: String?,
        _ event: PaidEvent?
    ) async throws(JournalError)

    /// How far a payment has come.
    func state(of payment: Int64) async throws(JournalError) -> PaymentState

    /// What is known of transactions that nodes were asked to take.
    func submissions(of hashes: [Hash]) async throws(JournalError) -> SubmissionRecord

    /// The latest payments that pass the filter, at most `size`: all of them, or those before the one with this number.
    /// The filter's own limit is for who asks.
    func page(
        _ filter: JournalFilter, before payment: Int64?, of size: Int
    ) async throws(JournalError) -> [JournalPayment]

    /// All that is known of one payment, for whoever has to show it; `nil` where there is none of this number.
    func evidence(of payment: Int64, at made: Timestamp) async throws(JournalError) -> RelayEvidence?

    /// What is to be sent for payments, as it was written down, by their numbers in order. One that is not there is left
    /// out.
    func stored(_ payments: [Int64]) async throws(JournalError) -> [StoredPayment]

    /// The numbers of all payments that no run has seen to their end, the first one first. It takes no longer where many
    /// have ended.
    func unfinishedNumbers() async throws(JournalError) -> [Int64]

    /// The last entry of the offline ledger that came past here, for the next conditions file to bring back.
    func ledgerHead(of sender: Address, on chain: Chain) async throws(JournalError) -> Hash?

    /// The nonces of a sender's payments that are not mined, as far as the journal knows.
    func heldNonces(of sender: Address, on chain: Chain) async throws(JournalError) -> [HeldNonce]

    /// Hands over every row of every table, as an object of its columns; what is null is left out. All rows are of one
    /// state of the journal, and memory does not grow with their number. The store waits for `body`.
    func rows(_ body: @Sendable (JSONOutput) throws -> Void) async throws

    /// Hands over one line for each transaction, with what became of it, under a line of headings (RFC 4180); all of one
    /// state of the journal.
    func spreadsheet(_ body: @Sendable (String) throws -> Void) async throws

    /// Gives back what it holds of the store. Whatever is asked of it later fails.
    func close() async
}

extension PaymentJournal {
    func record(_ signedPayment: SignedPayment) async throws(JournalError) -> Int64 {
        guard let payment = try await record([signedPayment]).first else {
            throw JournalError(rule: .failed, path: place, said: nil)
        }
        return payment
    }

    func move(_ payment: Int64, to state: PaymentState) async throws(JournalError) {
        try await move(payment, to: state, nil)
    }

    func mined(_ payment: Int64, _ receipt: Receipt) async throws(JournalError) {
        try await mined(payment, receipt, after: [])
    }

    /// The same for one payment; `nil` where there is none of this number.
    func stored(_ payment: Int64) async throws(JournalError) -> StoredPayment? { try await stored([payment]).first }

    /// What is to be sent for all payments that no run has seen to their end.
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

    /// Closes it when the work has ended, however it ends.
    public func closing<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        await close()
        return try result.get()
    }
}

/// Payments by their names, and all of them page by page.
extension PaymentJournal {
    /// All payments, the latest first; or those that a code, a request's name or id, or a transaction's hash names.
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

    /// Hands over the payments that pass the filter, the latest first. Memory does not grow with their number.
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

    /// The payments that no run has seen to their end, the first one first.
    public func unfinished() async throws(ProblemList) -> [SignedPayment] {
        let kept: [StoredPayment]
        do throws(JournalError) { kept = try await storedUnfinished() } catch { throw ProblemList(error) }
        var signedPayments: [SignedPayment] = []
        for one in kept { signedPayments.append(try SignedPayment(one)) }
        return signedPayments
    }

    /// The one payment that a code, a request's name or id, or a transaction's hash names.
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
    /// Parts of the size in which payments are asked for.
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
        case .damaged: "the journal is damaged, or is no SQLite database"
        case .notAJournal: "the file is another program's database, and not a journal"
        case .locked: "another process holds the journal"
        case .failed: "the journal cannot be read or written"
        case .newer: "the journal was written by a newer Airlock"
        case .older: "the journal's tables are of an older Airlock"
        case .unreachable: "the server of the journal cannot be reached, or ended the connection"
        case .readOnly: "the server of the journal takes no writes, and may lag behind the one that does"
        case .noAddress: "the address of the journal's server cannot be read"
        case .passwordInArgument: "a password in an argument can be read by every user of this machine"
        case .leaseHeld: "another relay sends the payments of this sender"
        case .leaseLost: "another relay has taken over the payments of this sender"
        case .notEmpty: "the journal that is to be copied into holds something"
        case .differs: "the copy of the journal is not the same as the journal"
        case .pruneDeclined: "nothing was removed: nobody typed the word that was asked for"
        case .unknownPayment: "the journal knows no such payment"
        case .severalPayments: "the journal knows several payments by that name"
        }
    }
}

/// One broken rule of the journal, and what its store said about it.
public struct JournalError: RuleBroken, Hashable, Sendable {
    public let rule: JournalRule
    /// Where the journal is kept.
    public let path: String
    /// The store's own words.
    public let said: String?

    public var problems: [Problem] { [Problem(rule, at: path, saw: said)] }
}
