import EthereumTypes
public import Files
import PaymentFiles
import Problems

/// The ledger for as long as nobody else can write to it: read once, added to in memory, and made durable in one go.
public struct LedgerSession: ~Copyable {
    private let source: LedgerFile
    private var file: AppendOnlyFile
    public private(set) var ledger: Ledger
    private var pending: [UInt8] = []
    /// How long the file was when it was last held.
    private var size: Int
    private var isHeld = true

    /// Waits until no other process has it, and reads it; a missing one is created.
    public init(_ source: LedgerFile) throws {
        let path = source.path
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex {
            try BaseDirectory.create(String(path[..<slash]))
        }
        let file = try AppendOnlyFile(path, creating: true, source.wait)
        let ledger = try Self.read(file)
        let size = try file.size()
        self.source = source
        self.size = size
        self.ledger = ledger
        self.file = file
    }

    private static func read(_ file: borrowing AppendOnlyFile) throws -> Ledger {
        let size = try file.size()
        var ledger = Ledger()
        try ledger.read({ offset, count in try file.read(at: offset, count) }, to: size)
        if ledger.unfinishedBytes > 0 {
            try file.truncate(to: size - ledger.unfinishedBytes)
        } else if ledger.chain.lacksLineEnd {
            try file.append([UInt8(ascii: "\n")].span)
        } else if size > 0 {
            // Whoever wrote the last line may have been killed before the disk had confirmed it.
            try file.sync()
        }
        return ledger
    }

    /// Adds an entry that follows the last one. It is not durable before ``sync()``.
    mutating func add(_ entry: LedgerEntry) {
        let line = entry.line
        ledger.add(entry, hash: .keccak(line))
        pending += line
        pending.append(UInt8(ascii: "\n"))
    }

    /// Adds the entry of a payment, where it is not there already, as of this moment. Throws what the ledger refuses.
    mutating func record(
        _ payment: ReviewedPayment, _ transactions: [Payment.Transaction]
    ) throws(ProblemList) -> LedgerEntry {
        // The clock is looked at while nobody else can write, so no other process can have recorded a later time.
        let (entry, isNew) = try payment.entry(
            following: ledger, transactions, at: payment.request.currentClock)
        if isNew { add(entry) }
        return entry
    }

    /// Returns once everything that was added would outlast a power cut.
    public mutating func sync() throws(FileError) {
        guard !pending.isEmpty else { return }
        try file.append(pending.span)
        size += pending.count
        pending.removeAll(keepingCapacity: true)
    }

    /// Lets others write to it, for as long as there is nothing to sign. ``hold()`` goes on.
    public mutating func release() {
        file.unlock()
        isHeld = false
    }

    /// Goes on after ``release()``, with what others have written meanwhile.
    public mutating func hold() throws {
        guard !isHeld else { return }
        let isSame = try file.lockAgain(source.wait)
        if isSame, try file.size() == size {
            isHeld = true
            return
        }
        file.unlock()
        self = try LedgerSession(source)
    }
}
