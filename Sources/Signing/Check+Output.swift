public import AirlockDiagnostics
public import AirlockStrictJSON

extension Check {
    /// `ok`, `warn` or `refused`, the subject, and all that is to be said of it.
    ///
    /// - Parameters:
    ///   - width: how many columns a line may have.
    ///   - withFindings: whether what is in order is said too.
    public func text(width: Int = 80, withFindings: Bool = true) -> String {
        let says = (problems.map(\.message) + warnings + (withFindings ? findings : [])).joined(separator: "; ")
        return Page.fact(status.rawValue, ["\(name): \(says)"], width: width)
    }

    /// All checks; or one line for those that hold, and after it what does not, each set apart.
    static func text(_ checks: [Check], width: Int, all: Bool, bold: Bool) -> String {
        guard !all else { return checks.map { $0.text(width: width) }.joined() }
        let fine = checks.count { $0.status == .ok }
        var text = fine == 0 ? "" : fine == 1 ? "1 check ok\n" : "\(fine) checks ok\n"
        for check in checks where check.status != .ok {
            let said = check.text(width: width, withFindings: false)
            text += (text.isEmpty ? "" : "\n") + (bold ? "\u{1b}[1m\(said.dropLast())\u{1b}[0m\n" : said)
        }
        return text
    }

    /// - Parameter problem: how one problem is said.
    public func json(_ problem: (Problem) -> JSONOutput) -> JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("check", .string(name)), ("status", .string(status.rawValue)),
            ("findings", .array(findings.map { .string($0) })), ("warnings", .array(warnings.map { .string($0) })),
        ]
        if !problems.isEmpty { members.append(("errors", .array(problems.map(problem)))) }
        return .object(members)
    }
}

/// Text in two columns, names before facts, within a stated width.
enum Page {
    private static let column = 13

    static func paragraph(_ text: String, width: Int) -> String {
        wrapped(text, width: width).map { $0 + "\n" }.joined()
    }

    /// The text with its longest words cut, so that none of them stands further to the left than a fact does: there it
    /// could pass for a name.
    ///
    /// - Parameter isMarked: whether a backslash stands where a word of an escaped text is cut. An end of line is a space
    ///   otherwise.
    static func broken(_ text: String, width: Int, isMarked: Bool = false) -> String {
        let most = max(16, width - column)
        var pieces: [Substring] = []
        for word in text.split(separator: " ") {
            var rest = word
            while rest.count > most {
                let piece = rest.prefix(isMarked ? whole(rest, most - 1) : most)
                pieces.append(isMarked ? piece + "\\" : piece)
                rest = rest.dropFirst(piece.count)
            }
            pieces.append(rest)
        }
        return pieces.joined(separator: " ")
    }

    /// How many characters of an escaped word to take, at most so many, for none of its escapes to be cut.
    private static func whole(_ word: Substring, _ most: Int) -> Int {
        var (count, rest) = (0, word)
        while let first = rest.first {
            let length =
                first != "\\" ? 1 : rest.dropFirst().first == "u" ? rest.prefix { $0 != "}" }.count + 1 : 2
            if count + length > most { break }
            count += length
            rest = rest.dropFirst(length)
        }
        return count
    }

    static func fact(_ name: String, _ values: [String], width: Int) -> String {
        tabulated(name, values, column: column, width: width)
    }
}
