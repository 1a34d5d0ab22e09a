package import AirlockDiagnostics

/// Every rule that can be broken, as `explain` shows it. It holds nothing of its own: the enums are the catalogue.
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

    /// Adds all rules of a module.
    package mutating func add<Rules: Advised>(_ rules: Rules.Type) {
        entries += rules.allCases.map {
            Entry(code: $0.rawValue, meaning: $0.meaning, next: $0.next, exit: $0.exit)
        }
    }

    /// Adds all rules of a kind of request, which a program may bring with it. That nothing is known of them is a bug.
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
