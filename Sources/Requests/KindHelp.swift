/// What the help of the tools says of a kind of request.
public struct KindHelp: Sendable {
    /// Something to know that belongs to no command alone.
    public struct Topic: Sendable {
        public let name: String
        public let summary: String
        public let text: String
        /// A table under the text.
        public let terms: [(String, String)]

        public init(_ name: String, _ summary: String, _ text: String, terms: [(String, String)] = []) {
            self.name = name
            self.summary = summary
            self.text = text
            self.terms = terms
        }
    }

    /// The names that `--method` takes, besides `auto`.
    public let methods: [String]
    /// Paragraphs for the commands that review and sign.
    public let notes: String
    /// Paragraphs for the command that measures.
    public let preparing: String
    public let topics: [Topic]

    public init(methods: [String] = [], notes: String = "", preparing: String = "", topics: [Topic] = []) {
        self.methods = methods
        self.notes = notes
        self.preparing = preparing
        self.topics = topics
    }
}
