public import Problems
public import StrictJSON

extension Option {
    /// One JSON value a line on standard input, one JSON line out for each.
    public static let lines = Option(
        "--lines", help: "read one JSON value a line from standard input, and answer each with one JSON line")
}

extension Command {
    /// A command that looks at something and says what it is: once, or for every line of standard input.
    ///
    /// `answer` is what it says of its operands and options, `line` what it says of one line, which holds what the
    /// command line would.
    public static func looking(
        _ name: String, _ summary: String, operands: [String], options: [Option] = [], notes: String = "",
        _ console: Console, answer: @escaping @Sendable (Arguments) throws -> Answer,
        line: @escaping @Sendable (JSONValue) throws -> Answer
    ) -> Command {
        Command(name, summary, operands: operands, options: options + [.lines], notes: notes) { arguments in
            if arguments.has(.lines) { return try console.answerLines(line) }
            let answer = try answer(arguments)
            if arguments.has(.json) {
                try console.write(.object([("ok", true)] + answer.members))
            } else {
                try console.write(answer.text.hasSuffix("\n") ? answer.text : answer.text + "\n")
            }
            return .done
        }
    }
}

extension Console {
    /// Answers every line of standard input, in order, in constant memory. A line that is refused spoils no other,
    /// and shows at the end in the exit code.
    public func answerLines(_ answer: (JSONValue) throws -> Answer) throws -> ExitCode {
        var reader = LineReader(input)
        var exit = ExitCode.done
        var output = ""
        while true {
            // What is waiting is put out before anybody is waited for.
            if try !reader.hasLine() || output.utf8.count > 1 << 16, !output.isEmpty {
                try write(output)
                output = ""
            }
            guard let line = try reader.next() else { return exit }
            let document: JSONOutput
            do {
                let answer = try answer(JSONDocument(line.get()).root)
                document = .object([("ok", true)] + answer.members)
            } catch let broken as any RuleBroken {
                document = Self.document(broken.problems)
                exit = .refused
            }
            output += document.text + "\n"
        }
    }
}
