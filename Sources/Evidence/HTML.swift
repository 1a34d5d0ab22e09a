/// Builds the HTML of a page. What is added as text is escaped.
struct HTML {
    private(set) var text = ""

    /// Adds trusted HTML.
    mutating func raw(_ tags: String) { text += tags }

    /// Adds text. Markup becomes character references. Control characters, bidirectional marks and all other characters
    /// beyond printable ASCII are shown as their numbers.
    mutating func add(_ words: String) { text += HTML.escaped(words) }

    /// Adds an element that contains text.
    mutating func element(_ name: String, _ words: String, class style: String? = nil) {
        raw("<\(name)\(style.map { " class=\"\($0)\"" } ?? "")>")
        add(words)
        raw("</\(name)>")
    }

    /// Adds a part of the page with a heading.
    mutating func section(_ title: String, _ body: (inout HTML) -> Void) {
        raw("<section>\n")
        element("h2", title)
        raw("\n")
        body(&self)
        raw("</section>\n")
    }

    /// Adds a table. A cell that begins with 0x is formatted as code.
    mutating func table(_ caption: String, _ heads: [String], _ rows: [[String]]) {
        raw("<table><caption class=\"hidden\">")
        add(caption)
        raw("</caption><thead><tr>")
        for head in heads { element("th", head) }
        raw("</tr></thead><tbody>")
        for row in rows {
            raw("<tr>")
            for (head, cell) in zip(heads, row) {
                raw("<td data-head=\"")
                add(head)
                raw("\">")
                if cell.hasPrefix("0x") { element("code", cell) } else { add(cell) }
                raw("</td>")
            }
            raw("</tr>\n")
        }
        raw("</tbody></table>\n")
    }

    /// Adds a list of names and values.
    mutating func facts(_ facts: [(name: String, value: String)]) {
        raw("<dl>")
        for fact in facts {
            element("dt", fact.name)
            raw("<dd>")
            if fact.value.hasPrefix("0x") { element("code", fact.value) } else { add(fact.value) }
            raw("</dd>")
        }
        raw("</dl>\n")
    }

    private static func escaped(_ words: String) -> String {
        var text = ""
        for scalar in words.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            case "\n", " "..."~": text.unicodeScalars.append(scalar)
            // The ellipsis in a shortened address.
            case "\u{2026}": text += "&hellip;"
            default: text += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return text
    }
}
