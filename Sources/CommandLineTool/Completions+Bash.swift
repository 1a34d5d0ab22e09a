/// The completion of a tool for bash: a function for `complete -F`.
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
    /// As the name of a shell's function.
    var identifier: String { String(map { $0 == "-" ? "_" : $0 }) }
}
