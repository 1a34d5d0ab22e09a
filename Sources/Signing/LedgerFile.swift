import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockFiles
import AirlockPaymentFiles
public import AirlockSecretKeys

/// The file of the ledger. Lines are only appended to it. To record a signature, Airlock locks the file, reads it,
/// appends the new entries, and flushes them to disk. Only then does Airlock output the signature.
public struct LedgerFile: Sendable {
    public let path: String
    let wait: LockWait

    /// Makes a value that stands for the ledger file at a path. The file does not have to exist yet. `wait` tells how
    /// long to wait while another process holds the lock.
    public init(_ path: String, _ wait: LockWait = LockWait()) {
        self.path = path
        self.wait = wait
    }

    /// Reads the current ledger. Returns `nil` if there is no ledger.
    ///
    /// If `address` has an index, that index is used, and only the entries that are not in the index are read into
    /// memory. If there are many such entries, they are moved to a temporary index. If the temporary index cannot be
    /// written, the entries stay in memory.
    ///
    /// This function does not verify the authentication code of the index. So the returned ledger must not be used to
    /// sign.
    ///
    /// - Parameter address: the address whose index is used, if that index exists.
    public func read(for address: Address? = nil) throws -> Ledger? {
        guard let file = try open() else { return nil }
        // The size is read while the ledger is locked, so no other process is writing. Afterwards, other processes only
        // append lines. So the file can be read up to this size after it is unlocked.
        let size = try file.size()
        file.unlock()
        let index = address.flatMap {
            LedgerIndex(of: LedgerIndex.Place(ledger: path, address: $0), nil, file.facts.identity)
        }
        var ledger = index.map { Ledger($0) } ?? Ledger()
        let identity = file.facts.identity
        let place = LedgerIndex.Place(temporaryOf: path)
        try ledger.read({ try file.read(at: $0, $1) }, to: size) { ledger in
            if ledger.isFull { try? ledger.moveToIndex(at: place, identity) }
        }
        return ledger
    }

    /// Reads the ledger from the first line to the last, and calls `body` with each entry and its hash. Returns `nil`
    /// if there is no ledger. Only a small part of the file is in memory at a time. The file is not locked while it is
    /// read.
    public func follow(_ body: (LedgerEntry, Hash) throws -> Void = { _, _ in }) throws -> LedgerChain? {
        guard let file = try open() else { return nil }
        // The size is read while the ledger is locked, so no other process is writing. Afterwards, other processes only
        // append lines. So the file can be read up to this size after it is unlocked.
        let size = try file.size()
        file.unlock()
        var chain = LedgerChain()
        let rest = try LedgerLines.read({ try file.read(at: $0, $1) }, from: 0, to: size, after: 0) { line in
            let (entry, hash) = try chain.follow(line)
            try body(entry, hash)
        }
        chain.end(with: rest)
        return chain
    }

    private func open() throws(FileError) -> AppendOnlyFile? {
        do throws(FileError) { return try AppendOnlyFile(reading: path, wait) } catch {
            guard error.rule == .missing else { throw error }
            return nil
        }
    }

    /// Creates a ledger. If `head` is `nil`, the new ledger is empty. If not, the new ledger continues a lost ledger
    /// whose last line has the hash `head`. Throws if there is a ledger already.
    public func create(accepting head: Hash?, time: Timestamp, claimedTime: Timestamp) throws {
        // An existing ledger may be long. So it is read with `follow`, which does not keep the entries in memory.
        if let chain = try follow(), chain.count > 0 { throw Problem(LedgerRule.alreadyThere, at: path) }
        var session = try LedgerSession(self, after: nil)
        // A ledger file without entries does not count as a ledger, because a crash can leave such a file.
        guard session.ledger.isEmpty else { throw Problem(LedgerRule.alreadyThere, at: path) }
        guard let head else { return }
        session.add(LedgerEntry(.begin, previous: head, time: time, claimedTime: claimedTime))
        try session.sync()
    }
}

