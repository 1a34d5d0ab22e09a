/// The completion of a tool for zsh: a file of a folder in its `fpath`.
enum ZshCompletions {
    static func script(for tool: Tool) -> String {
        let tree = CommandTree(tool.commands)
        let first = tree.branches.map { ($0.word, $0.summary) } + [("help", "say more of a command or topic")]
        let families = tree.branches.filter { !$0.leaves.isEmpty }.map { branch in
            """
            \(branch.word))
                if (( CURRENT == 2 )); then
                    choices=(\(described(branch.leaves.map { ($0.word, $0.summary) }, indent: 8)))
                    _describe command choices
                    return
                fi
                name+=" $words[2]"
                shift words
                (( CURRENT-- )) ;;

            """
        }
        return """
            #compdef \(tool.name)
            # Completion of \(tool.name) for zsh, printed by: \(tool.name) completions zsh
            local -a choices
            if (( CURRENT == 2 )); then
                choices=(\(described(first, indent: 4)))
                _describe command choices
                return
            fi
            local name=$words[2]
            shift words
            (( CURRENT-- ))
            case $name in
            \(families.joined())esac
            case $name in
            \(tool.commands.map(command).joined())help)
                _arguments '*:command or topic:(\(tool.helpNames.joined(separator: " ")))' ;;
            esac

            """
    }

    private static func described(_ rows: [(String, String)], indent: Int) -> String {
        let spaces = String(repeating: " ", count: indent)
        return rows.map { "\n\(spaces)\(quoted("\($0):\($1)"))" }.joined() + "\n" + String(spaces.dropLast(4))
    }

    private static func command(_ command: Command) -> String {
        var rows = command.allOptions.map(option)
        if let completion = command.completion {
            rows.append(quoted("*:\(plain(command.operands.joined(separator: ", "))):\(action(completion))"))
        }
        return "'\(command.name)')\n    _arguments -s \(rows.joined(separator: " \\\n        ")) ;;\n"
    }

    private static func option(_ option: Option) -> String {
        let value = option.completion.map { ":\(plain(option.value ?? "")):\(action($0))" } ?? ""
        let text = "[\(plain(option.help))]\(value)"
        let all = [option.short, option.name].compactMap(\.self).joined(separator: " ")
        let others = option.isRepeatable ? "*" : "(\(all))"
        let names = [option.short, option.name + (option.value == nil ? "" : "=")].compactMap(\.self)
        return names.map { quoted("\(others)\($0)\(text)") }.joined(separator: " ")
    }

    private static func action(_ completion: Completion) -> String {
        switch completion {
        case .files: "_files"
        case .words(let words): "(\(words.joined(separator: " ")))"
        case .anything: " "
        }
    }

    /// Without what means something to `_arguments`.
    private static func plain(_ text: String) -> String {
        text.map { character in
            switch character {
            case "[", "]", ":", "\\": "\\\(character)"
            default: String(character)
            }
        }.joined()
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
