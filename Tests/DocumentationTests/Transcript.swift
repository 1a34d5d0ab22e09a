/// Compares the output that a page shows with the output of the command.
enum Transcript {
    /// Whether the output that a page shows agrees with the real output. On the page, a line `…` stands for any number
    /// of lines. Within a line, `…` stands for any text.
    static func agrees(_ shown: String, with said: String) -> Bool {
        agrees(lines(shown)[...], with: lines(said)[...])
    }

    /// Returns the lines, without white space at the end of each line, and without empty lines at the end of the text.
    static func lines(_ text: String) -> [Substring] {
        // A terminal ends its lines with CR LF. Swift treats CR LF as one character.
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            line.dropLast(line.reversed().prefix { $0.isWhitespace }.count)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func agrees(_ shown: ArraySlice<Substring>, with said: ArraySlice<Substring>) -> Bool {
        guard let first = shown.first else { return said.isEmpty }
        let rest = shown.dropFirst()
        guard first == "…" else {
            return said.first.map { matches(first, $0) } == true && agrees(rest, with: said.dropFirst())
        }
        return (said.startIndex...said.endIndex).contains { agrees(rest, with: said[$0...]) }
    }

    /// Whether one line agrees. The shown line may contain `…`.
    static func matches(_ shown: Substring, _ said: Substring) -> Bool {
        let parts = shown.split(separator: "…", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return shown == said }
        guard said.hasPrefix(first), said.dropFirst(first.count).hasSuffix(last) else { return false }
        var rest = said.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
