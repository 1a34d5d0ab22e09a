import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockFiles
import AirlockStrictJSON

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

/// Reads the lines of a ledger piece by piece: however long it is, no more than a piece and a line are in memory.
enum LedgerLines {
    /// Of bytes, or of a file.
    typealias Source = (_ offset: Int, _ count: Int) throws -> [UInt8]

    private static let piece = 1 << 18
    /// No entry is as long: the most transactions that one can hold are a hundredth of it.
    private static let longest = 1 << 20

    /// What comes after the end of the last line.
    enum Rest {
        case nothing
        /// The last line is whole but for its end.
        case lineEndMissing
        /// The beginning of a line, of so many bytes.
        case unfinished(Int)
    }

    /// Gives each line from an offset to the end, in order, and says how the last one ends.
    ///
    /// What comes after the end of the last line is an entry too where it is all of one, since it may have been signed
    /// and put out. No part of an object is JSON, so what else begins as a line was never finished, and is no line.
    /// Anything that does not begin as a line is refused: somebody else wrote it.
    static func read(
        _ source: Source, from start: Int, to end: Int, after known: Int, _ body: ([UInt8]) throws -> Void
    ) throws -> Rest {
        var count = known
        if start == 0, end > 0 { try requireLedger(source(0, min(end, piece))) }
        var offset = start
        var rest: [UInt8] = []
        while offset < end {
            let bytes = try source(offset, min(piece, end - offset))
            guard !bytes.isEmpty else { break }
            offset += bytes.count
            var begin = 0
            while let feed = bytes[begin...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest + bytes[begin..<feed]
                rest = []
                begin = feed + 1
                try body(line)
                count += 1
            }
            rest += bytes[begin...]
            guard rest.count <= longest else { throw malformed(count + 1) }
        }
        guard !rest.isEmpty else { return .nothing }
        if (try? JSONDocument(rest)) != nil {
            try body(rest)
            return .lineEndMissing
        } else {
            guard LedgerEntry.canBegin(with: rest) else { throw malformed(count + 1) }
            return .unfinished(rest.count)
        }
    }

    private static func malformed(_ line: Int) -> ProblemList {
        ProblemList(Problem(LedgerRule.malformed, at: "line \(line)"))
    }

    /// A line that somebody altered is told by its number; a file that holds no line of ours was never a ledger.
    private static func requireLedger(_ bytes: [UInt8]) throws(ProblemList) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard lines.contains(where: { LedgerEntry.canBegin(with: $0) }) else {
            throw ProblemList(Problem(LedgerRule.notALedger, at: "line 1"))
        }
    }
}
