package import AirlockDiagnostics
import AirlockStrictJSON

/// A command-line tool. It consists of its commands, its help topics, and general information.
package struct Tool: Sendable {
    package let name: String
    package let version: String
    /// A description of the tool in one line.
    package let summary: String
    package private(set) var commands: [Command]
    /// An introduction for new users. It consists of paragraphs, and of examples in lines that begin with two spaces.
    package let introduction: String
    /// The help topics that do not belong to a single command.
    package let topics: [Topic]
    /// The examples of all commands. The key is the name of a command, and the value contains example command lines.
    let examples: [String: [String]]
    /// The other tool of Airlock. If the user types a command that only this other tool has, the error message names
    /// the other tool.
    package let sibling: Sibling?
    /// A function that returns information about the machine, which `--version` shows below the version.
    package let state: @Sendable () -> String

    package struct Sibling: Sendable {
        let name: String
        let words: [String]

        /// The name of the other tool, without the explanation that the member `name` can contain after a comma.
        var program: String { String(name.prefix { $0 != "," }) }

        package init(_ name: String, words: [String]) {
            self.name = name
            self.words = words
        }
    }

    package init(
        _ name: String, version: String, summary: String, commands: [Command], introduction: String = "",
        topics: [Topic] = [], examples: [String: [String]] = [:], sibling: Sibling? = nil,
        state: @escaping @Sendable () -> String = { "" }
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.commands = commands.map { $0.showing(examples[$0.name] ?? []) }
        self.introduction = introduction
        self.topics = topics
        self.examples = examples
        self.sibling = sibling
        self.state = state
    }

    /// A copy of the tool with more commands.
    func with(_ more: [Command]) -> Tool {
        var tool = self
        tool.commands += more.map { $0.showing(examples[$0.name] ?? []) }
        return tool
    }

    /// Runs the command that the arguments name, and reports errors. The arguments do not include the tool's own name.
    ///
    /// The closure `prepare` runs before the command. If `prepare` throws, the command does not run, and the error of
    /// `prepare` is reported like an error of the command.
    package func run(
        _ words: [String], console: Console, before prepare: () throws -> Void = {}
    ) -> ExitCode {
        do {
            try prepare()
            return try dispatch(words, console)
        } catch let broken as any RuleBroken {
            return console.report(broken.problems, asJSON: words.contains("--json"), tool: name)
        } catch {
            let bug = Problem(InternalRule.unexpected, detail: String(describing: type(of: error)))
            return console.report([bug], asJSON: words.contains("--json"), tool: name)
        }
    }

    private func dispatch(_ given: [String], _ console: Console) throws -> ExitCode {
        // Wrap the help to the width of the window even if standard output is a pipe. A pager may read from the pipe
        // and show the help in this window.
        let width = min(console.width, console.noteWidth, 80)
        let flags = Self.flags
        // Only the option `--json` is allowed together with `--help` and `--version`.
        let named = given.filter { $0 != Option.json.name }
        let asJSON = named.count < given.count
        // The option `--json` can also come before the command.
        let words = given.first == Option.json.name ? named + [Option.json.name] : given
        switch named.first {
        case nil:
            console.note(greeting(width: width))
            throw ProblemList(Problem(UsageRule.noCommand))
        case "--version", "-V", "version":
            try refuse(named.dropFirst())
            if asJSON {
                try console.write(["ok": true, "version": .string(version), "state": .string(state())])
            } else {
                try console.write("\(name) \(version)\n\(state())")
            }
            return .done
        case "--help", "-h":
            try refuse(named.dropFirst())
            return try tell(help(width: width), asJSON, console)
        case "help":
            let asked = named.dropFirst().filter { !flags.contains($0) }
            if asked.isEmpty { return try tell(help(width: width), asJSON, console) }
            // Look for the longest name that the words begin with, such as `key new`. Words that remain after this name
            // are refused.
            for count in stride(from: asked.count, to: 0, by: -1) {
                guard let text = help(named: asked.prefix(count).joined(separator: " "), width: width) else { continue }
                // If the word after `key` completes no name, as in `key nwe`, the user probably mistyped it. So do not
                // show the help on `key`.
                let isFamily = !commands.contains { $0.name == asked.prefix(count).joined(separator: " ") }
                if count < asked.count, isFamily, !topics.contains(where: { $0.name == asked[0] }) { break }
                try refuse(asked.dropFirst(count))
                return try tell(text, asJSON, console)
            }
            throw unknown(asked[...], among: helpNames)
        default: break
        }
        guard let command = command(calledBy: words) else {
            // Several commands can share their first word, such as `key`. For `key --help`, show the help on this word.
            if let family = help(ofFamily: named[0], width: width), named.count > 1,
                named.dropFirst().allSatisfy(flags.contains)
            {
                return try tell(family, asJSON, console)
            }
            // The user typed only the first word of a name such as `key new`. The help lists the words that can follow
            // it.
            if named.count == 1, let family = help(ofFamily: named[0], width: width) {
                if !asJSON { console.note(family) }
                throw ProblemList(Problem(UsageRule.noCommand, detail: "\(named[0]) has several"))
            }
            throw unknown(named[...], among: commands.map(\.name))
        }
        let arguments = try Arguments(words.dropFirst(command.words.count), for: command, of: name)
        if arguments.has(.help) { return try tell(help(of: command, width: width), asJSON, console) }
        return try command.run(arguments)
    }

    /// The options that ask for help: `--help` and `-h`.
    private static let flags = [Option.help.name, Option.help.short ?? Option.help.name]

    private func tell(_ help: String, _ asJSON: Bool, _ console: Console) throws -> ExitCode {
        if asJSON { try console.write(["ok": true, "help": .string(help)]) } else { try console.write(help) }
        return .done
    }

    private func refuse(_ surplus: ArraySlice<String>) throws(ProblemList) {
        let hint = "\(name) help lists all commands"
        let problems = surplus.map { Problem(UsageRule.surplusOperand, saw: $0, hint: hint) }
        if let all = ProblemList(problems) { throw all }
    }

    private func command(calledBy words: [String]) -> Command? { commands.first { words.starts(with: $0.words) } }

    /// Makes the error for an unknown command or topic. The error suggests the nearest name, or lists all names if no
    /// name is near enough.
    private func unknown(_ words: ArraySlice<String>, among all: [String]) -> ProblemList {
        let first = words.first ?? ""
        if let sibling, sibling.words.contains(first) {
            let hint = "\(first) is a command of \(sibling.name)"
            return ProblemList(Problem(UsageRule.unknownCommand, saw: first, hint: hint))
        }
        let tree = CommandTree(commands)
        let family = tree.branches.first { $0.word == first }?.leaves.map { "\(first) \($0.word)" } ?? []
        // The user typed the name of a help topic, which is not a command.
        if family.isEmpty, topics.contains(where: { $0.name == first }) {
            let hint = "\(name) help \(first) explains it"
            return ProblemList(Problem(UsageRule.unknownCommand, saw: first, hint: hint))
        }
        let seen = family.isEmpty ? first : words.prefix(2).joined(separator: " ")
        let names = family.isEmpty ? all : family
        let near = Suggestion.nearest(to: seen, in: names)
        return ProblemList(
            Problem(
                UsageRule.unknownCommand, saw: seen, expected: near ?? "one of \(names.joined(separator: ", "))",
                hint: (near.map { "did you mean \(name) \($0)? " } ?? "") + "\(name) help lists all commands"))
    }
}

