import AirlockDiagnostics
package import AirlockStrictJSON

/// The result of a command that only inspects something: as text for the user, and as members of a JSON document.
package struct Answer: Sendable {
    package let text: String
    package let members: [(String, JSONOutput)]
    /// Warnings for the user. The members include them.
    package let warnings: [String]

    package init(text: String, _ members: [(String, JSONOutput)], warnings: [String] = []) {
        self.text = text
        self.members =
            members + (warnings.isEmpty ? [] : [("warnings", .array(warnings.map { .string($0) }))])
        self.warnings = warnings
    }

    /// An answer with one named value, which is also the text.
    package init(_ name: String, _ value: String, warnings: [String] = []) {
        self.init(text: value, [(name, .string(value))], warnings: warnings)
    }

    /// An answer with one named value, whose text is its JSON.
    package init(_ name: String, _ value: JSONOutput) {
        self.init(text: value.printable, [(name, value)])
    }
}

extension Option {
    /// Reads one JSON value from each line of standard input, and answers each with one line of JSON.
    package static let lines = Option(
        "--lines", help: "read one JSON value a line from standard input, and answer each with one JSON line")
}

extension Command {
    /// A command that inspects its operands, or each line of standard input.
    ///
    /// `answer` answers operands and options; `line` answers one line, which holds the same values as a command line.
    package static func looking(
        _ name: String, _ summary: String, operands: [String], options: [Option] = [], notes: String = "",
        _ console: Console, answer: @escaping @Sendable (Arguments) throws -> Answer,
        line: @escaping @Sendable (JSONValue) throws -> Answer
    ) -> Command {
        looking(name, summary, operands, options, notes, console, answer) { try $0.answerLines(line) }
    }

    /// A command that answers several lines at once, which is faster: `line` reads one line, and `answers` answers all
    /// lines that were read.
    package static func looking<Question>(
        _ name: String, _ summary: String, operands: [String], options: [Option] = [], notes: String = "",
        _ console: Console, answer: @escaping @Sendable (Arguments) throws -> Answer,
        line: @escaping @Sendable (JSONValue) throws -> Question,
        answers: @escaping @Sendable ([Question]) -> [Answer]
    ) -> Command {
        looking(name, summary, operands, options, notes, console, answer) {
            try $0.answerLines(atOnce: 64, line, answers)
        }
    }

    private static func looking(
        _ name: String, _ summary: String, _ operands: [String], _ options: [Option], _ notes: String,
        _ console: Console, _ answer: @escaping @Sendable (Arguments) throws -> Answer,
        answerLines: @escaping @Sendable (Console) throws -> ExitCode
    ) -> Command {
        Command(name, summary, operands: operands, options: options + [.lines], notes: notes) { arguments in
            if arguments.has(.lines) {
                // Each line holds the values of these options, so an option would have no effect and is refused.
                let problems = options.filter(arguments.has).map {
                    Problem(UsageRule.conflict, at: $0.name, detail: "each line says its own with --lines")
                }
                if let all = ProblemList(problems) { throw all }
                return try answerLines(console)
            }
            let answer = try answer(arguments)
            if arguments.has(.json) {
                try console.write(.object([("ok", true)] + answer.members))
            } else {
                for warning in answer.warnings { console.note("warn: \(warning)\n") }
                try console.write(answer.text.hasSuffix("\n") ? answer.text : answer.text + "\n")
            }
            return .done
        }
    }
}

extension Console {
    /// Answers every line of standard input, in order, in constant memory. A refused line changes the exit code, but
    /// does not affect the other lines.
    package func answerLines(_ answer: (JSONValue) throws -> Answer) throws -> ExitCode {
        try answerLines(atOnce: 1, answer) { $0 }
    }

    /// - Parameter most: how many lines are answered at once, unless they are long.
    func answerLines<Question>(
        atOnce most: Int, _ question: (JSONValue) throws -> Question, _ answers: ([Question]) -> [Answer]
    ) throws -> ExitCode {
        var reader = LineReader(input)
        var exit = ExitCode.done
        var output = ""
        while true {
            // Pending output is written before the tool waits for input.
            if try !reader.hasLine() || output.utf8.count > 1 << 16, !output.isEmpty {
                try write(output)
                output = ""
            }
            var questions: [Question] = []
            // For each line its refusal; `nil` for a line that is answered.
            var refusals: [JSONOutput?] = []
            var size = 0
            // Wait for the first line; after it, read only lines that are already available.
            while try refusals.count < most && size < 1 << 16 && (refusals.isEmpty || reader.hasLine()),
                let line = try reader.next()
            {
                do {
                    let line = try line.get()
                    size += line.count
                    // A line wraps the values of a command line in an object or an array, so one more level is allowed.
                    let document = try JSONDocument(line, depth: JSONDocument.maximumDepth + 1)
                    questions.append(try question(document.root))
                    refusals.append(nil)
                } catch let broken as any RuleBroken {
                    refusals.append(Self.document(broken.problems))
                    exit = .refused
                }
            }
            guard !refusals.isEmpty else { return exit }
            var rest = answers(questions)[...]
            for refusal in refusals {
                let document = refusal ?? .object([("ok", true)] + (rest.popFirst()?.members ?? []))
                output += document.printable + "\n"
            }
        }
    }
}
