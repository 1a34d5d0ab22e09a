public import Problems

/// A tool: its commands, and what all of them have in common.
public struct Tool: Sendable {
    public let name: String
    public let version: String
    /// What the tool is, in one line.
    public let summary: String
    public let commands: [Command]
    /// Shown under the list of commands.
    public let footer: String
    /// What there is to say of the machine, under the version.
    public let state: @Sendable () -> String

    public init(
        _ name: String, version: String, summary: String, commands: [Command], footer: String = "",
        state: @escaping @Sendable () -> String = { "" }
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.commands = commands
        self.footer = footer
        self.state = state
    }

    /// Runs the command that the words (without the tool's own name) call for, and reports how it ended.
    ///
    /// - Parameter prepare: what the process does before anything else.
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
        switch words.first {
        case nil:
            console.note(help)
            throw ProblemList(Problem(UsageRule.noCommand))
        case "--version":
            try console.write("\(name) \(version)\n\(state())")
            return .done
        case "--help", "-h":
            try console.write(help)
            return .done
        case "help":
            let topic = words.dropFirst().joined(separator: " ")
            guard !topic.isEmpty else {
                try console.write(help)
                return .done
            }
            guard let command = commands.first(where: { $0.name == topic }) else { throw unknown(words.dropFirst()) }
            try console.write(help(of: command))
            return .done
        default: break
        }
        guard let command = command(calledBy: words) else {
            // A word that several commands begin with has a help of its own.
            if let family = help(ofFamily: words[0]), words.dropFirst().allSatisfy({ ["--help", "-h"].contains($0) }),
                words.count > 1
            {
                try console.write(family)
                return .done
            }
            throw unknown(words[...])
        }
        let length = command.name.split(separator: " ").count
        let arguments = try Arguments(words.dropFirst(length), for: command)
        if arguments.has(.help) {
            try console.write(help(of: command))
            return .done
        }
        return try command.run(arguments)
    }

    private func command(calledBy words: [String]) -> Command? {
        commands.first { words.starts(with: $0.name.split(separator: " ").map(String.init)) }
    }

    private func unknown(_ words: ArraySlice<String>) -> ProblemList {
        let first = words.first ?? ""
        let family = commands.filter { $0.name.hasPrefix("\(first) ") }.map(\.name)
        let expected = (family.isEmpty ? commands.map(\.name) : family).joined(separator: ", ")
        let seen = family.isEmpty ? first : words.prefix(2).joined(separator: " ")
        return ProblemList(Problem(UsageRule.unknownCommand, saw: seen, expected: "one of \(expected)"))
    }
}

/// What can only be a mistake of ours.
public enum InternalRule: String, Rule {
    case unexpected = "internal.unexpected-error"

    public var meaning: String { "a bug in Airlock" }
    public var next: String { "please report it with the command line, without any key or passphrase" }
    public var exit: ExitCode { .bug }
}
