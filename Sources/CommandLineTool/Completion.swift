/// What can stand at a place of the command line, as far as it can be told before it is typed.
enum Completion: Hashable {
    case files
    case words([String])
    case anything

    /// - Parameters:
    ///   - names: what the help calls the place: `REQUEST | FOLDER`, `csv|json`.
    ///   - choices: what is known of it besides.
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
    /// What its value can be; `nil` for a switch.
    var completion: Completion? { value.map { Completion($0, choices: choices) } }
}

extension Command {
    /// What its operands can be; `nil` where it takes none.
    var completion: Completion? {
        operands.isEmpty ? nil : Completion(operands.joined(separator: " | "), choices: choices())
    }
}

/// The commands by the words that are typed: each first word, with the second ones that can follow it.
struct CommandTree {
    struct Branch {
        let word: String
        let summary: String
        /// Of a family, its commands by their second words.
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
    /// The words that call it: one or two.
    var words: [String] { name.split(separator: " ").map(String.init) }
}
