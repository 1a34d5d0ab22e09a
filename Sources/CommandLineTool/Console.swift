package import AirlockDiagnostics
package import AirlockStrictJSON

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
