import Problems

/// The help texts, made from the same tables that the parser reads.
extension Tool {
    /// The tool's own help: every command in one line.
    public var help: String {
        var text = "\(name) - \(summary)\n\nUsage: \(name) COMMAND [options]\n\nCommands:\n"
        text += table(commands.map { ($0.name, $0.summary) })
        text += "\n"
        text += paragraph("\(name) COMMAND --help shows what a command takes; \(name) --version the version.")
        return footer.isEmpty ? text : text + "\n\(footer)\n"
    }

    /// The commands that begin with a word, one in a line; nothing where none does.
    func help(ofFamily word: String) -> String? {
        let family = commands.filter { $0.name.hasPrefix("\(word) ") }
        guard !family.isEmpty else { return nil }
        return "Usage: \(name) \(word) COMMAND [options]\n\nCommands:\n" + table(family.map { ($0.name, $0.summary) })
    }

    /// The help of one command.
    public func help(of command: Command) -> String {
        let usage = ([name, command.name] + command.operands + ["[options]"]).joined(separator: " ")
        var text = "\(paragraph(command.summary))\nUsage: \(usage)\n\nOptions:\n"
        text += table(
            command.allOptions.map { option in
                let names = [option.short, option.name].compactMap(\.self).joined(separator: ", ")
                return (option.value.map { "\(names) \($0)" } ?? names, option.help)
            })
        return command.notes.isEmpty ? text : text + "\n\(command.notes)\n"
    }

    private func paragraph(_ text: String) -> String { wrapped(text, width: 80).map { $0 + "\n" }.joined() }

    /// Two columns within 80: a left side that is too wide gets a line of its own.
    private func table(_ rows: [(String, String)]) -> String {
        let width = min(rows.map(\.0.utf8.count).max() ?? 0, 24)
        return rows.map { left, right in
            let lines = wrapped(right, width: 80 - width - 4)
            let indent = String(repeating: " ", count: width + 4)
            let rest = lines.dropFirst().map { "\(indent)\($0)\n" }.joined()
            if left.utf8.count > width { return "  \(left)\n\(indent)\(lines[0])\n\(rest)" }
            let padding = String(repeating: " ", count: width - left.utf8.count)
            return "  \(left)\(padding)  \(lines[0])\n\(rest)"
        }.joined()
    }
}
