/// What the shell suggests as a completion at one position of the command line.
enum Completion: Hashable {
    case files
    case words([String])
    case anything

    /// Chooses what the shell suggests for an operand or for the value of an option.
    ///
    /// - Parameters:
    ///   - names: the operand or value as the help shows it, such as `REQUEST | FOLDER` or `csv|json`.
    ///   - choices: the possible words, if they are known.
    init(_ names: String, choices: [String]) {
        let parts = names.split { "[]| ".contains($0) }.map(String.init)
        if !choices.isEmpty {
            self = .words(choices)
        } else if !Self.named.isDisjoint(with: parts) {
            self = .files
        } else if names.contains("|"), parts.allSatisfy({ $0 == $0.lowercased() }) {
            self = .words(parts)
        } else {
            self = .anything
        }
    }

    private static let named: Set = ["FILE", "FOLDER", "REQUEST", "PAYMENT", "CONDITIONS"]
}

extension Option {
    /// How the shell completes the value of this option; `nil` if the option has no value.
    var completion: Completion? { value.map { Completion($0, choices: choices) } }
}

extension Command {
    /// How the shell completes the operands of this command; `nil` if the command has no operands.
    var completion: Completion? {
        operands.isEmpty ? nil : Completion(operands.joined(separator: " | "), choices: choices())
    }
}

/// The names of the commands as a tree. The branches are the first words of the names, and the leaves of a branch are
/// the second words that can follow the first word.
struct CommandTree {
    struct Branch {
        let word: String
        let summary: String
        /// The second words that can follow the first word. Empty if the command's name has only one word.
        let leaves: [(word: String, summary: String)]
    }

    let branches: [Branch]

    init(_ commands: [Command]) {
        var branches: [Branch] = []
        for command in commands where !branches.contains(where: { $0.word == command.words[0] }) {
            let family = commands.filter { $0.words[0] == command.words[0] && $0.words.count == 2 }
            let leaves = family.map { (word: $0.words[1], summary: $0.summary) }
            let names = leaves.map(\.word).joined(separator: ", ")
            branches.append(
                Branch(word: command.words[0], summary: leaves.isEmpty ? command.summary : names, leaves: leaves))
        }
        self.branches = branches
    }
}

extension Command {
    /// The words of the command's name: one or two.
    var words: [String] { name.split(separator: " ").map(String.init) }
}

/// The completion script for bash. It defines a function for `complete -F`.
enum BashCompletions {
    static func script(for tool: Tool) -> String {
        let function = "_\(tool.name.identifier)"
        let tree = CommandTree(tool.commands)
        let families = tree.branches.filter { !$0.leaves.isEmpty }.map { branch in
            """
                \(branch.word))
                    if ((COMP_CWORD == 2)); then
                        command= words='\(branch.leaves.map(\.word).joined(separator: " "))'
                    else
                        command+=" ${COMP_WORDS[2]}"
                    fi ;;

            """
        }
        return """
            # Completion of \(tool.name) for bash, printed by: \(tool.name) completions bash
            \(function)() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
                local command=${COMP_WORDS[1]} words= files=
                COMPREPLY=()
                # --option=value comes in three words.
                if [[ $current == = ]]; then
                    current=
                elif [[ $previous == = ]]; then
                    previous=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                case $command in
            \(families.joined())    esac
                if ((COMP_CWORD == 1)); then
                    command= words='\((tree.branches.map(\.word) + ["help", "--help", "--version"]).joined(separator: " "))'
                fi
                case $command in
            \((tool.commands.map(command) + [help(of: tool)]).joined())    esac
                if [[ $files ]]; then
                    # Fails outside of a completion, where nobody minds.
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "$current")
                else
                    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
                fi
            }
            complete -F \(function) \(tool.name)

            """
    }

    private static func help(of tool: Tool) -> String {
        """
            help)
                words='\(tool.helpNames.joined(separator: " "))' ;;

        """
    }

    private static func command(_ command: Command) -> String {
        var places: [(completion: Completion, names: [String])] = []
        for option in command.allOptions {
            guard let completion = option.completion else { continue }
            let names = [option.short, option.name].compactMap(\.self)
            if let index = places.firstIndex(where: { $0.completion == completion }) {
                places[index].names += names
            } else {
                places.append((completion, names))
            }
        }
        let values = places.map { "        \($0.names.joined(separator: "|"))) \(setting($0.completion)) ;;\n" }
        let names = command.allOptions.flatMap { [$0.short, $0.name].compactMap(\.self) }
        let options = "words='\(names.joined(separator: " "))'"
        let operand =
            switch command.completion {
            case nil, .anything: options
            case let known?: "if [[ $current == -* ]]; then \(options); else \(setting(known)); fi"
            }
        return """
                '\(command.name)')
                    case $previous in
            \(values.joined())        *) \(operand) ;;
                    esac ;;

            """
    }

    private static func setting(_ completion: Completion) -> String {
        switch completion {
        case .files: "files=yes"
        case .words(let words): "words='\(words.joined(separator: " "))'"
        case .anything: ":"
        }
    }
}

extension String {
    /// Converts a string to a valid name of a shell function. Each hyphen becomes an underscore.
    var identifier: String { String(map { $0 == "-" ? "_" : $0 }) }
}

/// The completion script for zsh. It is a file for a folder in `fpath`.
enum ZshCompletions {
    static func script(for tool: Tool) -> String {
        let tree = CommandTree(tool.commands)
        let first = tree.branches.map { ($0.word, $0.summary) } + [("help", "explain a command or topic")]
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

    /// Escapes the characters that have a special meaning for `_arguments` of zsh.
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

/// The completion script for fish.
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
            \(first.joined())\(word("help", "explain a command or topic", after: ""))\
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
