import Foundation
import Testing
import AirlockToolSupport
import AirlockTestSupport

/// These tests run the commands of each page in order, and compare their output with the output on the page.
@Suite("The manual")
struct PageTests {
    /// All pages except docs/rehearsal.md. Another test runs all commands of that page in one shell.
    static let pages = Page.all.filter { $0.name != "docs/rehearsal.md" }

    /// The pages whose commands use a chain.
    static let withChain: Set = [
        "docs/api.md", "docs/evidence.md", "docs/operate.md", "docs/walk.md", "docs/what-to-do-when.md",
    ]

    @Test("does what it says", arguments: pages.filter { !withChain.contains($0.name) })
    func offline(page: Page) async throws { try await play(page, on: Stage(withChain: false)) }

    @Test(
        "does what it says on a chain", .enabled(if: BuiltTool.python != nil, "there is no Python for the chain"),
        arguments: pages.filter { withChain.contains($0.name) })
    func online(page: Page) async throws { try await play(page, on: Stage(withChain: true)) }

    /// Runs the blocks of a page. With `AIRLOCK_RECORD=1`, the output is also written into the page, wherever the page
    /// shows the whole output.
    private func play(_ page: Page, on stage: Stage) async throws {
        var recorded = page.blocks
        for (index, block) in page.blocks.enumerated() {
            let next = index + 1 < page.blocks.count ? page.blocks[index + 1] : nil
            let shown = next?.language == "text" ? next?.body : nil
            let (complaint, said): (String?, String?)
            do { (complaint, said) = try await stage.follow(block, shown: shown) } catch {
                Issue.record("\(page.name):\(block.line): \(error)")
                break
            }
            if let complaint { Issue.record("\(page.name):\(block.line): \(complaint)") }
            if let said, let shown, !shown.contains("…") { recorded[index + 1].body = said }
        }
        guard ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil else { return }
        try Data(page.with(recorded).utf8).write(to: PackageRoot.url.appending(path: page.name))
    }

    @Test("says of every block what it is, and shows words only after the commands that say them", arguments: pages)
    func understood(page: Page) {
        for (index, block) in page.blocks.enumerated() {
            #expect(block.isUnderstood, "\(page.name):\(block.line): \(block.language) \(block.note)")
            if block.language == "text", index > 0 {
                #expect(page.blocks[index - 1].speaks, "\(page.name):\(block.line)")
            }
        }
    }

    @Test("leaves at most one command in ten to those who can run it")
    func few() {
        let commands = Self.pages.flatMap(\.blocks).filter(\.isCommands)
        let left = commands.filter { $0.whyNotRun != nil }
        #expect(commands.count > 40)
        #expect(left.count * 10 <= commands.count, "\(left.count) of \(commands.count)")
    }

    @Test(
        "is not held by a test that holds nothing",
        arguments: [
            ("a\nb\n", "a\nb\n", true), ("a\nb\n", "a\n", false), ("a\n", "a\nb\n", false),
            ("…\nb\n", "a\na\nb\n", true),
            ("a\n…\n", "a\nb\n", true), ("a…c\n", "abc\n", true), ("a…c\n", "abd\n", false), ("…", "", true),
            ("a …, b … c\n", "a 1, b 2 c\n", true), ("a …, b … c\n", "a 1 b 2 c\n", false), ("…\nb\n", "a\n", false),
            ("a…a\n", "a\n", false),
        ])
    func transcript(shown: String, said: String, agrees: Bool) {
        #expect(Transcript.agrees(shown, with: said) == agrees)
    }
}

extension Page {
    /// Returns the text of the page after each block was replaced by the block with the same index in `others`.
    fileprivate func with(_ others: [Block]) -> String {
        var lines = text.components(separatedBy: "\n")
        for (old, new) in zip(blocks, others).reversed() where old.body != new.body {
            let first = old.line - 1
            let count = old.body.components(separatedBy: "\n").count - 1
            lines.replaceSubrange(first..<first + count, with: Transcript.lines(new.body).map(String.init))
        }
        return lines.joined(separator: "\n")
    }
}
