import AirlockTestSupport
import Foundation
import Testing

/// Tests of the pages of the reference (DocC). Each page explains one library. It shows a program from the folder
/// Snippets, and the output of this program.
@Suite("A library's page")
struct ReferencePageTests {
    private static let folder = "docs/Airlock.docc"

    /// The pages. The file name of a page is the name of its library.
    static let pages: [Page] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: PackageRoot.url.appending(path: folder).path)
        return (names ?? []).filter { $0.hasPrefix("Airlock") && $0.hasSuffix(".md") && $0 != "Airlock.md" }.sorted()
            .compactMap { try? Page("\(folder)/\($0)") }
    }()

    @Test("shows a program that runs, and what it prints", arguments: pages)
    func program(page: Page) async throws {
        let module = try #require(page.name.split(separator: "/").last).dropLast(3)
        #expect(page.text.hasPrefix("# ``\(module)``\n"))
        let program = try #require(page.text.firstMatch(of: /`Snippets\/(\w+)\.swift`/)?.1)
        let blocks = page.blocks
        let shown = try #require(blocks.map(\.language) == ["swift", "text"] ? blocks : nil, "one program, one output")
        #expect(shown[0].body.contains("import \(module)\n"), "the program does not use the library")
        let stage = try Stage(withChain: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: stage.scratch("key.hex"))
        let source = Page.Block(language: "swift", note: "\(program).swift", body: shown[0].body, line: shown[0].line)
        let (complaint, said) = try await stage.follow(source, shown: shown[1].body)
        if let said, ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            let recorded = page.text.replacing("```text\n\(shown[1].body)```", with: "```text\n\(said)```")
            try Data(recorded.utf8).write(to: PackageRoot.url.appending(path: page.name))
        }
        #expect(complaint == nil, "\(page.name)")
    }

    @Test("stands in the index of libraries")
    func index() throws {
        #expect(Self.pages.count > 30)
        let layers = try Page("docs/layers.md").text
        for page in Self.pages { #expect(layers.contains("(\(page.name.dropFirst(5)))"), "\(page.name)") }
    }
}
