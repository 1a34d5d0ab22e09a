import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockTestSupport

/// docs/errors.md is made from the output of `explain` of both tools, so it always agrees with this output.
@Suite("The page of errors")
struct ErrorPageTests {
    private static let page = PackageRoot.url("docs/errors.md")

    private static func text() throws -> String {
        var rows: [String: String] = [:]
        for tool in ["airlock", "airlock-relay"] {
            let outcome = try BuiltTool(tool).run(["explain", "--json"], in: "/", environment: [:])
            for entry in try document(outcome.out)["codes"]?.elements ?? [] {
                let code = try #require(entry["code"]?.string)
                let cells = ["meaning", "next"].map { entry[$0]?.string?.replacing("|", with: "\\|") ?? "" }
                rows[code] = "| `\(code)` | \(cells[0]) | \(cells[1]) | \(entry["exit"]?.number ?? "") |\n"
            }
        }
        return """
            # Errors

            Every refusal of both tools: its stable code, what it means, what to do, and how the process ends.
            `airlock explain CODE` and `airlock-relay explain CODE` say the same, each for its own codes. This page is
            made from them: `AIRLOCK_RECORD=1 swift test --filter ErrorPageTests` writes it anew.

            | code | meaning | what to do | exit |
            |---|---|---|---|
            \(rows.sorted { $0.key < $1.key }.map(\.value).joined())
            """
    }

    @Test("says what the tools explain, code for code")
    func current() throws {
        let text = try Self.text()
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            try FileManager.default.createDirectory(
                at: Self.page.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: Self.page)
        }
        #expect(try String(contentsOf: Self.page, encoding: .utf8) == text)
    }
}