/// The error code for a bug in Airlock.
package enum InternalRule: String, Advised {
    case unexpected = "internal.unexpected-error"

    package var meaning: String { "a bug in Airlock" }
    package var next: String { "please report it with the command line, without any key or passphrase" }
    package var exit: ExitCode { .bug }
}

extension [Problem] {
    /// Runs a closure that reads one of several inputs. If the closure throws, appends the problems to this array. The
    /// problems of all inputs can then be reported together.
    ///
    /// - Returns: the result of the closure; `nil` if the closure threw.
    package mutating func collect<Value>(_ body: () throws -> Value) -> Value? {
        do { return try body() } catch let broken as any RuleBroken {
            self += broken.problems
        } catch {
            append(Problem(InternalRule.unexpected))
        }
        return nil
    }
}

/// The help texts. They are made from the same descriptions of commands that the parser uses.
extension Tool {
    /// The text that is shown if the user types only the tool's name.
    func greeting(width: Int = 80) -> String {
        let next = """
            \(name) help lists all commands, and \(name) help NAME explains a command or one of these topics: \
            \(topics.map(\.name).joined(separator: ", ")).
            """
        return """
            \(paragraph("\(name) - \(summary)", width))
            Usage: \(name) COMMAND [options]

            \(Prose(introduction).text(width: width))
            \(paragraph(next, width))
            """
    }

