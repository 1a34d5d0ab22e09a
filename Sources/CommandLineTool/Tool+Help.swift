import AirlockDiagnostics

/// The help texts, made from the same tables that the parser reads.
extension Tool {
    /// What a person who has typed nothing but the tool's name wants to know.
    func greeting(width: Int = 80) -> String {
        let next = """
            \(name) help lists all commands, and \(name) help NAME says more of a command or of one of these: \
            \(topics.map(\.name).joined(separator: ", ")).
            """
        return """
            \(paragraph("\(name) - \(summary)", width))
            Usage: \(name) COMMAND [options]

            \(Prose(introduction).text(width: width))
            \(paragraph(next, width))
            """
    }

    /// The tool's own help: every command in one line, and what else there is to know.
    package func help(width: Int = 80) -> String {
        var text = """
            \(paragraph("\(name) - \(summary)", width))
            Usage: \(name) COMMAND [options]

            Commands:
            \(Prose.table(commands.map { ($0.name, $0.summary) }, width: width))

            """
        if !topics.isEmpty {
            text += "Topics:\n\(Prose.table(topics.map { ($0.name, $0.summary) }, width: width))\n"
        }
        let more = "\(name) help NAME shows what a command takes, or a topic; \(name) --version the version."
        text += paragraph(more, width)
        return introduction.isEmpty ? text : text + "\n" + Prose(introduction).text(width: width)
    }

    /// All that there is to say of a name: a command, the commands that begin with a word, and a topic.
    func help(named name: String, width: Int = 80) -> String? {
        let command = commands.first { $0.name == name }.map { help(of: $0, width: width) }
        let topic = topics.first { $0.name == name }.map { $0.text(width: width) }
        let texts = [topic, command ?? help(ofFamily: name, width: width)].compactMap(\.self)
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }

    /// The commands that begin with a word, one in a line; `nil` where none does.
    func help(ofFamily word: String, width: Int = 80) -> String? {
        let family = commands.filter { $0.name.hasPrefix("\(word) ") }
        guard !family.isEmpty else { return nil }
        let table = Prose.table(family.map { ($0.name, $0.summary) }, width: width)
        return "Usage: \(name) \(word) COMMAND [options]\n\nCommands:\n\(table)"
    }

    /// The help of one command.
    package func help(of command: Command, width: Int = 80) -> String {
        let usage = wrapped(usage(of: command), width: width - 7).joined(separator: "\n       ")
        let options = Prose.table(command.allOptions.map { ($0.usage, $0.help) }, width: width)
        var text = "\(paragraph(command.summary, width))\nUsage: \(usage)\n\nOptions:\n\(options)"
        if !command.examples.isEmpty {
            text += "\nExamples:\n" + Prose(examples(of: command)).text(width: width)
        }
        let notes = command.notes()
        return notes.isEmpty ? text : text + "\n" + Prose(notes).text(width: width)
    }

    /// The examples as lines that stand as they are.
    func examples(of command: Command) -> String {
        command.examples.map { "  \(name) \($0)\n" }.joined()
    }

    /// The line that calls a command.
    func usage(of command: Command) -> String {
        ([name, command.name] + command.operands + ["[options]"]).joined(separator: " ")
    }

    private func paragraph(_ text: String, _ width: Int) -> String {
        wrapped(text, width: width).map { $0 + "\n" }.joined()
    }
}

extension Option {
    /// Its names and its value: `-k, --key FILE`.
    var usage: String {
        let names = [short, name].compactMap(\.self).joined(separator: ", ")
        return value.map { "\(names) \($0)" } ?? names
    }
}
