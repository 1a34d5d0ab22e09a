import Foundation
import Testing
import AirlockTestSupport

/// docs/architecture.md shows the same table that `ImportTests` uses.
@Suite("The page on the architecture")
struct ArchitecturePageTests {
    private static let page = PackageRoot.url.appending(path: "docs/architecture.md")

    private static var table: String {
        let rows = HouseRules.rows.map { row in
            let allowed = row.allowed.sorted().map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(row.target)` | \(allowed) |\n"
        }
        let apart = HouseRules.apart.map { target, never in
            "- `\(target)` reaches, by whatever way, none of \(never.sorted().map { "`\($0)`" }.joined(separator: ", ")).\n"
        }
        return "\n| target | may import |\n|---|---|\n\(rows.joined())\n\(apart.joined())\n"
    }

    @Test("shows who may import whom")
    func current() throws {
        var text = try String(contentsOf: Self.page, encoding: .utf8)
        let start = try #require(text.firstRange(of: "ArchitecturePageTests -->\n"))
        let end = try #require(text.firstRange(of: "<!-- end: of the table -->"))
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            text.replaceSubrange(start.upperBound..<end.lowerBound, with: Self.table)
            try Data(text.utf8).write(to: Self.page)
        }
        #expect(text.contains(" -->\n\(Self.table)<!-- end: of the table -->"))
    }
}
