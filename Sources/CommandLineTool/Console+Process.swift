internal import Glibc
public import Problems

extension Console {
    /// The console of this process.
    public static func process() -> Console {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        return Console(
            write: { text in
                guard put(text, on: STDOUT_FILENO) else { throw Problem(OutputRule.notWritten) }
            },
            note: { text in _ = put(text, on: STDERR_FILENO) },
            input: standardInput,
            ask: { question in
                guard terminal >= 0, put(question, on: terminal) else { return nil }
                return line(from: terminal)
            },
            hasTerminal: terminal >= 0,
            width: columns(of: STDERR_FILENO) ?? 80)
    }

    /// Nothing when it is no terminal; kept between what a review needs and what a line can be read in.
    private static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return max(40, min(Int(size.ws_col), 100))
    }

    /// Writes all of it, or says that it could not. A reader that went away ends the process by SIGPIPE, as in any
    /// pipe.
    private static func put(_ text: String, on descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func standardInput() throws(Problem) -> [UInt8] {
        let size = 1 << 16
        while true {
            var count = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
                count = unsafe Glibc.read(STDIN_FILENO, buffer.baseAddress, size)
                initialized = max(0, count)
            }
            if count >= 0 { return bytes }
            guard errno == EINTR else { throw Problem(InputRule.unreadable) }
        }
    }

    /// One line without its end; nothing when the terminal closed.
    private static func line(from descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 1024 {
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}

/// The rules of standard output.
public enum OutputRule: String, Rule {
    case notWritten = "output.not-written"

    public var meaning: String { "the result could not be written to standard output" }
    public var next: String { "what was written is incomplete: make room, or mend the pipe, and run again" }
    public var exit: ExitCode { .cannotWrite }
}
