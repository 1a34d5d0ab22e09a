import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

/// `make check-extend` applies the diffs of docs/extend.md and builds the result. These tests build nothing. They only
/// check that the diffs apply.
@Suite("The page on extending")
struct ExtendTests {
    private static func diffs() throws -> [Page.Block] {
        try Page("docs/extend.md").blocks.filter { $0.language == "diff" }
    }

    @Test("has diffs that apply to the tree")
    func apply() throws {
        let diffs = try Self.diffs()
        #expect(diffs.map(\.note) == ["kind", "key-holder", "journal", "descriptor", "check"])
        let git = try #require(BuiltTool.installed("git"))
        for diff in diffs {
            let scratch = try Scratch()
            let file = scratch.file("a.diff", diff.body)
            // Inside a repository, git reads the paths in a diff as relative to the root of the repository.
            let outcome = try git.run(["apply", "--check", file], in: PackageRoot.url.path)
            #expect(outcome.exit == 0, "docs/extend.md, \(diff.note): \(outcome.err)")
            #expect(diff.body.contains("\n+++ b/Tests/"), "\(diff.note) adds no test")
        }
    }

    @Test("needs fewer than 200 lines for a kind of request")
    func kind() throws {
        let kind = try #require(try Self.diffs().first { $0.note == "kind" })
        #expect(kind.body.split(separator: "\n", omittingEmptySubsequences: false).count <= 200)
    }
}

@Suite("The changelog")
struct ChangelogTests {
    @Test("has a dated section for the version that the tools say, and no entry twice")
    func version() throws {
        let source = PackageRoot.url("Sources/CommandLineTool/Tool.swift")
        let text = try String(contentsOf: source, encoding: .utf8)
        let version = try #require(text.firstMatch(of: /version = "([0-9.]+)"/)?.1)
        let log = try Page("CHANGELOG.md").text
        let sections = log.matches(of: /\n## \[([0-9.]+)\] - \d{4}-\d{2}-\d{2}\n/).map(\.1)
        #expect(sections.first == version)
        let entries = log.components(separatedBy: "\n- ").dropFirst().map { $0.components(separatedBy: "\n\n")[0] }
        #expect(entries.count > 10 && Set(entries).count == entries.count)
    }
}
