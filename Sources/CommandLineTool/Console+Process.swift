internal import Glibc
import AirlockDiagnostics

extension Console {
    /// The console of this process.
    package static func process() -> Console {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        let window = window(of: STDERR_FILENO)
        return Console(
            write: { text in
                guard put(text, on: STDOUT_FILENO) else { throw Problem(OutputRule.notWritten) }
            },
            note: { text in _ = put(text, on: STDERR_FILENO) },
            input: standardInput,
            inputIsReady: {
                var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                return unsafe poll(&request, 1, 0) == 1
            },
            ask: { question in
                var answer: [UInt8] = []
                let isAnswered = try Question(terminal).ask(question, hidden: false) { byte in
                    if let byte { answer.append(byte) } else { answer.removeAll() }
                }
                guard isAnswered else { return nil }
                return String(decoding: answer, as: UTF8.self)
            },
            askSecret: { question, page, take in try Question(terminal).ask(question, hidden: true, page: page, take) },
            show: { bytes in _ = put(bytes, on: terminal) },
            animate: { Animation(terminal).run($0, $1) },
            hasTerminal: terminal >= 0,
            showsProgress: isatty(STDERR_FILENO) == 1,
            // no-color.org: set and not empty, whatever it says.
            showsColour: isatty(STDERR_FILENO) == 1
                && (unsafe getenv("NO_COLOR").map { unsafe $0.pointee == 0 } ?? true),
            width: width(of: self.window(of: STDOUT_FILENO)), noteWidth: width(of: window), window: window)
    }

    /// How many columns a text may take: as many as COLUMNS says, or as the window has, between what a review needs
    /// and what a line can be read in. Where there is neither, a program reads it: nothing is wrapped.
    private static func width(of window: Window?) -> Int {
        if let text = unsafe getenv("COLUMNS").map({ unsafe String(cString: $0) }), let columns = Int(text), columns > 0
        {
            return max(40, columns)
        }
        return window.map { max(40, min($0.columns, 100)) } ?? .max
    }

    /// `nil` when it is no terminal, or one that does not know its size.
    static func window(of descriptor: Int32) -> Window? {
        var size = winsize()
        guard isatty(descriptor) == 1, unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Window(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Writes all of it, or says that it could not. A reader that went away ends the process by SIGPIPE, as in any
    /// pipe.
    static func put(_ text: String, on descriptor: Int32) -> Bool { put(text.utf8Span.span, on: descriptor) }

    private static func put(_ bytes: Span<UInt8>, on descriptor: Int32) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            var rest = unsafe bytes[...]
            while unsafe !rest.isEmpty {
                let piece = unsafe UnsafeBufferPointer(rebasing: rest)
                let count = unsafe Glibc.write(descriptor, piece.baseAddress, piece.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                unsafe rest = rest.dropFirst(count)
            }
            return true
        }
    }

    private static func standardInput() throws(Problem) -> [UInt8] {
        // A pipe gives 64 KiB at most; of a file more at once keeps all cores busy.
        let size = 1 << 20
        while true {
            try waitForInput()
            var count = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
                count = unsafe Glibc.read(STDIN_FILENO, buffer.baseAddress, size)
                initialized = max(0, count)
            }
            if count >= 0 { return bytes }
            guard errno == EINTR else { throw Problem(InputRule.unreadable) }
        }
    }

    /// Where interrupts are held back, they are looked for while nothing comes.
    private static func waitForInput() throws(Problem) {
        guard Interrupts.areHeld else { return }
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        repeat {
            if Interrupts.isPending { throw Problem(InputRule.interrupted) }
        } while unsafe poll(&request, 1, 100) == 0
    }
}

/// The rules of standard output.
package enum OutputRule: String, Advised {
    case notWritten = "output.not-written"

    package var meaning: String { "the result could not be written to standard output" }
    package var next: String { "what was written is incomplete: make room, or mend the pipe, and run again" }
    package var exit: ExitCode { .cannotWrite }
}
