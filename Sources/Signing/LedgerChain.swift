public import AirlockEthereumTypes
import AirlockDiagnostics

/// The chain of the ledger's lines, each of which holds the hash of the one before: as far as it was followed.
public struct LedgerChain: Sendable {
    /// How many lines were followed.
    public internal(set) var count = 0
    /// The hash of the last line; zero where there is none.
    public internal(set) var head = Hash.zero
    /// The latest time of a line.
    public internal(set) var latest = Timestamp(seconds: 0)
    /// The bytes after the last line: a crash in the middle of a write leaves them. Airlock wrote no payment for them.
    public private(set) var unfinishedBytes = 0
    /// Did a crash take the end of the last line, and nothing else of it?
    private(set) var lacksLineEnd = false

    public init() {}

    /// Takes in an entry that was read or made, and follows.
    mutating func add(_ entry: LedgerEntry, _ hash: Hash) {
        count += 1
        head = hash
        latest = max(latest, entry.time)
    }

    /// Takes in what comes after the end of the last line.
    mutating func end(with rest: LedgerLines.Rest) {
        switch rest {
        case .nothing: break
        case .lineEndMissing: lacksLineEnd = true
        case .unfinished(let bytes): unfinishedBytes = bytes
        }
    }

    /// Reads the next line, which has to follow.
    mutating func follow(_ line: [UInt8]) throws(ProblemList) -> (entry: LedgerEntry, hash: Hash) {
        let place = "line \(count + 1)"
        let entry: LedgerEntry
        do { entry = try LedgerEntry(line) } catch {
            let problems = error.problems.map { problem in
                problem.rule is LedgerRule
                    ? problem.at(place) : Problem(LedgerRule.malformed, because: problem, at: place)
            }
            throw ProblemList(problems) ?? ProblemList(Problem(LedgerRule.malformed, at: place))
        }
        guard count == 0 || entry.previous == head else {
            throw ProblemList(
                Problem(LedgerRule.brokenChain, at: place, saw: "\(entry.previous)", expected: "\(head)"))
        }
        guard count == 0 ? entry.previous.isZero || entry.subject == .begin : entry.subject != .begin else {
            throw ProblemList(Problem(LedgerRule.brokenChain, at: place, saw: "\(entry.previous)"))
        }
        let hash = Hash.keccak(line)
        add(entry, hash)
        return (entry, hash)
    }

    /// What is to be said of a last line that a crash left unfinished; `nil` where there is none.
    public var unfinished: String? {
        guard unfinishedBytes > 0 else { return nil }
        let bytes = unfinishedBytes == 1 ? "1 byte" : "\(unfinishedBytes) bytes"
        return "the last line is unfinished: \(bytes), as a crash leaves it before anything is put out; "
            + "the next signature takes it away"
    }
}
