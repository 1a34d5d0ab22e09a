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
                return try line(from: terminal)
            },
            hasTerminal: terminal >= 0,
            showsProgress: isatty(STDERR_FILENO) == 1,
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

    /// One line without its end; nothing when the terminal closed.
    ///
    /// Ctrl-C ends the question and not the process: what ends early is then reported as everything else is.
    private static func line(from descriptor: Int32) throws(Problem) -> String? {
        var interrupt = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&interrupt)
        unsafe sigaddset(&interrupt, SIGINT)
        unsafe pthread_sigmask(SIG_BLOCK, &interrupt, &before)
        let action = signal(SIGINT) { _ in }
        defer {
            signal(SIGINT, action)
            unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        var whileWaiting = before
        unsafe sigdelset(&whileWaiting, SIGINT)

        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 1024 {
            guard wait(for: descriptor, &whileWaiting) else {
                _ = put("\n", on: descriptor)
                throw Problem(QuestionRule.interrupted)
            }
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }

    /// Waits until there is something to read, and lets signals in for that time alone; false when one came.
    private static func wait(for descriptor: Int32, _ signals: inout sigset_t) -> Bool {
        var readable = fd_set()
        let size = MemoryLayout<fd_set>.size
        guard descriptor < size * 8 else { return true }
        // FD_SET, which is a macro: the descriptor's bit.
        unsafe withUnsafeMutableBytes(of: &readable) { unsafe $0[Int(descriptor / 8)] |= 1 << UInt8(descriptor % 8) }
        return unsafe pselect(descriptor + 1, &readable, nil, nil, nil, &signals) >= 0 || errno != EINTR
    }
}

/// The rules of standard output.
public enum OutputRule: String, Rule {
    case notWritten = "output.not-written"

    public var meaning: String { "the result could not be written to standard output" }
    public var next: String { "what was written is incomplete: make room, or mend the pipe, and run again" }
    public var exit: ExitCode { .cannotWrite }
}

/// The rules of questions.
public enum QuestionRule: String, Rule {
    case interrupted = "question.interrupted"

    public var meaning: String { "interrupted at a question" }
    public var next: String { "nothing was done: run the command again to be asked again" }
    public var exit: ExitCode { .interrupted }
}
