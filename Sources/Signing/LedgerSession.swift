import EthereumTypes
public import Files
import Problems

/// The ledger for as long as nobody else can write to it: read once, added to in memory, and made durable in one go.
public struct LedgerSession: ~Copyable {
    private let file: AppendOnlyFile
    public private(set) var ledger: Ledger
    private var pending: [UInt8] = []

    /// Waits until no other process has it, and reads it; a missing one is created.
    public init(_ ledgerFile: LedgerFile) throws {
        let path = ledgerFile.path
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex {
            try BaseDirectory.create(String(path[..<slash]))
        }
        let file = try AppendOnlyFile(path, creating: true)
        let bytes = try file.read()
        let ledger = try Ledger(bytes)
        if ledger.unfinishedBytes > 0 {
            try file.truncate(to: bytes.count - ledger.unfinishedBytes)
        } else if ledger.lacksLineEnd {
            try file.append([UInt8(ascii: "\n")].span)
        } else if !bytes.isEmpty {
            // Whoever wrote the last line may have been killed before the disk had confirmed it.
            try file.sync()
        }
        self.ledger = ledger
        self.file = file
    }

    /// Adds an entry that follows the last one. It is not durable before ``sync()``.
    mutating func add(_ entry: LedgerEntry) {
        let line = entry.line
        ledger.add(entry, hash: .keccak(line))
        pending += line
        pending.append(UInt8(ascii: "\n"))
    }

    /// Returns once everything that was added would outlast a power cut.
    public mutating func sync() throws(FileError) {
        guard !pending.isEmpty else { return }
        try file.append(pending.span)
        pending.removeAll(keepingCapacity: true)
    }
}
