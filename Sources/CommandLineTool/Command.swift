import AirlockDiagnostics

/// One command of a tool: its name, its operands and options, and its action.
package struct Command: Sendable {
    /// The words of the command: `sign`, or `rlp encode`.
    package let name: String
    /// What the command does, in one line.
    package let summary: String
    /// The operands as the usage line shows them, such as `REQUEST`; an optional one in brackets, and one that may be
    /// repeated with three dots after it.
    package let operands: [String]
    /// The possible operands, if they can be listed. Computed only when needed.
    package let choices: @Sendable () -> [String]
    package let options: [Option]
    /// More help on this command: paragraphs, and examples in lines that begin with two spaces. Computed only when
    /// needed.
    package let notes: @Sendable () -> String
    /// Example command lines, without the tool's name.
    package private(set) var examples: [String] = []
    /// Runs the command, and returns the exit code of the process.
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

    /// The same command with examples in its help and manual.
    func showing(_ examples: [String]) -> Command {
        var copy = self
        copy.examples = examples
        return copy
    }

    /// The command's own options and those that every command has.
    package var allOptions: [Option] { options + [.json, .help] }

    /// Whether the last operand may be repeated: its name then ends with three dots.
    var takesMany: Bool { operands.last?.hasSuffix("...") ?? false }

    var requiredOperands: Int { operands.count { !$0.hasPrefix("[") } }
}

/// One option of a command: the help text, the parser, the manual and the completions are all made from it.
package struct Option: Sendable {
    /// The long name with its dashes: `--conditions`.
    package let name: String
    /// The short name with its dash: `-c`.
    package let short: String?
    /// The name of the value in the help, such as `FILE`; `nil` for a switch.
    package let value: String?
    /// The possible values, if they can be listed.
    package let choices: [String]
    /// Whether the option may be given more than once.
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
