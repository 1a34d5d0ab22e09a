package import AirlockDiagnostics
package import AirlockStrictJSON
internal import Glibc

/// The input and output of a tool. Results go to standard output. Questions, progress and errors go to standard error.
///
/// A tool receives its console as a value, so tests can pass in a different one.
package struct Console: Sendable {
    /// Writes a complete result to standard output. Throws if the result cannot be written.
    package var write: @Sendable (String) throws -> Void
    /// Writes a string to standard error.
    package let note: @Sendable (String) -> Void
    /// Reads the next bytes of standard input. Returns an empty array at the end of standard input.
    package let input: @Sendable () throws -> [UInt8]
    /// Whether a read of standard input would return without waiting, because there is data or because standard input
    /// is closed.
    package let inputIsReady: @Sendable () -> Bool
    /// Asks the user at the terminal. Returns `nil` if there is no terminal or the terminal was closed. Throws if the
    /// user types Ctrl-C.
    package let ask: @Sendable (_ question: String) throws -> String?
    /// Asks the user at the terminal, and hides the typed characters. Passes each byte of the answer to `take`. Passes
    /// `nil` to `take` if all bytes so far must be discarded. Returns `false` if there is no terminal or the terminal
    /// was closed. Throws if the user types Ctrl-C.
    ///
    /// `page` is called with `true` to show a page of text with the question. It is called with `false` to remove the
    /// page. If a signal such as Ctrl-C arrives, the page is removed before the signal takes effect.
    package let askSecret:
        @Sendable (_ question: String, _ page: (Bool) -> Void, _ take: (UInt8?) -> Void) throws -> Bool
    /// Writes bytes to the terminal. If there is no terminal, the bytes are discarded.
    package let show: @Sendable (Span<UInt8>) -> Void
    /// Shows an animation at the terminal until the user stops it. Each picture is shown for the time `milliseconds`.
    /// Returns `false` if there is no terminal.
    package let animate: @Sendable (_ milliseconds: Int, _ picture: (Int, Window) -> String) -> Bool
    /// Whether there is a terminal where the user can be asked.
    package let hasTerminal: Bool
    /// Whether standard error is a terminal. Progress is shown in a line that is overwritten, which is possible only on
    /// a terminal.
    package let showsProgress: Bool
    /// Whether text on standard error is allowed to have colours.
    package let showsColour: Bool
    /// The width to which text on standard output is wrapped; `Int.max` if the text is not wrapped.
    package let width: Int
    /// The width to which text on standard error and on the terminal is wrapped.
    package let noteWidth: Int
    /// The size of the terminal window that shows standard error; `nil` if standard error is not a terminal.
    package let window: Window?

    package struct Window: Hashable, Sendable {
        package let columns: Int
        package let rows: Int
    }

    package init(
        write: @escaping @Sendable (String) throws -> Void, note: @escaping @Sendable (String) -> Void,
        input: @escaping @Sendable () throws -> [UInt8] = { [] },
        inputIsReady: @escaping @Sendable () -> Bool = { false },
        ask: @escaping @Sendable (String) throws -> String?,
        askSecret: @escaping @Sendable (String, (Bool) -> Void, (UInt8?) -> Void) throws -> Bool = { _, _, _ in false },
        show: @escaping @Sendable (Span<UInt8>) -> Void = { _ in },
        animate: @escaping @Sendable (Int, (Int, Window) -> String) -> Bool = { _, _ in false }, hasTerminal: Bool,
        showsProgress: Bool = false,
        showsColour: Bool = false, width: Int = 80, noteWidth: Int = 80,
        window: Window? = nil
    ) {
        self.write = write
        self.note = note
        self.input = input
        self.inputIsReady = inputIsReady
        self.ask = ask
        self.askSecret = askSecret
        self.show = show
        self.animate = animate
        self.hasTerminal = hasTerminal
        self.showsProgress = showsProgress
        self.showsColour = showsColour
        self.width = width
        self.noteWidth = noteWidth
        self.window = window
    }

    /// Writes one JSON document to standard output.
    package func write(_ document: JSONOutput) throws { try write(document.printable + "\n") }

    /// Writes text to the terminal, and not to standard error.
    package func show(_ text: String) { show(text.utf8Span.span) }

    /// Shows a string that the user must read before a question. The string is written to standard error. If standard
    /// error is redirected, the string is written to the terminal too.
    package func present(_ text: String) {
        note(text)
        if hasTerminal, !showsProgress { show(text) }
    }

    /// Tells the user which kind of request the tool has found in the input file.
    package func note(readAs kind: String) { note("read as: \(onlyPrintable(kind))\n") }

    /// Reports the problems as text or as a JSON document. Returns the exit code.
    package func report(_ problems: [Problem], asJSON: Bool, tool: String) -> ExitCode {
        // If the JSON document cannot be written, the problems are reported as text.
        if !asJSON || (try? write(Self.document(problems))) == nil {
            for (index, problem) in problems.enumerated() {
                let place = problem.shownPlace.flatMap { $0.isEmpty ? nil : " (\($0))" } ?? ""
                note("\(tool): error: \(problem.message)\(place)\n")
                // If consecutive problems have the same hint, show the hint only after the last of them.
                let isLast = index + 1 == problems.count || problems[index + 1].hint != problem.hint
                if isLast { note("hint: \(problem.hint)\n") }
            }
        }
        return problems.first?.exit ?? .bug
    }

    /// The result of a command as a JSON document. If there is a problem, the document begins with
    /// `{"ok":false,"error":{…}`. If there are several problems, the member `errors` lists all of them.
    ///
    /// The members of `result` are added even if there are problems.
    package static func document(
        _ problems: [Problem], beside result: [(String, JSONOutput)] = []
    ) -> JSONOutput {
        let all = problems.map(\.json)
        var document: [(String, JSONOutput)] = [("ok", .boolean(problems.isEmpty))]
        if let first = all.first { document.append(("error", first)) }
        if all.count > 1 { document.append(("errors", .array(all))) }
        return .object(document + result)
    }
}

