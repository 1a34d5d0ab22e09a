package import AirlockDiagnostics
package import AirlockStrictJSON
internal import Glibc

/// Where a tool speaks: results on standard output; questions, progress and errors on standard error.
///
/// It is a value that is passed in, so that a test can be the console.
package struct Console: Sendable {
    /// Puts a result on standard output: all of it, or it throws.
    package var write: @Sendable (String) throws -> Void
    /// Says something on standard error.
    package let note: @Sendable (String) -> Void
    /// Reads more of standard input; nothing more at its end.
    package let input: @Sendable () throws -> [UInt8]
    /// Is there more of standard input, or its end, that nobody need wait for?
    package let inputIsReady: @Sendable () -> Bool
    /// Asks the person at the terminal; `nil` when there is no terminal or it closed, and throws at Ctrl-C.
    package let ask: @Sendable (_ question: String) throws -> String?
    /// Asks without showing what is typed, and hands each byte of the answer over, or `nil` when all that was typed so
    /// far does not count; false when there is no terminal or it closed, and throws at Ctrl-C.
    ///
    /// `page` shows what belongs to the question (true), and takes it from the screen (false) before anything ends or
    /// stops the process.
    package let askSecret:
        @Sendable (_ question: String, _ page: (Bool) -> Void, _ take: (UInt8?) -> Void) throws -> Bool
    /// Shows bytes on the terminal, where there is one, and nowhere else.
    package let show: @Sendable (Span<UInt8>) -> Void
    /// Shows one picture after the other at the terminal, each for so many milliseconds, until the person ends it; false
    /// when there is no terminal.
    package let animate: @Sendable (_ milliseconds: Int, _ picture: (Int, Window) -> String) -> Bool
    /// Is there a person to ask?
    package let hasTerminal: Bool
    /// Is standard error a terminal, where a line can be overwritten?
    package let showsProgress: Bool
    /// May standard error have colours?
    package let showsColour: Bool
    /// How many columns a text on standard output may take; `Int.max` where nothing is to be wrapped.
    package let width: Int
    /// The same on standard error and on the terminal.
    package let noteWidth: Int
    /// How large the window is that shows standard error; `nil` where none does.
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

    /// One JSON document on standard output.
    package func write(_ document: JSONOutput) throws { try write(document.printable + "\n") }

    /// Shows text on the terminal alone.
    package func show(_ text: String) { show(text.utf8Span.span) }

    /// Says on standard error what a person must have seen before a question; on the terminal too, where standard error
    /// goes elsewhere.
    package func present(_ text: String) {
        note(text)
        if hasTerminal, !showsProgress { show(text) }
    }

    /// Says what kind of request the content was found to be.
    package func note(readAs kind: String) { note("read as: \(kind)\n") }

    /// Says what went wrong, in words or as the one JSON document, and how the process ends.
    package func report(_ problems: [Problem], asJSON: Bool, tool: String) -> ExitCode {
        // Where even the document cannot be written, the words still say it.
        if !asJSON || (try? write(Self.document(problems))) == nil {
            for (index, problem) in problems.enumerated() {
                let place = problem.shownPlace.flatMap { $0.isEmpty ? nil : " (\($0))" } ?? ""
                note("\(tool): error: \(problem.message)\(place)\n")
                // Several of the same kind need their hint once.
                let isLast = index + 1 == problems.count || problems[index + 1].hint != problem.hint
                if isLast { note("hint: \(problem.hint)\n") }
            }
        }
        return problems.first?.exit ?? .bug
    }

    /// `{"ok":false,"error":{…}}`, with `errors` beside it when there are several.
    ///
    /// `result` is what there is to say besides, on success and on failure.
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
