public import StrictJSON

/// What a command that only looks has to say: as text for a person, and as the members of a JSON document.
public struct Answer: Sendable {
    public let text: String
    public let members: [(String, JSONOutput)]

    public init(text: String, _ members: [(String, JSONOutput)]) {
        self.text = text
        self.members = members
    }

    /// One value by its name, which is its own text.
    public init(_ name: String, _ value: String) {
        self.init(text: value, [(name, .string(value))])
    }

    /// One value by its name, whose text is JSON.
    public init(_ name: String, _ value: JSONOutput) {
        self.init(text: value.text, [(name, value)])
    }
}