/// A session in which entries are added to the ledger, while the ledger file is locked. The ledger is read at the start
/// and extended in memory. New entries are written to the file and flushed to disk together.
public struct LedgerSession: ~Copyable {
    private let source: LedgerFile
    private var file: AppendOnlyFile
    public private(set) var ledger: Ledger
    private let seal: LedgerSeal?
    private var pending: [UInt8] = []
    /// The size of the ledger file when this session last read or wrote the file.
    private var size: Int
    private var isHeld = true

    /// The maximum number of entries at the end of the ledger that are not in the index. Each process reads these
    /// entries again. If there are more of them, they are added to the index.
    private static let unindexed = 64

    /// Waits for the lock and reads the ledger. If there is no ledger file and no entry was reviewed, it is created.
    ///
    /// The session uses and updates the index of the signing key.
    ///
    /// - Parameters:
    ///   - source: the ledger file.
    ///   - key: the key that signs. The index beside the ledger is sealed with a value that is derived from it.
    ///   - reviewedHead: the head of the ledger that was read for the review. If the ledger file is missing or does not
    ///     know this head, an error is thrown, because the entries that the review checked are lost. `nil` if no ledger
    ///     was read.
    public init(_ source: LedgerFile, for key: borrowing SecretKey, after reviewedHead: Hash?) throws {
        try self.init(source, LedgerSeal(key), after: reviewedHead)
    }

    init(_ source: LedgerFile, _ seal: LedgerSeal? = nil, after reviewedHead: Hash?) throws {
        // The head of an empty ledger is zero. An empty ledger has no entries that could be lost.
        let known = reviewedHead.flatMap { $0.isZero ? nil : $0 }
        let file = try Self.open(source, after: known)
        let ledger = try Self.read(file, source, seal)
        if let known, try !ledger.knows(known) {
            throw Self.lost(known, ledger.isEmpty ? .missing : .headUnknown, source)
        }
        let size = try file.size()
        self.source = source
        self.seal = seal
        self.size = size
        self.ledger = ledger
        self.file = file
    }

    /// Opens and locks the ledger file. Creates it only if this process has read no entry of the ledger before.
    private static func open(_ source: LedgerFile, after known: Hash?) throws -> AppendOnlyFile {
        let path = source.path
        if known == nil, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex {
            try BaseDirectory.create(String(path[..<slash]))
        }
        do throws(FileError) { return try AppendOnlyFile(path, creating: known == nil, source.wait) } catch {
            guard let known, error.rule == .missing else { throw error }
            throw lost(known, .missing, source)
        }
    }

    private static func lost(_ known: Hash, _ rule: LedgerRule, _ source: LedgerFile) -> Problem {
        Problem(
            rule, at: source.path, expected: "the entry \(known)",
            detail: "the file was moved, replaced or shortened while this process was running")
    }

    private static func read(
        _ file: borrowing AppendOnlyFile, _ source: LedgerFile, _ seal: LedgerSeal?
    ) throws -> Ledger {
        let size = try file.size()
        let identity = file.facts.identity
        let index = seal.flatMap { LedgerIndex(of: .init(ledger: source.path, address: $0.address), $0, identity) }
        var ledger = index.map { Ledger($0) } ?? Ledger()
        try ledger.read({ offset, count in try file.read(at: offset, count) }, to: size) { ledger in
            guard ledger.isFull else { return }
            extendIndex(of: &ledger, source, seal, identity, isLast: false)
        }
        if ledger.unfinishedBytes > 0 {
            try file.truncate(to: size - ledger.unfinishedBytes)
        } else if ledger.chain.lacksLineEnd {
            try file.append([UInt8(ascii: "\n")].span)
        } else if size > 0 {
            // The process that wrote the last line may have been killed before it flushed the line to disk. So the file
            // is flushed to disk now.
            try file.sync()
        }
        if ledger.entries.count > unindexed || (index == nil && ledger.index != nil) {
            extendIndex(of: &ledger, source, seal, identity, isLast: true)
        }
        return ledger
    }

