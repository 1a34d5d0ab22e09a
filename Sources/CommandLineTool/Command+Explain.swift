import AirlockDiagnostics
import AirlockStrictJSON

extension Command {
    /// `explain`, which both tools have: all codes, or what one means and what to do about it.
    ///
    /// The catalogue is made when somebody asks, and not for every command that is run.
    package static func explain(
        _ catalogue: @escaping @autoclosure @Sendable () -> Catalogue, _ console: Console
    ) -> Command {
        Command(
            "explain", "list all error codes, or say what one means and what to do", operands: ["[CODE]"],
            choices: { catalogue().entries.map(\.code) }
        ) { arguments in
            let catalogue = catalogue()
            let entries: [Catalogue.Entry]
            if let code = arguments.operand(0) {
                guard let entry = catalogue.entry(code) else {
                    let near = Suggestion.nearest(to: code, in: catalogue.entries.map(\.code))
                    throw Problem(
                        UsageRule.unknownCode, saw: code, expected: near ?? "one of the codes that explain lists")
                }
                entries = [entry]
            } else {
                entries = catalogue.entries
            }
            if arguments.has(.json) {
                try console.write(["ok": true, "codes": .array(entries.map(\.json))])
            } else if arguments.operand(0) == nil {
                for entry in entries { try console.write("\(entry.code): \(entry.meaning)\n") }
            } else {
                for entry in entries { try console.write(entry.text) }
            }
            return .done
        }
    }
}

extension Catalogue.Entry {
    fileprivate var text: String {
        "\(code)\n\nMeaning  \(meaning).\nTo do    \(next).\nExit     \(exit.rawValue)\n"
    }

    fileprivate var json: JSONOutput {
        [
            "code": .string(code), "meaning": .string(meaning), "next": .string(next),
            "exit": .number("\(exit.rawValue)"),
        ]
    }
}
