import AirlockDiagnostics
import AirlockStrictJSON

/// What a package puts beside a tool, from the tool itself: its manual and its completions.
extension Tool {
    /// The tool with the two commands that print them.
    package func describingItself(_ console: Console) -> Tool {
        @Sendable func put(_ text: String, _ arguments: Arguments) throws -> ExitCode {
            try arguments.has(.json) ? console.write(["ok": true, "text": .string(text)]) : console.write(text)
            return .done
        }
        // Both stand in what they print.
        let all = with(Self.describing(manual: { _ in .done }, completions: { _ in .done }))
        return with(
            Self.describing(
                manual: { try put(Manual.page(of: all), $0) },
                completions: { try put(all.completions(for: $0.operands[0]), $0) }))
    }

    private static let shells = ["bash", "zsh", "fish"]

    private static func describing(
        manual: @escaping @Sendable (Arguments) throws -> ExitCode,
        completions: @escaping @Sendable (Arguments) throws -> ExitCode
    ) -> [Command] {
        let operand = shells.joined(separator: "|")
        return [
            Command(
                "manual", "print the manual page",
                notes: "It is what man shows where a package is installed; elsewhere pipe it into man -l -.",
                run: manual),
            Command(
                "completions", "print what completes command lines in a shell", operands: [operand],
                notes: """
                    Packages install them. Elsewhere bash reads them from a file in
                    ~/.local/share/bash-completion/completions that is named as the tool, fish from
                    one in ~/.config/fish/completions that is named so too and ends in .fish, and
                    zsh from one in a folder of its fpath whose name begins with an underscore.
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

    /// What `help` can be asked for, a word each.
    var helpNames: [String] {
        let words = CommandTree(commands).branches.map(\.word)
        return words + topics.map(\.name).filter { !words.contains($0) }
    }
}
