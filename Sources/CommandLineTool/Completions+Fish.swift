/// The completion of a tool for fish.
enum FishCompletions {
    static func script(for tool: Tool) -> String {
        let name = tool.name
        let typed = "__\(name.identifier)_typed"
        let tree = CommandTree(tool.commands)
        func word(_ word: String, _ summary: String, after: String) -> String {
            "complete -c \(name) -n '\(typed) only \(after)' -a \(word) -d \(quoted(summary))\n"
        }
        let first = tree.branches.map { word($0.word, $0.summary, after: "") }
        let second = tree.branches.flatMap { branch in
            branch.leaves.map { word($0.word, $0.summary, after: branch.word) }
        }
        return """
            # Completion of \(name) for fish, printed by: \(name) completions fish
            # Whether the words after the tool's name are these, or begin with them.
            function \(typed) --argument-names how
                set --local words (commandline --current-process --tokenize --cut-at-cursor)
                set --erase words[1]
                set --erase argv[1]
                test $how = only; and test "$words" = "$argv"; and return
                test $how = from; and string match --quiet -- "$argv *" "$words "
            end
            complete -c \(name) -f
            \(first.joined())\(word("help", "say more of a command or topic", after: ""))\
            complete -c \(name) -n '\(typed) only ' -l help -d 'list the commands'
            complete -c \(name) -n '\(typed) only ' -l version -d 'show the version'
            complete -c \(name) -n '\(typed) from help' -a \(quoted(tool.helpNames.joined(separator: " ")))
            \(second.joined())\(tool.commands.flatMap { rows(of: $0, name, typed) }.joined())
            """
    }

    private static func rows(of command: Command, _ name: String, _ typed: String) -> [String] {
        let start = "complete -c \(name) -n '\(typed) from \(command.name)'"
        let operands =
            switch command.completion {
            case nil, .anything: ""
            case .files: "\(start) -F\n"
            case .words(let words): "\(start) -a \(quoted(words.joined(separator: " ")))\n"
            }
        return [operands]
            + command.allOptions.map { option in
                let short = option.short.map { " -s \($0.dropFirst())" } ?? ""
                let value =
                    switch option.completion {
                    case nil: ""
                    case .files: " -r -F"
                    case .words(let words): " -x -a \(quoted(words.joined(separator: " ")))"
                    case .anything: " -x"
                    }
                return "\(start)\(short) -l \(option.name.dropFirst(2))\(value) -d \(quoted(option.help))\n"
            }
    }

    private static func quoted(_ text: String) -> String {
        "'"
            + text.map { character in
                switch character {
                case "'", "\\": "\\\(character)"
                default: String(character)
                }
            }.joined() + "'"
    }
}
