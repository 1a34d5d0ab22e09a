/// Escapes text that comes from outside Airlock. Such text must pass through this function before it is shown.
///
/// A scalar that is not printable ASCII becomes `\u{…}`. So no control character, terminal sequence, bidirectional mark
/// or look-alike letter reaches a terminal. A backslash is doubled, so that a text cannot imitate an escape. A space at
/// the start, at the end or after another space is escaped too, because nobody would see it. If the escaped text is
/// longer than `limit` characters, it is cut off, and the number of omitted scalars is appended.
public func escaped(_ foreign: String, limit: Int = 80) -> String {
    var shown = ""
    var left = 0
    var isAfterSpace = true
    var scalars = foreign.unicodeScalars.makeIterator()
    var following = scalars.next()
    while let scalar = following {
        following = scalars.next()
        let piece =
            switch scalar {
            case "\\": "\\\\"
            case " " where isAfterSpace || following == nil: "\\u{20}"
            case " "..."~": String(scalar)
            default: "\\u{\(String(scalar.value, radix: 16))}"
            }
        if left == 0, shown.utf8.count + piece.utf8.count <= limit {
            shown += piece
        } else {
            left += 1
        }
        isAfterSpace = scalar == " "
    }
    return left == 0 ? shown : "\(shown)... (\(left) more)"
}

/// Escapes every scalar that is not printable ASCII, except the ellipsis of a shortened address. Unlike
/// ``escaped(_:limit:)``, it keeps backslashes and spaces, so it can be applied to text that contains escapes already.
///
/// Everything that a kind of request shows passes through this function last. So no value can add lines or control the
/// terminal, even if the kind has forgotten to call ``escaped(_:limit:)``.
public func onlyPrintable(_ text: String) -> String {
    if text.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) { return text }
    return text.unicodeScalars.reduce(into: "") { shown, scalar in
        switch scalar {
        case " "..."~", "\u{2026}": shown.unicodeScalars.append(scalar)
        default: shown += "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
}

/// Breaks a string at spaces into lines of at most `width` characters. A longer word, such as a hash, stays whole on
/// its own line, because a broken hash could be neither compared nor copied.
public func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var length = 0
    for word in text.utf8.split(separator: UInt8(ascii: " ")).map(Substring.init) {
        let count = word.count
        if length > 0, length + 1 + count > width {
            lines.append(line)
            (line, length) = ("", 0)
        } else if length > 0 {
            line += " "
            length += 1
        }
        line += word
        length += count
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
}

/// Formats a name and its values as two columns. The second column starts at `column`, and the lines have at most
/// `width` characters. A word that is too wide for the second column is put on the line below the name, and begins to
/// the left of `column`.
public func tabulated(_ name: String, _ values: [String], column: Int, width: Int) -> String {
    var text = ""
    var left = name
    for line in values.flatMap({ wrapped($0, width: width - column) }) {
        let start = min(column, max(0, width - line.count))
        if !left.isEmpty, start < column {
            text += left + "\n"
            left = ""
        }
        text += left + String(repeating: " ", count: max(left.isEmpty ? 0 : 1, start - left.count)) + line + "\n"
        left = ""
    }
    return text
}
