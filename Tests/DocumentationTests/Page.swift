import Foundation
import Testing
import AirlockTestSupport

/// A page of the manual: its fenced blocks, and its comments with instructions for the tests, in the order of the page.
///
/// The language of a fenced block, and the text after the language, tell the test what to do:
///
/// - `sh`: commands, which exit with 0; `sh exit=10`: the last command exits with 10;
/// - `sh terminal: Password of the key: secret; Type sign: sign`: commands with questions that a person answers;
/// - `sh make`: targets of the Makefile, which are tried with `make --dry-run`;
/// - `sh not run: why`: commands that no test can run;
/// - `text` after commands: their whole output, in which `…` stands for any text;
/// - `json NAME`: a file that the reader, or the test, writes into the working folder;
/// - `swift NAME.swift`: the program with this name in Snippets, which `swift run NAME` runs;
/// - `diff NAME`: a change that applies to the source tree.
///
/// A comment `<!-- stage: … -->` contains commands that prepare the next blocks. `<!-- chain: METHOD PARAMETERS -->`
/// calls a method of the chain's node. `<!-- charge: SECONDS [native] -->` makes a charge that is valid for this number
/// of seconds. With `native`, the charge is in native currency. Without `native`, it is in a token.
struct Page: Sendable, CustomTestStringConvertible {
    /// A fenced block of a page, or an HTML comment with an instruction for the tests. For an instruction, `language`
    /// is `<!-- ` and the word before the colon.
    struct Block: Sendable {
        let language: String
        /// The text that follows the language in the first line of the block. Empty for an instruction.
        let note: String
        var body: String
        /// The number of the block's first line, counted from 1.
        let line: Int
    }

    let name: String
    let text: String
    let blocks: [Block]

    var testDescription: String { name }

    /// All pages of the project: those in its root folder, and those in docs.
    static let all: [Page] = ["", "docs/"].flatMap { folder in
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: PackageRoot.url.appending(path: folder).path)) ?? []
        return names.filter { $0.hasSuffix(".md") }.sorted().compactMap { try? Page("\(folder)\($0)") }
    }

    init(_ name: String) throws {
        self.init(name, try String(contentsOf: PackageRoot.url.appending(path: name), encoding: .utf8))
    }

    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
        var blocks: [Block] = []
        var open: (fence: String, block: Block)?
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            if let (fence, block) = open {
                guard !Self.closes(line, fence) else {
                    blocks.append(block)
                    open = nil
                    continue
                }
                open?.block.body += line + "\n"
            } else if line.hasPrefix("```") {
                open = (String(line.prefix { $0 == "`" }), Self.block(line.drop { $0 == "`" }, " ", at: index + 2))
            } else if line.hasPrefix("<!-- ") {
                let block = Self.block(line.dropFirst(5).split(separator: " -->")[0], ": ", at: index + 1)
                let direction = Block(language: "<!-- " + block.language, note: "", body: block.note, line: block.line)
                // The HTML comment ends on this line of the page, or on a later line that ends with -->.
                if line.hasSuffix("-->") { blocks.append(direction) } else { open = ("-->", direction) }
            }
        }
        self.blocks = blocks
    }

    private static func closes(_ line: String, _ fence: String) -> Bool {
        fence == "-->" ? line.hasSuffix(fence) : line == fence
    }

    private static func block(_ head: Substring, _ separator: String, at line: Int) -> Block {
        let words = head.split(separator: separator, maxSplits: 1)
        return Block(
            language: words.first.map(String.init) ?? "", note: words.dropFirst().first.map(String.init) ?? "",
            body: "", line: line)
    }
}

extension Page.Block {
    var isCommands: Bool { language == "sh" }
    var isJobs: Bool { isCommands && note == "make" }
    /// The reason why no test can run the commands. `nil` if a test can run them.
    var whyNotRun: String? { isCommands && note.hasPrefix("not run: ") ? String(note.dropFirst(9)) : nil }

    var snippet: String? {
        language == "swift" && note.hasSuffix(".swift") ? String(note.dropLast(6)) : nil
    }

    /// Whether the block contains commands or a program, whose output the page can show.
    var speaks: Bool { isCommands || snippet != nil }

    /// The exit code that the last command must have.
    var exit: Int32 { note.hasPrefix("exit=") ? Int32(note.dropFirst(5)) ?? -1 : 0 }

    /// The questions that the command asks at the terminal, each with the answer that the test types.
    var answers: [(question: String, answer: String)] {
        guard note.hasPrefix("terminal: ") else { return [] }
        return note.dropFirst(10).split(separator: "; ").compactMap { part in
            guard let end = part.range(of: ": ", options: .backwards) else { return nil }
            return (String(part[..<end.upperBound]), String(part[end.upperBound...]))
        }
    }

    /// Whether the tests understand the text after the language.
    var isUnderstood: Bool {
        switch language {
        case "sh": note.isEmpty || isJobs || whyNotRun?.isEmpty == false || exit > 0 || !answers.isEmpty
        case "json": note.wholeMatch(of: /[a-z.-]*/) != nil
        case "text": note.isEmpty
        case "swift": snippet != nil
        case "diff": note.wholeMatch(of: /[a-z-]+/) != nil
        // A fenced block without a language must be a drawing. It must not contain commands, because no test would run
        // them.
        case "": body.firstMatch(of: /(?m)^(?:[$]|make|airlock|airlock-relay|swift|git)\b/) == nil
        default: ["<!-- stage", "<!-- chain", "<!-- charge", "<!-- table", "<!-- end"].contains(language)
        }
    }
}
