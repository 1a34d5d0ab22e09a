import Foundation
import Testing
import AirlockTestSupport

/// Checks that the files, headings and error codes that a documentation page refers to exist.
@Suite("A page")
struct LinkTests {
    @Test("points to files that are there, and to headings that they have", arguments: Page.all)
    func links(page: Page) throws {
        let folder = PackageRoot.url.appending(path: page.name).deletingLastPathComponent()
        for match in page.prose.matches(of: /\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/) {
            let target = String(match.1 ?? match.2 ?? "")
            guard !target.hasPrefix("https://") else { continue }
            let parts = target.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
            let file = parts[0].isEmpty ? PackageRoot.url.appending(path: page.name) : folder.appending(path: parts[0])
            #expect(FileManager.default.fileExists(atPath: file.path), "\(page.name): \(target)")
            if parts.count > 1, let text = try? String(contentsOf: file, encoding: .utf8) {
                #expect(Page(parts[0], text).anchors.contains(parts[1]), "\(page.name): \(target)")
            }
        }
    }

    @Test("names files of the project by their right names", arguments: Page.all)
    func paths(page: Page) {
        let path = /`((?:Sources|Tests|Benchmarks|Fixtures|Snippets|scripts|docs|\.ci)\/[A-Za-z0-9_.+\/-]+)`/
        for match in page.prose.matches(of: path) {
            let file = PackageRoot.url.appending(path: String(match.1))
            #expect(FileManager.default.fileExists(atPath: file.path), "\(page.name): \(match.1)")
        }
    }

    @Test("names codes that the tools know, and exit codes as they are", arguments: Page.all)
    func codes(page: Page) throws {
        let known = try Page("docs/errors.md").text.matches(of: /\n\| `([a-z0-9.-]+)` \|.*\| (\d+) \|/)
        let exits = Dictionary(known.map { (String($0.1), String($0.2)) }) { first, _ in first }
        #expect(exits.count > 100)
        let families = Set(exits.keys.compactMap { $0.split(separator: ".").first.map(String.init) })
        let files: Set = ["json", "md", "yml", "swift", "txt", "hex", "sqlite", "jsonl", "csv", "svg", "lock"]
        for match in page.prose.matches(of: /`([a-z0-9]+(?:-[a-z0-9]+)*\.[a-z0-9-]+)`(?: \((\d+)\))?/) {
            let code = String(match.1)
            let parts = code.split(separator: ".").map(String.init)
            guard families.contains(parts[0]), !files.contains(parts[1]) else { continue }
            #expect(exits[code] != nil, "\(page.name): \(code)")
            if let exit = match.2 { #expect(exits[code] == String(exit), "\(page.name): \(code)") }
        }
    }

    @Test("is in the index")
    func index() throws {
        let index = try Page("docs/README.md").text
        for page in Page.all where page.name.hasPrefix("docs/") && page.name != "docs/README.md" {
            #expect(index.contains("(\(page.name.dropFirst(5)))"), "\(page.name)")
        }
        #expect(try Page("README.md").text.contains("(docs/README.md)"))
    }

    @Test("says of every layer what it is for, and of every job of the Makefile what it does")
    func whole() throws {
        let layers = try Page("docs/layers.md").text
        let sources = try FileManager.default.contentsOfDirectory(
            atPath: PackageRoot.url.appending(path: "Sources").path)
        let swift = sources.filter { $0.first?.isUppercase == true && $0.wholeMatch(of: /C[A-Z].*/) == nil }
        #expect(swift.count > 20)
        // These modules are parts of the tools. Other programs do not import them, so docs/layers.md need not describe
        // them.
        let tools: Set = [
            "CommandLineTool", "Evidence", "OfflineTool", "PostgreSQL", "Presentation", "QRCodes", "RelayTool",
            "RequestWriting", "Sandbox", "Web",
        ]
        for layer in Set(swift).subtracting(tools) {
            #expect(layers.contains("`Airlock\(layer)`"), "\(layer)")
        }
        let pages = Page.all.map(\.text).joined()
        let makefile = try String(contentsOf: PackageRoot.url.appending(path: "Makefile"), encoding: .utf8)
        let jobs = makefile.matches(of: /\n## ([a-z-]+)/).map(\.1)
        #expect(jobs.count > 10)
        for job in jobs { #expect(pages.contains("make \(job)"), "\(job)") }
    }
}

extension Page {
    /// The text of the page without its fenced blocks.
    var prose: String {
        var isBlock = false
        return text.components(separatedBy: "\n").filter { line in
            if line.hasPrefix("```") { isBlock.toggle() }
            return !isBlock
        }.joined(separator: "\n")
    }

    /// The anchors of the headings. A link can point to an anchor.
    var anchors: Set<String> {
        Set(
            prose.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
                let words = line.drop { $0 == "#" }.dropFirst().lowercased()
                return String(words.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }).replacing(
                    " ", with: "-")
            })
    }
}
