/// The text in lines of at most `width` characters, broken at spaces; a word that is wider is broken where it must be.
public func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        var word = word
        if !line.isEmpty, line.utf8.count + 1 + word.utf8.count > width {
            lines.append(line)
            line = ""
        }
        while line.isEmpty, word.utf8.count > width {
            lines.append(String(word.prefix(width)))
            word = word.dropFirst(width)
        }
        line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
}
