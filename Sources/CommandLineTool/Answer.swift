package import AirlockStrictJSON

/// What a command that only looks has to say: as text for a person, and as the members of a JSON document.
package struct Answer: Sendable {
    package let text: String
    package let members: [(String, JSONOutput)]
    /// What the person should think about; among the members, too.
    package let warnings: [String]

    package init(text: String, _ members: [(String, JSONOutput)], warnings: [String] = []) {
        self.text = text
        self.members =
            members + (warnings.isEmpty ? [] : [("warnings", .array(warnings.map { .string($0) }))])
        self.warnings = warnings
    }

    /// One value by its name, which is its own text.
    package init(_ name: String, _ value: String, warnings: [String] = []) {
        self.init(text: value, [(name, .string(value))], warnings: warnings)
    }

    /// One value by its name, whose text is JSON.
    package init(_ name: String, _ value: JSONOutput) {
        self.init(text: value.printable, [(name, value)])
    }
}
