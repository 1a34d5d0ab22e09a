/// Builds the HTML of a page. Text is escaped when it is added.
struct HTML {
    private(set) var text = ""

    /// Adds HTML without escaping. The HTML must not contain untrusted text.
    mutating func raw(_ tags: String) { text += tags }

    /// Escapes a text and adds it. Markup characters become character references. Control characters, bidirectional
    /// marks, and all other characters outside printable ASCII are shown as their code points, such as `\u{202e}`.
    mutating func add(_ words: String) { text += HTML.escaped(words) }

    /// Adds an HTML element that contains the given text.
    mutating func element(_ name: String, _ words: String, class style: String? = nil) {
        raw("<\(name)\(style.map { " class=\"\($0)\"" } ?? "")>")
        add(words)
        raw("</\(name)>")
    }

    /// Adds a section with a heading to the page.
    mutating func section(_ title: String, _ body: (inout HTML) -> Void) {
        raw("<section>\n")
        element("h2", title)
        raw("\n")
        body(&self)
        raw("</section>\n")
    }

    /// Adds a table. A cell is formatted as code if it begins with 0x.
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

    /// Adds a list of names and their values.
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
            // U+2026 is the ellipsis in a shortened address. It is shown as an ellipsis, and not as a code point.
            case "\u{2026}": text += "&hellip;"
            default: text += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return text
    }
}