extension Console {
    /// The console that uses standard input, standard output, standard error and the terminal of this process.
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
            // Do not use colours if the environment variable NO_COLOR has any value that is not empty (no-color.org).
            showsColour: isatty(STDERR_FILENO) == 1
                && (unsafe getenv("NO_COLOR").map { unsafe $0.pointee == 0 } ?? true),
            width: width(of: self.window(of: STDOUT_FILENO)), noteWidth: width(of: window), window: window)
    }

    /// The width to which text is wrapped. If the environment variable COLUMNS is set, its value is used instead of the
    /// window's width. The width is at least 40 columns, because a review is not readable in fewer columns. Without the
    /// variable, it is at most 100 columns, because longer lines are hard to read. If there is neither the variable nor
    /// a window, a program probably reads the text, so the text is not wrapped.
    private static func width(of window: Window?) -> Int {
        if let text = unsafe getenv("COLUMNS").map({ unsafe String(cString: $0) }), let columns = Int(text), columns > 0
        {
            return max(40, columns)
        }
        return window.map { max(40, min($0.columns, 100)) } ?? .max
    }

    /// The size of the window of the terminal that this file descriptor refers to. Returns `nil` if the descriptor is
    /// not a terminal or the size is unknown.
    static func window(of descriptor: Int32) -> Window? {
        var size = winsize()
        guard isatty(descriptor) == 1, unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Window(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Writes the whole text. Returns `false` if an error occurs. If the file descriptor is a pipe from which no
    /// process reads any more, the signal SIGPIPE terminates this process.
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
        // A read from a pipe returns at most 64 KiB. A read from a file can return more. Large reads give all CPU cores
        // enough work.
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

    /// Waits for input if ``Interrupts`` blocks Ctrl-C and similar signals. During the wait, regularly checks whether
    /// such a signal is pending, and throws if one is. If the signals are not blocked, returns immediately. The read(2)
    /// that follows then waits for input.
    private static func waitForInput() throws(Problem) {
        guard Interrupts.areHeld else { return }
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        repeat {
            if Interrupts.isPending { throw Problem(InputRule.interrupted) }
        } while unsafe poll(&request, 1, 100) == 0
    }
}

/// The error codes for writing to standard output.
package enum OutputRule: String, Advised {
    case notWritten = "output.not-written"

    package var meaning: String { "the result could not be written to standard output" }
    package var next: String { "what was written is incomplete: make room, or repair the pipe, and run again" }
    package var exit: ExitCode { .cannotWrite }
}