    /// The help of the tool itself. It lists each command and each topic in one line.
    package func help(width: Int = 80) -> String {
        var text = """
            \(paragraph("\(name) - \(summary)", width))
            Usage: \(name) COMMAND [options]

            Commands:
            \(Prose.table(commands.map { ($0.name, $0.summary) }, width: width))

            """
        if !topics.isEmpty {
            text += "Topics:\n\(Prose.table(topics.map { ($0.name, $0.summary) }, width: width))\n"
        }
        let more = "\(name) help NAME shows what a command takes, or a topic; \(name) --version the version."
        text += paragraph(more, width)
        return introduction.isEmpty ? text : text + "\n" + Prose(introduction).text(width: width)
    }

    /// The help on a name. The name can be a command, the first word of several commands, or a topic.
    func help(named name: String, width: Int = 80) -> String? {
        let command = commands.first { $0.name == name }.map { help(of: $0, width: width) }
        let topic = topics.first { $0.name == name }.map { $0.text(width: width) }
        let texts = [topic, command ?? help(ofFamily: name, width: width)].compactMap(\.self)
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }

    /// The commands that begin with the given word, one per line. Returns `nil` if no command does.
    func help(ofFamily word: String, width: Int = 80) -> String? {
        let family = commands.filter { $0.name.hasPrefix("\(word) ") }
        guard !family.isEmpty else { return nil }
        let table = Prose.table(family.map { ($0.name, $0.summary) }, width: width)
        return "Usage: \(name) \(word) COMMAND [options]\n\nCommands:\n\(table)"
    }

    /// The help on a single command.
    package func help(of command: Command, width: Int = 80) -> String {
        let usage = wrapped(usage(of: command), width: width - 7).joined(separator: "\n       ")
        let options = Prose.table(command.allOptions.map { ($0.usage, $0.help) }, width: width)
        var text = "\(paragraph(command.summary, width))\nUsage: \(usage)\n\nOptions:\n\(options)"
        if !command.examples.isEmpty {
            text += "\nExamples:\n" + Prose(examples(of: command)).text(width: width)
        }
        let notes = command.notes()
        return notes.isEmpty ? text : text + "\n" + Prose(notes).text(width: width)
    }

    /// The examples of a command, one per line. Each line begins with two spaces, so that `Prose` does not join the
    /// lines to a paragraph.
    func examples(of command: Command) -> String {
        command.examples.map { "  \(name) \($0)\n" }.joined()
    }

    /// The line that shows how to use a command.
    func usage(of command: Command) -> String {
        ([name, command.name] + command.operands + ["[options]"]).joined(separator: " ")
    }

    private func paragraph(_ text: String, _ width: Int) -> String {
        wrapped(text, width: width).map { $0 + "\n" }.joined()
    }
}

extension Option {
    /// The names of the option, followed by the name of its value, such as `-k, --key FILE`.
    var usage: String {
        let names = [short, name].compactMap(\.self).joined(separator: ", ")
        return value.map { "\(names) \($0)" } ?? names
    }
}

extension Tool {
    /// Refuses command-line arguments that are not valid UTF-8. Swift replaces invalid bytes by U+FFFD. So the tool
    /// would open a file or hash bytes that the user did not mean.
    package static func requireUTF8() throws(ProblemList) {
        let count = Int(CommandLine.argc)
        let problems = (0..<count).compactMap { index -> Problem? in
            guard let word = unsafe CommandLine.unsafeArgv[index], unsafe String(validatingCString: word) == nil else {
                return nil
            }
            return Problem(UsageRule.notUTF8, saw: unsafe String(cString: word))
        }
        if let all = ProblemList(problems) { throw all }
    }
}

/// The version number of Airlock, which both tools share.
package enum Release {
    package static let version = "0.1.0"
}
