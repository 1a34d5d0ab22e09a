import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockTestSupport

/// docs/example contains the files for a first payment. These files must describe the same payment that the tests sign.
@Suite("The example")
struct ExampleTests {
    private static let folder = PackageRoot.url.appending(path: "docs/example")

    @Test("is the payment that the tests sign", arguments: ["charge.json", "conditions.json", "policy.json"])
    func documents(name: String) throws {
        let expected = try JSONDocument(Array(Workspace().content(name).utf8)).root.json
        let file = Self.folder.appending(path: name)
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            try Data((expected.indented + "\n").utf8).write(to: file)
        }
        #expect(try JSONDocument(Array(Data(contentsOf: file))).root.json.bytes == expected.bytes)
    }

    @Test("is signed by a key that everybody knows")
    func key() throws {
        let digits = try String(contentsOf: Self.folder.appending(path: "key.hex"), encoding: .utf8)
        #expect(digits == SamplePayment.payerKey + "\n")
    }

    @Test("stands apart: no page shows a policy that pins its operator, whose key everybody knows", arguments: Page.all)
    func operatorInPages(page: Page) throws {
        let pinned = #""operators":["\(SamplePayment.operator)"#
        #expect(page.blocks.allSatisfy { !$0.body.filter { !$0.isWhitespace }.contains(pinned) })
    }
}
