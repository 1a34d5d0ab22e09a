public import Problems

/// A tool: its commands, and what all of them have in common.
public struct Tool: Sendable {
    public let name: String
    public let version: String
    /// What the tool is, in one line.
    public let summary: String
    public let commands: [Command]
    /// What it is there for, for whoever meets it first: paragraphs, and examples in lines that begin with two spaces.
    public let introduction: String
    /// What there is to know besides the commands.
    public let topics: [Topic]
    /// Another tool that somebody may have meant, and the first words of its commands.
    public let sibling: Sibling?
    /// What there is to say of the machine, under the version.
    public let state: @Sendable () -> String

    public struct Sibling: Sendable {
        let name: String
        let words: [String]

        public init(_ name: String, words: [String]) {
            self.name = name
            self.words = words
        }
    }

    public init(
        _ name: String, version: String, summary: String, commands: [Command], introduction: String = "",
        topics: [Topic] = [], sibling: Sibling? = nil, state: @escaping @Sendable () -> String = { "" }
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.commands = commands
        self.introduction = introduction
        self.topics = topics
        self.sibling = sibling
        self.state = state
    }

    /// The same tool with more commands.
    func with(_ more: [Command]) -> Tool {
        Tool(
            name, version: version, summary: summary, commands: commands + more, introduction: introduction,
            topics: topics, sibling: sibling, state: state)
    }

    /// Runs the command that the words (without the tool's own name) call for, and reports how it ended.
    ///
    /// `prepare` is what the process does before anything else.
    public func run(
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

    private func dispatch(_ words: [String], _ console: Console) throws -> ExitCode {
        let width = min(console.width, 80)
        switch words.first {
        case nil:
            console.note(greeting(width: width))
            throw ProblemList(Problem(UsageRule.noCommand))
        case "--version":
            try console.write("\(name) \(version)\n\(state())")
            return .done
        case "--help", "-h":
            try console.write(help(width: width))
            return .done
        case "help":
            let asked = words.dropFirst()
            if asked.isEmpty {
                try console.write(help(width: width))
            } else if let text = help(named: asked.joined(separator: " "), width: width) {
                try console.write(text)
            } else {
                throw unknown(asked)
            }
            return .done
        default: break
        }
        guard let command = command(calledBy: words) else {
            // A word that several commands begin with has a help of its own.
            if let family = help(ofFamily: words[0], width: width), words.count > 1,
                words.dropFirst().allSatisfy({ ["--help", "-h"].contains($0) })
            {
                try console.write(family)
                return .done
            }
            throw unknown(words[...])
        }
        let arguments = try Arguments(words.dropFirst(command.words.count), for: command, of: name)
        if arguments.has(.help) {
            try console.write(help(of: command, width: width))
            return .done
        }
        return try command.run(arguments)
    }

    private func command(calledBy words: [String]) -> Command? { commands.first { words.starts(with: $0.words) } }

    /// Says what may have been meant: the nearest name, or else all that there are.
    private func unknown(_ words: ArraySlice<String>) -> ProblemList {
        let first = words.first ?? ""
        if let sibling, sibling.words.contains(first) {
            let hint = "\(first) is a command of \(sibling.name)"
            return ProblemList(Problem(UsageRule.unknownCommand, saw: first, hint: hint))
        }
        let tree = CommandTree(commands)
        let family = tree.branches.first { $0.word == first }?.leaves.map { "\(first) \($0.word)" } ?? []
        let seen = family.isEmpty ? first : words.prefix(2).joined(separator: " ")
        let names = family.isEmpty ? helpNames : family
        let near = Suggestion.nearest(to: seen, in: names)
        return ProblemList(
            Problem(
                UsageRule.unknownCommand, saw: seen, expected: near ?? "one of \(names.joined(separator: ", "))",
                hint: (near.map { "did you mean \(name) \($0)? " } ?? "") + "\(name) help lists all commands"))
    }
}

/// What can only be a mistake of ours.
public enum InternalRule: String, Rule {
    case unexpected = "internal.unexpected-error"

    public var meaning: String { "a bug in Airlock" }
    public var next: String { "please report it with the command line, without any key or passphrase" }
    public var exit: ExitCode { .bug }
}
