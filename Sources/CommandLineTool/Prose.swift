import AirlockDiagnostics

/// Words for a person: paragraphs, which are filled to any width, and lines that begin with two spaces, which stand as
/// they are.
struct Prose {
    enum Block {
        case paragraph(String)
        case example([String])
    }

    let blocks: [Block]

    init(_ text: String) {
        var blocks: [Block] = []
        // Whether the next line belongs to the block before it.
        var isOpen = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            switch (line, isOpen ? blocks.last : nil) {
            case ("", _):
                isOpen = false
                continue
            case (_, .paragraph(let words)) where !line.hasPrefix("  "):
                blocks[blocks.count - 1] = .paragraph("\(words) \(line)")
            case (_, .example(let lines)) where line.hasPrefix("  "):
                blocks[blocks.count - 1] = .example(lines + [String(line.dropFirst(2))])
            default:
                blocks.append(line.hasPrefix("  ") ? .example([String(line.dropFirst(2))]) : .paragraph(line))
            }
            isOpen = true
        }
        self.blocks = blocks
    }

    /// The blocks with an empty line between them. A line of an example that is too wide goes on further right.
    func text(width: Int) -> String {
        blocks.map { block in
            switch block {
            case .paragraph(let words): wrapped(words, width: width).map { $0 + "\n" }.joined()
            case .example(let lines):
                lines.map { line in
                    if line.utf8.count + 2 <= width { return "  \(line)\n" }
                    return wrapped(line, width: width - 6).enumerated()
                        .map { ($0 == 0 ? "  " : "      ") + $1 + "\n" }.joined()
                }.joined()
            }
        }.joined(separator: "\n")
    }

    /// Rows of two columns; a left side that is too wide gets a line of its own.
    static func table(_ rows: [(String, String)], width: Int) -> String {
        let left = min(rows.map(\.0.utf8.count).max() ?? 0, 24, width * 2 / 5)
        return rows.map { name, meaning in
            let isWide = name.utf8.count > left
            return (isWide ? "  \(name)\n" : "")
                + tabulated(isWide ? "" : "  \(name)", [meaning], column: left + 4, width: width)
        }.joined()
    }
}
