import AirlockDiagnostics
import AirlockStrictJSON

/// The manual page of a tool in the man(7) format. It is made from the parser's tables and the help texts.
enum Manual {
    static func page(of tool: Tool) -> String {
        let title = tool.name.uppercased()
        var page = """
            .\\" Printed by: \(tool.name) manual
            .TH \(escaped(title)) 1 "" "Airlock \(escaped(tool.version))" "Airlock"
            .SH NAME
            \(escaped(tool.name)) \\- \(lines(tool.summary))\
            .SH SYNOPSIS
            .B \(escaped(tool.name))
            .I COMMAND
            [\\fIoptions\\fR]
            .SH DESCRIPTION
            \(prose(tool.introduction))
            .SH COMMANDS

            """
        let common = [Option.json, .help]
        page += "Every command takes these two options besides its own.\n"
        page += terms(common.map { ($0.usage, $0.help) })
        for command in tool.commands {
            page += ".SS \(escaped(([command.name] + command.operands).joined(separator: " ")))\n"
            page += lines(command.summary.sentence)
            page += terms(command.options.map { ($0.usage, $0.help) })
            let notes = command.notes()
            if !notes.isEmpty { page += ".PP\n\(prose(notes))" }
            if !command.examples.isEmpty { page += ".PP\n\(prose(tool.examples(of: command)))" }
        }
        for topic in tool.topics {
            let name = topic.name == "exit-codes" ? "exit status" : topic.name.replacing("-")
            page += ".SH \(escaped(name.uppercased()))\n\(prose(topic.text))\(terms(topic.terms))"
        }
        if let sibling = tool.sibling {
            page += ".SH SEE ALSO\n.BR \(escaped(sibling.program)) (1)\n"
        }
        return page
    }

    private static func prose(_ text: String) -> String {
        Prose(text).blocks.map { block in
            switch block {
            case .paragraph(let words): lines(words)
            case .example(let rows): ".RS 4\n.nf\n\(rows.map { escaped($0) + "\n" }.joined()).fi\n.RE\n"
            }
        }.joined(separator: ".PP\n")
    }

    private static func terms(_ rows: [(String, String)]) -> String {
        rows.map { ".TP\n.B \(escaped($0))\n\(lines($1))" }.joined()
    }

    /// Breaks text into short lines, so that people can read the source of the manual page too.
    private static func lines(_ text: String) -> String {
        wrapped(text, width: 64).map { line in
            line.split(separator: " ").map { isIdentifier($0) ? "\\%" + escaped($0) : escaped($0) }
                .joined(separator: " ") + "\n"
        }.joined()
    }

    /// Whether a word is an identifier, such as `maxNetworkFee` or `data.web3_data`. An identifier must not be
    /// hyphenated, because the hyphen would look like a part of it.
    private static func isIdentifier(_ word: Substring) -> Bool {
        let inner = word.dropFirst().dropLast()
        return !word.hasPrefix(".") && inner.contains { !($0.isLowercase || $0 == "'") }
    }

    /// Escapes a string for roff, the format of manual pages.
    private static func escaped(_ text: some StringProtocol) -> String {
        let letters = text.map { letter in
            switch letter {
            case "\\": "\\e"
            case "-": "\\-"
            case "'": "\\(aq"
            case "`": "\\(ga"
            case "^": "\\(ha"
            case "~": "\\(ti"
            case "\"": "\\(dq"
            default: String(letter)
            }
        }.joined()
        // Without an escape, roff would read a line that begins with a dot as a command.
        return letters.hasPrefix(".") ? "\\&\(letters)" : letters
    }
}

extension String {
    /// The text as a sentence that begins with a capital letter and ends with a full stop.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".") }

    fileprivate func replacing(_ character: Character) -> String { String(map { $0 == character ? " " : $0 }) }
}

/// Adds the commands that print the manual page and the shell completions. These commands are run when the packages of
/// the tool are built.
extension Tool {
    /// A copy of the tool that can print its own manual page and completions.
    package func describingItself(_ console: Console) -> Tool {
        @Sendable func put(_ text: String, _ arguments: Arguments) throws -> ExitCode {
            try arguments.has(.json) ? console.write(["ok": true, "text": .string(text)]) : console.write(text)
            return .done
        }
        // The manual page and the completions must also list the two commands that print them.
        let all = { @Sendable in with(Self.describing(manual: { _ in .done }, completions: { _ in .done })) }
        return with(
            Self.describing(
                manual: { try put(Manual.page(of: all()), $0) },
                completions: { try put(all().completions(for: $0.operands[0]), $0) }))
    }

    private static let shells = ["bash", "zsh", "fish"]

    private static func describing(
        manual: @escaping @Sendable (Arguments) throws -> ExitCode,
        completions: @escaping @Sendable (Arguments) throws -> ExitCode
    ) -> [Command] {
        [
            Command(
                "manual", "print the manual page",
                notes: "If a package installed Airlock, man shows this page; otherwise pipe it into man -l -.",
                run: manual),
            Command(
                "completions", "print what completes command lines in a shell", operands: ["bash|zsh|fish"],
                notes: """
                    Packages install them. Otherwise write them to a file called NAME, the name of the tool.
                    bash reads the file NAME in ~/.local/share/bash-completion/completions, fish reads NAME.fish
                    in ~/.config/fish/completions, and zsh reads _NAME in a folder of its fpath.
                    """, run: completions),
        ]
    }

    private func completions(for shell: String) throws(Problem) -> String {
        switch shell {
        case "bash": return BashCompletions.script(for: self)
        case "zsh": return ZshCompletions.script(for: self)
        case "fish": return FishCompletions.script(for: self)
        default:
            throw Problem(
                UsageRule.unknownShell, saw: shell, expected: "one of \(Self.shells.joined(separator: ", "))")
        }
    }

    /// All words that `help` accepts as an operand.
    var helpNames: [String] {
        let words = CommandTree(commands).branches.map(\.word)
        return words + topics.map(\.name).filter { !words.contains($0) }
    }
}
