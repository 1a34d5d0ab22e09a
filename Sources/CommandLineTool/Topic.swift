/// Something to know that belongs to no command alone: `help NAME` shows it, and the manual has a section of it.
package struct Topic: Sendable {
    package let name: String
    /// What it is about, in one line.
    package let summary: String
    /// Paragraphs, and examples in lines that begin with two spaces.
    let text: String
    /// A table under the text.
    let terms: [(String, String)]

    package init(_ name: String, _ summary: String, _ text: String, terms: [(String, String)] = []) {
        self.name = name
        self.summary = summary
        self.text = text
        self.terms = terms
    }

    func text(width: Int) -> String {
        let prose = Prose(text).text(width: width)
        return terms.isEmpty ? prose : "\(prose)\n\(Prose.table(terms, width: width))"
    }
}
