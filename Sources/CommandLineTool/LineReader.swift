public import Problems

/// Lines of a stream, one after the other, in memory that a long stream does not grow.
public struct LineReader {
    /// The longest line that is taken.
    public static let limit = 1 << 20

    /// More bytes of the stream; none at its end.
    private let read: () throws -> [UInt8]
    private var buffer: [UInt8] = []
    /// Where the next line begins in the buffer.
    private var start = 0
    /// Up to where no line's end was found.
    private var searched = 0
    private var hasEnded = false

    public init(_ read: @escaping () throws -> [UInt8]) { self.read = read }

    /// Is there a whole line that nobody need wait for?
    public var hasLine: Bool { buffer[searched...].contains(UInt8(ascii: "\n")) }

    /// The next line without its end, or why it cannot be taken; nothing at the end of the stream.
    public mutating func next() throws -> Result<[UInt8], Problem>? {
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return .success(take(to: end, andSkip: 1))
            }
            searched = buffer.count
            if buffer.count - start > Self.limit { return try skipLongLine() }
            guard !hasEnded else { return start < buffer.count ? .success(take(to: buffer.count, andSkip: 0)) : nil }
            try fill()
        }
    }

    private mutating func take(to end: Int, andSkip count: Int) -> [UInt8] {
        let line = Array(buffer[start..<end])
        start = end + count
        searched = start
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }

    private mutating func fill() throws {
        buffer.removeSubrange(..<start)
        searched -= start
        start = 0
        let more = try read()
        if more.isEmpty { hasEnded = true } else { buffer += more }
    }

    /// Leaves out all of a line that is too long, so that the next one is a whole line again.
    private mutating func skipLongLine() throws -> Result<[UInt8], Problem> {
        repeat {
            start = buffer.count
            searched = start
            try fill()
        } while !hasEnded && !hasLine
        if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
            _ = take(to: end, andSkip: 1)
        } else {
            start = buffer.count
        }
        return .failure(Problem(InputRule.lineTooLong, expected: "at most \(Self.limit) bytes"))
    }
}

/// The rules of lines that are read.
public enum InputRule: String, Rule {
    case lineTooLong = "input.line-too-long"
    case interrupted = "input.interrupted"
    case unreadable = "input.unreadable"

    public var meaning: String {
        switch self {
        case .lineTooLong: "the line is too long"
        case .interrupted: "interrupted"
        case .unreadable: "standard input cannot be read"
        }
    }

    public var next: String {
        switch self {
        case .lineTooLong: "give each value on a line of its own"
        case .interrupted: "what was answered is done; go on with the line that the message names"
        case .unreadable: "give a file or a pipe on standard input"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .lineTooLong: .malformedInput
        case .interrupted: .interrupted
        case .unreadable: .missingInput
        }
    }
}
