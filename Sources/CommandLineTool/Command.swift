import AirlockDiagnostics

/// One command of a tool: its name, its operands and options, and its action.
package struct Command: Sendable {
    /// The name of the command, which has one or two words, such as `sign` or `rlp encode`.
    package let name: String
    /// What the command does, in one line.
    package let summary: String
    /// The operands as the usage line shows them, such as `REQUEST`. Brackets mark an optional operand. Three dots mark
    /// an operand that can be repeated.
    package let operands: [String]
    /// A function that returns the possible operands, or no operands if the command cannot list them. It is a function
    /// so that the operands are computed only when needed.
    package let choices: @Sendable () -> [String]
    package let options: [Option]
    /// A function that returns more help on this command: paragraphs, and examples in lines that begin with two spaces.
    /// It is a function so that the text is computed only when needed.
    package let notes: @Sendable () -> String
    /// Examples of command lines, without the name of the tool.
    package private(set) var examples: [String] = []
    /// What to do about too many operands, if a certain mistake is likely. `nil` if none is.
    private(set) var surplusAdvice: String?
    /// A function that runs the command, and returns the exit code of the process.
    package let run: @Sendable (Arguments) throws -> ExitCode

    package init(
        _ name: String, _ summary: String, operands: [String] = [],
        choices: @escaping @Sendable () -> [String] = { [] }, options: [Option] = [],
        notes: @escaping @autoclosure @Sendable () -> String = "",
        run: @escaping @Sendable (Arguments) throws -> ExitCode
    ) {
        self.name = name
        self.summary = summary
        self.operands = operands
        self.choices = choices
        self.options = options
        self.notes = notes
        self.run = run
    }

    /// Returns a copy of this command with examples, which its help and the manual page show.
    func showing(_ examples: [String]) -> Command {
        var copy = self
        copy.examples = examples
        return copy
    }

    /// The command's own options, together with the options that every command has.
    package var allOptions: [Option] { options + [.json, .help] }

    /// Returns a copy of this command with advice for a user who gives too many operands.
    package func advising(onSurplus advice: String) -> Command {
        var copy = self
        copy.surplusAdvice = advice
        return copy
    }

    /// Whether the last operand can be repeated. If so, the name of the operand ends with three dots.
    var takesMany: Bool { operands.last?.hasSuffix("...") ?? false }

    var requiredOperands: Int { operands.count { !$0.hasPrefix("[") } }
}

/// One option of a command. The parser, the help text, the manual page and the shell completions all use this
/// description of it.
package struct Option: Sendable {
    /// The long name of the option, including the two dashes, such as `--conditions`.
    package let name: String
    /// The short name of the option, including the dash, such as `-c`. `nil` if there is no short name.
    package let short: String?
    /// The name of the option's value in the help, such as `FILE`; `nil` if the option has no value.
    package let value: String?
    /// The possible values of the option; empty if they cannot be listed.
    package let choices: [String]
    /// Whether the option can be given more than once.
    package let isRepeatable: Bool
    /// What the option does, in a few words.
    package let help: String

    package init(
        _ name: String, _ short: String? = nil, value: String? = nil, choices: [String] = [],
        repeatable: Bool = false, help: String
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.choices = choices
        self.isRepeatable = repeatable
        self.help = help
    }

    package static let json = Option("--json", help: "one JSON document on stdout, on success and on failure")
    package static let help = Option("--help", "-h", help: "show this help")
}
