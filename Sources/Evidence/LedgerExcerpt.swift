package import AirlockDiagnostics
package import AirlockEthereumTypes
package import AirlockSigning
import AirlockStrictJSON

/// Consecutive entries that were copied from a ledger. The first entry records the payment or signature that the
/// evidence folder is about. If the reader knows the hash of the last entry from another source, such as the relay,
/// this hash confirms all entries.
package struct LedgerExcerpt: Sendable {
    /// The entries, each with the hash of its line. There is at least one entry. Each entry contains the hash of the
    /// previous entry's line.
    package private(set) var entries: [(entry: LedgerEntry, hash: Hash)] = []

    /// The maximum size of an excerpt in bytes. About ten thousand entries fit.
    package static let mostBytes = 8 << 20

    /// The lines of the entries, exactly as the ledger contains them.
    package var bytes: [UInt8] { entries.flatMap { $0.entry.line + [UInt8(ascii: "\n")] } }

    /// The hash of the last line of the excerpt.
    package var head: Hash { entries.last?.hash ?? .zero }

    /// Extracts entries from a ledger. Also checks the whole hash chain of the ledger.
    ///
    /// - Parameters:
    ///   - file: the ledger.
    ///   - head: the hash of the last entry to include; `nil` to include all entries up to the end.
    ///   - mostBytes: the maximum size of all entries together.
    ///   - isFirst: a function that returns true for the first entry of the excerpt.
    /// - Returns: `nil` if there is no ledger, or if `isFirst` returns true for none of its entries.
    package init?(
        of file: LedgerFile, to head: Hash? = nil, atMost mostBytes: Int = mostBytes,
        from isFirst: (LedgerEntry) -> Bool
    ) throws {
        var found: [(entry: LedgerEntry, hash: Hash)] = []
        var size = 0
        var isWhole = false
        let chain = try file.follow { entry, hash in
            guard !isWhole, !found.isEmpty || isFirst(entry) else { return }
            found.append((entry, hash))
            isWhole = hash == head
            size += entry.line.count + 1
            guard size <= mostBytes else {
                throw Problem(
                    EvidenceRule.tooManyEntries, at: file.path, saw: "more than \(mostBytes) bytes of them",
                    expected: "an earlier entry to end with")
            }
        }
        guard chain != nil, !found.isEmpty else { return nil }
        if let head, !isWhole { throw Problem(EvidenceRule.headUnknown, at: file.path, saw: "\(head)") }
        entries = found
    }

    /// Reads the lines of an excerpt. Each line must contain the hash of the previous line.
    package init(_ bytes: [UInt8]) throws(ProblemList) {
        guard bytes.last == UInt8(ascii: "\n") else {
            throw ProblemList(Problem(LedgerRule.malformed, at: "the last line", expected: "an end of line"))
        }
        for (index, line) in bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            let place = "line \(index + 1)"
            let entry: LedgerEntry
            do { entry = try LedgerEntry(Array(line)) } catch {
                throw ProblemList(error.problems.map { Problem(LedgerRule.malformed, because: $0, at: place) }) ?? error
            }
            guard entries.isEmpty || entry.previous == head && entry.subject != .begin else {
                throw ProblemList(
                    Problem(EvidenceRule.brokenChain, at: place, saw: "\(entry.previous)", expected: "\(head)"))
            }
            entries.append((entry, Hash.keccak(Array(line))))
        }
    }
}
