import AirlockDiagnostics
import AirlockStrictJSON

/// A tool: its commands, and what all of them have in common.
package struct Tool: Sendable {
    package let name: String
    package let version: String
    /// What the tool is, in one line.
    package let summary: String
    package let commands: [Command]
    /// What it is there for, for whoever meets it first: paragraphs, and examples in lines that begin with two spaces.
    package let introduction: String
    /// What there is to know besides the commands.
    package let topics: [Topic]
    /// Command lines of each command, by its name, each as a person types it.
    let examples: [String: [String]]
    /// Another tool that somebody may have meant, and the first words of its commands.
    package let sibling: Sibling?
    /// What there is to say of the machine, under the version.
    package let state: @Sendable () -> String

    package struct Sibling: Sendable {
        let name: String
        let words: [String]

        /// The name of its program, without what is said of it.
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

    /// The same tool with more commands.
    func with(_ more: [Command]) -> Tool {
        Tool(
            name, version: version, summary: summary, commands: commands + more, introduction: introduction,
            topics: topics, examples: examples, sibling: sibling, state: state)
    }

    /// Runs the command that the words (without the tool's own name) call for, and reports how it ended.
    ///
    /// `prepare` is what the process does before anything else.
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
        // Its lines have an end in a pipe too, which a pager may show in the same window.
        let width = min(console.width, console.noteWidth, 80)
        let flags = Self.flags
        // What is said of the tool itself takes no options but --json.
        let named = given.filter { $0 != Option.json.name }
        let asJSON = named.count < given.count
        // It may stand before the command, too.
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
            // The most words that name something; none may be left over.
            for count in stride(from: asked.count, to: 0, by: -1) {
                guard let text = help(named: asked.prefix(count).joined(separator: " "), width: width) else { continue }
                // `key nwe` is a mistake in a name of two words.
                let isFamily = !commands.contains { $0.name == asked.prefix(count).joined(separator: " ") }
                if count < asked.count, isFamily, !topics.contains(where: { $0.name == asked[0] }) { break }
                try refuse(asked.dropFirst(count))
                return try tell(text, asJSON, console)
            }
            throw unknown(asked[...], among: helpNames)
        default: break
        }
        guard let command = command(calledBy: words) else {
            // A word that several commands begin with has a help of its own.
            if let family = help(ofFamily: named[0], width: width), named.count > 1,
                named.dropFirst().allSatisfy(flags.contains)
            {
                return try tell(family, asJSON, console)
            }
            // The word alone: what can follow it.
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

    /// How help is asked for.
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

    /// Says what may have been meant: the nearest name, or else all that there are.
    private func unknown(_ words: ArraySlice<String>, among all: [String]) -> ProblemList {
        let first = words.first ?? ""
        if let sibling, sibling.words.contains(first) {
            let hint = "\(first) is a command of \(sibling.name)"
            return ProblemList(Problem(UsageRule.unknownCommand, saw: first, hint: hint))
        }
        let tree = CommandTree(commands)
        let family = tree.branches.first { $0.word == first }?.leaves.map { "\(first) \($0.word)" } ?? []
        // A topic may be called as the commands that it is about.
        if family.isEmpty, topics.contains(where: { $0.name == first }) {
            let hint = "\(name) help \(first) tells of it"
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

/// What can only be a mistake of ours.
package enum InternalRule: String, Advised {
    case unexpected = "internal.unexpected-error"

    package var meaning: String { "a bug in Airlock" }
    package var next: String { "please report it with the command line, without any key or passphrase" }
    package var exit: ExitCode { .bug }
}

extension [Problem] {
    /// Reads one of several inputs. What is wrong with it is added to the list, so that all is reported at once.
    ///
    /// - Returns: what was read; `nil` where a problem was added.
    package mutating func collect<Value>(_ body: () throws -> Value) -> Value? {
        do { return try body() } catch let broken as any RuleBroken {
            self += broken.problems
        } catch {
            append(Problem(InternalRule.unexpected))
        }
        return nil
    }
}
