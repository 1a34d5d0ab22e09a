import AirlockDiagnostics
package import AirlockStrictJSON

/// The result of a command that only inspects data. It has two forms: text for the user, and members of a JSON
/// document.
package struct Answer: Sendable {
    package let text: String
    package let members: [(String, JSONOutput)]
    /// Warnings for the user. `members` contains the warnings too.
    package let warnings: [String]

    package init(text: String, _ members: [(String, JSONOutput)], warnings: [String] = []) {
        self.text = text
        self.members =
            members + (warnings.isEmpty ? [] : [("warnings", .array(warnings.map { .string($0) }))])
        self.warnings = warnings
    }

    /// An answer that consists of one named string. The text for the user is the string without its name.
    package init(_ name: String, _ value: String, warnings: [String] = []) {
        self.init(text: value, [(name, .string(value))], warnings: warnings)
    }

    /// An answer that consists of one named JSON value. The text for the user is the JSON value without its name.
    package init(_ name: String, _ value: JSONOutput) {
        self.init(text: value.printable, [(name, value)])
    }
}

extension Option {
    /// The option `--lines`: reads one JSON value from each line of standard input, and writes one line of JSON for
    /// each.
    package static let lines = Option(
        "--lines", help: "read one JSON value per line from standard input, and answer each with one JSON line")
}

extension Command {
    /// Makes a command that inspects its operands. With `--lines`, the command reads standard input instead, and
    /// inspects each line.
    ///
    /// `answer` handles the operands and options of the command line. `line` handles one line of standard input. The
    /// line is a JSON value that contains the values of the operands and options.
    package static func looking(
        _ name: String, _ summary: String, operands: [String], options: [Option] = [], notes: String = "",
        _ console: Console, answer: @escaping @Sendable (Arguments) throws -> Answer,
        line: @escaping @Sendable (JSONValue) throws -> Answer
    ) -> Command {
        looking(name, summary, operands, options, notes, console, answer) { try $0.answerLines(line) }
    }

    /// Makes a command that can handle several lines together. This is faster than handling them one by one. `line`
    /// parses one line. `answers` computes the answers to all lines that were parsed.
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
                // With `--lines`, each line of standard input contains its own values for the command's options. Such
                // an option on the command line would have no effect, so it is refused.
                let problems = options.filter(arguments.has).map {
                    Problem(UsageRule.conflict, at: $0.name, detail: "with --lines each line has its own")
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
    /// Answers all lines of standard input in order, in constant memory. If a line is refused, the other lines are
    /// still answered. The exit code is then the exit code of a refusal.
    package func answerLines(_ answer: (JSONValue) throws -> Answer) throws -> ExitCode {
        try answerLines(atOnce: 1, answer) { $0 }
    }

    /// Answers all lines of standard input.
    ///
    /// - Parameter most: the maximum number of lines that are answered together. If the lines are long, fewer lines are
    ///   answered together.
    func answerLines<Question>(
        atOnce most: Int, _ question: (JSONValue) throws -> Question, _ answers: ([Question]) -> [Answer]
    ) throws -> ExitCode {
        var reader = LineReader(input)
        var exit = ExitCode.done
        var output = ""
        while true {
            // Write the answers collected so far before waiting for more input.
            if try !reader.hasLine() || output.utf8.count > 1 << 16, !output.isEmpty {
                try write(output)
                output = ""
            }
            var questions: [Question] = []
            // One element for each line: the error document of a refused line, or `nil` if the line is not refused.
            var refusals: [JSONOutput?] = []
            var size = 0
            // Wait for the first line only. After that, read only lines that have already arrived.
            while try refusals.count < most && size < 1 << 16 && (refusals.isEmpty || reader.hasLine()),
                let line = try reader.next()
            {
                do {
                    let line = try line.get()
                    size += line.count
                    // A line contains its values inside an object or an array. So the line can have one more level of
                    // nesting than a value on the command line.
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
