/// One option of a command: the help text, the parser, the manual and the completions are all made from it.
package struct Option: Sendable {
    /// The long name with its dashes: `--conditions`.
    package let name: String
    /// The short name with its dash: `-c`.
    package let short: String?
    /// What the option's value is called in the help, such as `FILE`; `nil` for a switch.
    package let value: String?
    /// What the value can be, where that can be listed.
    package let choices: [String]
    /// May it be given more than once?
    package let isRepeatable: Bool
    /// What it does, in a few words.
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
