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
        guard try read() == nil else { throw Problem(LedgerRule.alreadyThere, at: path) }
        try createFolder()
        let file = try AppendOnlyFile(path, creating: true)
        guard let head, try file.read().isEmpty else { return }
        try file.append(
            Self.bytes(LedgerEntry(.begin, previous: head, time: time, claimedTime: claimedTime)).span)
    }

    /// Records what `decide` makes of the ledger as it is while nobody else can write to it.
    ///
    /// `decide` answers with a new entry, or with one that is there already; when it throws, nothing is recorded.
    func record(
        _ decide: (Ledger) throws -> (entry: LedgerEntry, isNew: Bool)
    ) throws -> LedgerEntry {
        try createFolder()
        let file = try AppendOnlyFile(path, creating: true)
        let bytes = try file.read()
        let (entry, isNew) = try decide(Ledger(bytes))
        if isNew {
            // A crash can leave a part of a line behind; nothing was ever put out for it.
            let whole = Ledger.wholeLines(bytes)
            if whole < bytes.count { try file.truncate(to: whole) }
            try file.append(Self.bytes(entry).span)
        }
        return entry
    }

    private static func bytes(_ entry: LedgerEntry) -> [UInt8] { entry.line + [UInt8(ascii: "\n")] }

    private func createFolder() throws(FileError) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return }
        try BaseDirectory.create(String(path[..<slash]))
    }
}
