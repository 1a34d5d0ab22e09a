import AirlockFiles
import AirlockDiagnostics
import AirlockStrictJSON

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
