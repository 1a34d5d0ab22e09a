import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockFiles
import AirlockStrictJSON

/// The state of the ledger's hash chain after the lines that were read so far. Each line contains the hash of the line
/// before it.
public struct LedgerChain: Sendable {
    /// The number of lines that were read.
    public internal(set) var count = 0
    /// The hash of the last line. It is zero if there is no line.
    public internal(set) var head = Hash.zero
    /// The latest time in the lines that were read.
    public internal(set) var latest = Timestamp(seconds: 0)
    /// The number of bytes after the last complete line. A crash or a power cut during a write can leave such bytes.
    /// They belong to a signature that was never output, because Airlock outputs a signature only after its whole line
    /// is on disk.
    public private(set) var unfinishedBytes = 0
    /// Whether the last line is complete, but lacks its line ending. A crash can cause this.
    private(set) var lacksLineEnd = false

    public init() {}

    /// Adds an entry after the last one.
    mutating func add(_ entry: LedgerEntry, _ hash: Hash) {
        count += 1
        head = hash
        latest = max(latest, entry.time)
    }

    /// Records what follows the last line ending of the ledger file.
    mutating func end(with rest: LedgerLines.Rest) {
        switch rest {
        case .nothing: break
        case .lineEndMissing: lacksLineEnd = true
        case .unfinished(let bytes): unfinishedBytes = bytes
        }
    }

    /// Reads the next line. Throws if the line is malformed, or does not contain the hash of the line before.
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

    /// A warning that a crash left the last line unfinished. `nil` if the last line is finished.
    public var unfinished: String? {
        guard unfinishedBytes > 0 else { return nil }
        let bytes = unfinishedBytes == 1 ? "1 byte" : "\(unfinishedBytes) bytes"
        return "the last line is unfinished: \(bytes), as a crash leaves it before anything is put out; "
            + "the next signature takes it away"
    }
}

/// Reads the lines of a ledger. The file is read in pieces of 256 KiB, so that a long ledger needs little memory.
enum LedgerLines {
    /// A function that returns bytes of the ledger, from memory or from a file.
    typealias Source = (_ offset: Int, _ count: Int) throws -> [UInt8]

    private static let piece = 1 << 18
    /// The maximum length of a line. Even an entry with the maximum number of transactions is only about a hundredth of
    /// this length.
    private static let longest = 1 << 20

    /// What follows the last line ending of the ledger file.
    enum Rest {
        case nothing
        /// A last line whose content is complete, but whose line ending is missing.
        case lineEndMissing
        /// The beginning of a line that was not completely written, or zero bytes, or both. The associated value is the
        /// number of bytes.
        case unfinished(Int)
    }

    /// Calls `body` with each line from an offset to the end, in order. Returns what follows the last line ending.
    ///
    /// There are three cases for the bytes after the last line ending. If they are complete JSON, they are read as an
    /// entry, because the signature that the entry records may already have been output. If they are the beginning of a
    /// line, they are not an entry, because the line was never finished. Zero bytes can follow this beginning or stand
    /// in its place, because some file systems leave them if the power was cut during the write. Any other bytes are
    /// refused, because Airlock did not write them.
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
        var written = rest
        while written.last == 0 { written.removeLast() }
        let isComplete = (try? JSONDocument(written)) != nil
        if isComplete, written.count == rest.count {
            try body(rest)
            return .lineEndMissing
        } else {
            guard !isComplete, written.isEmpty || LedgerEntry.canBegin(with: written) else {
                throw malformed(count + 1)
            }
            return .unfinished(rest.count)
        }
    }

    private static func malformed(_ line: Int) -> ProblemList {
        ProblemList(Problem(LedgerRule.malformed, at: "line \(line)"))
    }

    /// Throws if none of the given lines looks like a line of a ledger; the file is then not a ledger. A ledger in
    /// which only some lines were altered is accepted here. The first altered line is reported later, with its number.
    private static func requireLedger(_ bytes: [UInt8]) throws(ProblemList) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard lines.contains(where: { LedgerEntry.canBegin(with: $0) }) else {
            throw ProblemList(Problem(LedgerRule.notALedger, at: "line 1"))
        }
    }
}
