public import EthereumTypes
import Files
import Problems

/// The ledger's file: append-only, locked while it is read to be written, and durable before a signature is put out.
public struct LedgerFile: Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// The ledger as it is now; nothing when there is none.
    public func read() throws -> Ledger? {
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try AppendOnlyFile(path, creating: false)
            bytes = try file.read()
        } catch {
            guard error.rule == .missing else { throw error }
            return nil
        }
        return try Ledger(bytes)
    }

    /// Begins a ledger: an empty one, or one that goes on from the head of a lost one.
    public func create(accepting head: Hash?, time: Timestamp, claimedTime: Timestamp) throws {
        var session = try LedgerSession(self)
        // One without an entry was not begun: a crash can leave it, and it must not stand in the way.
        guard session.ledger.entries.isEmpty else { throw Problem(LedgerRule.alreadyThere, at: path) }
        guard let head else { return }
        session.add(LedgerEntry(.begin, previous: head, time: time, claimedTime: claimedTime))
        try session.sync()
    }

    /// Records what `decide` makes of the ledger as it is while nobody else can write to it.
    ///
    /// `decide` answers with a new entry, or with one that is there already; when it throws, nothing is recorded.
    func record(_ decide: (Ledger) throws -> (entry: LedgerEntry, isNew: Bool)) throws -> LedgerEntry {
        var session = try LedgerSession(self)
        let (entry, isNew) = try decide(session.ledger)
        if isNew {
            session.add(entry)
            try session.sync()
        }
        return entry
    }
}
