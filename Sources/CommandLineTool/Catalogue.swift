package import AirlockDiagnostics
import AirlockStrictJSON

/// All error codes, as `explain` lists them. The catalogue is built from the enums that define the codes.
package struct Catalogue: Sendable {
    package struct Entry: Sendable {
        package let code: String
        package let meaning: String
        package let next: String
        package let exit: ExitCode
    }

    package private(set) var entries: [Entry] = []

    package init() {
        add(UsageRule.self)
        add(InternalRule.self)
        add(InputRule.self)
        add(OutputRule.self)
        add(QuestionRule.self)
    }

    /// Adds all error codes of one enum.
    package mutating func add<Rules: Advised>(_ rules: Rules.Type) {
        entries += rules.allCases.map {
            Entry(code: $0.rawValue, meaning: $0.meaning, next: $0.next, exit: $0.exit)
        }
    }

    /// Adds all error codes of one kind of request. The program can have registered this kind at its start. Error codes
    /// without advice are a bug in Airlock, so they are listed with the advice for bugs.
    package mutating func add(ofKind rules: any Rule.Type) {
        if let advised = rules as? any Advised.Type { add(advised) } else { addUnknown(rules) }
    }

    private mutating func addUnknown<Rules: Rule>(_ rules: Rules.Type) {
        let bug = InternalRule.unexpected
        entries += rules.allCases.map {
            Entry(code: $0.rawValue, meaning: $0.meaning, next: bug.next, exit: bug.exit)
        }
    }

    package func entry(_ code: String) -> Entry? { entries.first { $0.code == code } }
}

extension Command {
    /// The command `explain` of both tools. It lists all error codes, or explains one code and gives advice about it.
    ///
    /// - Parameters:
    ///   - catalogue: the error codes of this tool. The catalogue is built only when the command runs.
    ///   - sibling: the name of the other tool, which has error codes that this tool does not have.
    ///   - console: the console.
    package static func explain(
        _ catalogue: @escaping @autoclosure @Sendable () -> Catalogue, sibling: String, _ console: Console
    ) -> Command {
        Command(
            "explain", "list all error codes, or explain one of them and what to do", operands: ["[CODE]"],
            choices: { catalogue().entries.map(\.code) }
        ) { arguments in
            let catalogue = catalogue()
            let entries: [Catalogue.Entry]
            if let code = arguments.operand(0) {
                guard let entry = catalogue.entry(code) else {
                    let near = Suggestion.nearest(to: code, in: catalogue.entries.map(\.code))
                    let elsewhere = "\(UsageRule.unknownCode.next); \(sibling) explain \(code) may know it"
                    throw Problem(
                        UsageRule.unknownCode, saw: code, expected: near ?? "one of the codes that explain lists",
                        hint: isCode(code) ? elsewhere : nil)
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

    /// Whether a word has the form of an error code. Only such a word is safe to repeat in a hint.
    private static func isCode(_ word: String) -> Bool {
        word.contains(".") && word.utf8.count <= 64
            && word.utf8.allSatisfy("abcdefghijklmnopqrstuvwxyz0123456789.-".utf8.contains)
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
