internal import Glibc
package import AirlockDiagnostics

/// Reads a stream line by line, in constant memory.
package struct LineReader {
    /// The maximum length of a line in bytes.
    package static let limit = 1 << 20

    /// Reads more bytes of the stream. Returns an empty array at the end of the stream.
    private let read: () throws -> [UInt8]
    /// Whether a read would return without waiting, because there is data or because the stream is closed.
    private let isReady: () -> Bool
    private var buffer: [UInt8] = []
    /// The index in the buffer where the next line begins.
    private var start = 0
    /// The index up to which the buffer has been searched for a line break. The next search begins there, so that no
    /// byte is searched twice.
    private var searched = 0
    private var hasEnded = false

    package init(_ read: @escaping () throws -> [UInt8], isReady: @escaping () -> Bool = { false }) {
        self.read = read
        self.isReady = isReady
    }

    /// Whether a whole line can be returned without waiting for input.
    package mutating func hasLine() throws -> Bool {
        while true {
            if lineEnd() != nil { return true }
            guard !hasEnded, buffer.count - start <= Self.limit, isReady() else {
                return hasEnded && start < buffer.count
            }
            try fill()
        }
    }

    /// Reads the next line and removes the line ending. Returns a problem if the line is too long. Returns `nil` at the
    /// end of the stream.
    package mutating func next() throws -> Result<[UInt8], Problem>? {
        while true {
            if let end = lineEnd() {
                guard end - start <= Self.limit else {
                    _ = take(to: end, andSkip: 1)
                    return .failure(Self.tooLong)
                }
                return .success(take(to: end, andSkip: 1))
            }
            if buffer.count - start > Self.limit { return try skipLongLine() }
            guard !hasEnded else { return start < buffer.count ? .success(take(to: buffer.count, andSkip: 0)) : nil }
            try fill()
        }
    }

    /// Returns the index of the next line break in the buffer; `nil` if there is none yet. The search begins at
    /// `searched`.
    private mutating func lineEnd() -> Int? {
        let end: Int? = unsafe buffer.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[searched...])
            guard let from = rest.baseAddress, let found = unsafe memchr(from, 0x0a, rest.count) else { return nil }
            return unsafe searched + from.distance(to: found)
        }
        searched = end ?? buffer.count
        return end
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

    /// Skips the rest of a line that is too long. Reading can then continue with the next line.
    private mutating func skipLongLine() throws -> Result<[UInt8], Problem> {
        repeat {
            start = buffer.count
            searched = start
            try fill()
        } while !hasEnded && lineEnd() == nil
        if let end = lineEnd() {
            _ = take(to: end, andSkip: 1)
        } else {
            start = buffer.count
        }
        return .failure(Self.tooLong)
    }

    private static var tooLong: Problem { Problem(InputRule.lineTooLong, expected: "at most \(limit) bytes") }
}

/// The error codes for reading standard input.
package enum InputRule: String, Advised {
    case lineTooLong = "input.line-too-long"
    case interrupted = "input.interrupted"
    case unreadable = "input.unreadable"

    package var meaning: String {
        switch self {
        case .lineTooLong: "the line is too long"
        case .interrupted: "interrupted"
        case .unreadable: "standard input cannot be read"
        }
    }

    package var next: String {
        switch self {
        case .lineTooLong: "give each value on a line of its own"
        case .interrupted:
            "run it again: what was answered, sent or recorded is done; with --lines, the message says where to continue"
        case .unreadable: "give a file or a pipe on standard input"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .lineTooLong: .malformedInput
        case .interrupted: .interrupted
        case .unreadable: .missingInput
        }
    }
}
