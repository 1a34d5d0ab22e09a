public import AirlockEthereumTypes
public import AirlockFiles
import AirlockDiagnostics

/// The ledger's file: append-only, locked while it is read to be written, and durable before a signature is put out.
public struct LedgerFile: Sendable {
    public let path: String
    let wait: LockWait

    /// A file that is there or not; `wait` says how long to wait while another process holds it.
    public init(_ path: String, _ wait: LockWait = LockWait()) {
        self.path = path
        self.wait = wait
    }

    /// The ledger as it is now; `nil` when there is none.
    ///
    /// What is long is found by an index as well: by that of the address, or by one that ends with the result. Where
    /// the folder of the ledger cannot be written to, the entries stay in memory.
    ///
    /// - Parameter address: whose index to use, where there is one. What is signed never depends on this reading.
    public func read(for address: Address? = nil) throws -> Ledger? {
        guard let file = try open() else { return nil }
        // What is there now was written whole, and does not change any more.
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

    /// Follows the chain from the first line to the last, and gives each entry with its hash; `nil` when there is no
    /// ledger. No more than a line is kept, and nobody who signs meanwhile is kept waiting.
    public func follow(_ body: (LedgerEntry, Hash) throws -> Void = { _, _ in }) throws -> LedgerChain? {
        guard let file = try open() else { return nil }
        // What is there now was written whole, and does not change any more.
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

    /// Begins a ledger: an empty one, or one that goes on from the head of a lost one.
    public func create(accepting head: Hash?, time: Timestamp, claimedTime: Timestamp) throws {
        // However long it is, it is not kept in memory to say no.
        if let chain = try follow(), chain.count > 0 { throw Problem(LedgerRule.alreadyThere, at: path) }
        var session = try LedgerSession(self)
        // One without an entry was not begun: a crash can leave it, and it must not stand in the way.
        guard session.ledger.isEmpty else { throw Problem(LedgerRule.alreadyThere, at: path) }
        guard let head else { return }
        session.add(LedgerEntry(.begin, previous: head, time: time, claimedTime: claimedTime))
        try session.sync()
    }
}
