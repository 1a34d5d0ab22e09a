import Foundation
import Testing
import AirlockTestSupport

/// A page of the manual: its fenced blocks and its stage directions, in their order.
///
/// A block's language and what follows it say what it is:
///
/// - `sh`: commands, which end with 0; `sh exit=10`: which end with 10;
/// - `sh terminal: Password of the key: secret; Type sign: sign`: commands that a person answers;
/// - `sh make`: jobs of the Makefile, which are tried with `make --dry-run`;
/// - `sh not run: why`: commands that no test can run;
/// - `text` after commands: all that they say, where `…` stands for anything;
/// - `json NAME`: a file that the reader, and the test, puts beside the others;
/// - `swift NAME.swift`: the program of that name in Snippets, which `swift run NAME` runs;
/// - `diff NAME`: a change of the tree, which applies to it.
///
/// A comment `<!-- stage: … -->` holds commands that set the scene, `<!-- chain: METHOD PARAMETERS -->` asks the chain
/// for something, and `<!-- charge: SECONDS [native] -->` has somebody charge, for so long, in a token or not.
struct Page: Sendable, CustomTestStringConvertible {
    /// A fenced block, or a stage direction, whose language is then the word before the colon with `<!--` before it.
    struct Block: Sendable {
        let language: String
        /// What follows the language.
        let note: String
        var body: String
        /// Of its first line, counted from 1.
        let line: Int
    }

    let name: String
    let text: String
    let blocks: [Block]

    var testDescription: String { name }

    /// Every page of the project, the ones in its root and the ones in docs.
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
                // On one line, or on all up to the comment's end.
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
    /// Why no test can run it.
    var whyNotRun: String? { isCommands && note.hasPrefix("not run: ") ? String(note.dropFirst(9)) : nil }

    var snippet: String? {
        language == "swift" && note.hasSuffix(".swift") ? String(note.dropLast(6)) : nil
    }

    /// Whether it says something when it is run.
    var speaks: Bool { isCommands || snippet != nil }

    /// With which code its last command ends.
    var exit: Int32 { note.hasPrefix("exit=") ? Int32(note.dropFirst(5)) ?? -1 : 0 }

    /// What is asked at the terminal, and what a person answers.
    var answers: [(question: String, answer: String)] {
        guard note.hasPrefix("terminal: ") else { return [] }
        return note.dropFirst(10).split(separator: "; ").compactMap { part in
            guard let end = part.range(of: ": ", options: .backwards) else { return nil }
            return (String(part[..<end.upperBound]), String(part[end.upperBound...]))
        }
    }

    /// Does the note say something that is understood?
    var isUnderstood: Bool {
        switch language {
        case "sh": note.isEmpty || isJobs || whyNotRun?.isEmpty == false || exit > 0 || !answers.isEmpty
        case "json": note.wholeMatch(of: /[a-z.-]*/) != nil
        case "text": note.isEmpty
        case "swift": snippet != nil
        case "diff": note.wholeMatch(of: /[a-z-]+/) != nil
        // A drawing, and no command that nobody runs.
        case "": body.firstMatch(of: /(?m)^(?:[$]|make|airlock|airlock-relay|swift|git)\b/) == nil
        default: ["<!-- stage", "<!-- chain", "<!-- charge", "<!-- table", "<!-- end"].contains(language)
        }
    }
}