    /// Moves the entries in memory to the index. The ledger file must already contain all of these entries. If the
    /// index cannot be written, the entries stay in memory. This is not an error, because the index only makes signing
    /// faster.
    private static func extendIndex(
        of ledger: inout Ledger, _ source: LedgerFile, _ seal: LedgerSeal?, _ identity: FileIdentity, isLast: Bool
    ) {
        guard let seal else { return }
        let place = LedgerIndex.Place(ledger: source.path, address: seal.address)
        do {
            try ledger.moveToIndex(at: place, identity)
            if isLast { try ledger.index?.write(seal) }
        } catch {}
    }

    /// Adds an entry after the last entry of the ledger. Only ``sync()`` writes the new entry to the file.
    ///
    /// - Returns: the hash of the entry.
    @discardableResult mutating func add(_ entry: LedgerEntry) -> Hash {
        let line = entry.line
        pending += line
        pending.append(UInt8(ascii: "\n"))
        return ledger.add(entry, line)
    }

    /// Adds the entry of a payment, unless the ledger already contains it. Throws if the ledger check finds a problem,
    /// such as a used nonce.
    ///
    /// - Parameter clock: the machine's time, which the caller read while the ledger was locked. If `nil`, this
    ///   function reads the machine's time.
    /// - Returns: the hash of the entry that records the payment.
    @discardableResult mutating func record(
        _ payment: ReviewedPayment, _ parts: [SignedPart], at clock: Timestamp? = nil
    ) throws(ProblemList) -> Hash {
        // The clock is read while the ledger is locked. So no other process can record a later time before this entry.
        let clock = clock ?? payment.shared.currentClock
        if let approved = HashApproval.of(payment.request.subject)?.review?.request {
            try approved.requireRecordable(in: ledger, at: clock)
            // This payment approves a Safe transaction, and both are recorded in the ledger. Both are checked first, so
            // that nothing is recorded if one of them is refused.
            _ = try payment.record(in: ledger, parts, at: clock)
            try add(approved, at: clock)
        }
        switch try payment.record(in: ledger, parts, at: clock) {
        case .new(let entry): return add(entry)
        case .standing(let hash): return hash
        }
    }

    /// Adds the entries of a message, unless the ledger already contains them. Throws if the ledger check finds a
    /// problem, such as a used nonce.
    ///
    /// - Parameter clock: the machine's time, which the caller read while the ledger was locked. If `nil`, this
    ///   function reads the machine's time.
    mutating func record(_ signed: SignedMessage, at clock: Timestamp? = nil) throws(ProblemList) {
        let clock = clock ?? signed.request.currentClock
        try signed.request.requireRecordable(in: ledger, at: clock)
        try add(signed.request, at: clock)
    }

    private mutating func add(_ message: MessageRequest, at clock: Timestamp) throws(ProblemList) {
        for entry in try message.entries(in: ledger, at: clock) { add(entry) }
    }

    /// Writes all added entries to the file. Returns only after the entries are flushed to disk.
    public mutating func sync() throws(FileError) {
        guard !pending.isEmpty else { return }
        try file.append(pending.span)
        size += pending.count
        ledger.markRecorded()
        pending.removeAll(keepingCapacity: true)
        // If many entries are in memory, they are moved to the index, so that a long batch does not keep all its
        // entries in memory.
        guard ledger.entries.count >= Ledger.mostInMemory, ledger.index?.isCurrent ?? true else { return }
        Self.extendIndex(of: &ledger, source, seal, file.facts.identity, isLast: true)
    }

    /// Unlocks the ledger file, so that other processes can sign while this process has nothing to sign. ``hold()``
    /// locks the file again.
    public mutating func release() {
        file.unlock()
        isHeld = false
    }

    /// Locks the file again after ``release()``. If another process has changed the file in the meantime, reads the
    /// ledger again. Throws if the ledger no longer contains the entries that this session has read or written.
    public mutating func hold() throws {
        guard !isHeld else { return }
        let isSame = try file.lockAgain(source.wait)
        if isSame, try file.size() == size {
            isHeld = true
            return
        }
        file.unlock()
        self = try LedgerSession(source, seal, after: ledger.recordedHead)
    }
}
