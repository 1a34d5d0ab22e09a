import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockSamples

@Suite("A folder of charges")
struct FolderTests {
    /// Returns a workspace with a folder of charges. All charges are in native currency and have the same payer. The
    /// deadline of a charge is `hours` hours before the latest deadline that the tests use.
    private static func workspace(_ charges: [(name: String, hours: UInt64)]) throws -> Workspace {
        let workspace = try Workspace()
        try FileManager.default.createDirectory(atPath: workspace.path("charges"), withIntermediateDirectories: false)
        for (index, charge) in charges.enumerated() {
            var payment = SamplePayment()
            payment.recipientCurrency = .zero
            payment.id = FixedBytes { _ in UInt8(index + 1) }
            payment.deadline = UInt256(1_773_217_849 - charge.hours * 3600)
            workspace.write("charges/\(charge.name)", try payment.charge())
        }
        workspace.operands = ["charges"]
        workspace.set("-o", "payments")
        return workspace
    }

    @Test("is signed one file each, with the nonces in the order of the deadlines and then of the names")
    func order() throws {
        let workspace = try Self.workspace([("b.json", 0), ("c.json", 2), ("a.json", 0), ("notes.txt", 1)])
        // The dot at the beginning of the name means that another program is still writing this file. The tool must
        // ignore the file.
        workspace.write("charges/.d.json", "{")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let rows = outcome.out.split(separator: "\n").map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
        #expect(rows == ["c.json pay 7", "a.json pay 8", "b.json pay 9"])
        for (name, nonce) in [("a.json", "8"), ("b.json", "9"), ("c.json", "7")] {
            let payment = try JSONDocument(Array(workspace.content("payments/\(name)").utf8)).root
            #expect(payment["transactions"]?[0]?["nonce"]?.string == nonce)
        }
        #expect(workspace.files.keys.filter { $0.hasPrefix("payments/") }.count == 3)

        let again = try workspace.run()
        #expect(again.exit == 0 && again.out == outcome.out)
    }

    @Test(
        "is not signed at all where one charge is refused, whose file is named",
        arguments: [
            ("{", "charges/b.json"), ("{\"data\":{}}", "charges/b.json#/data/id"),
        ])
    func malformed(text: String, field: String) throws {
        let workspace = try Self.workspace([("a.json", 0)])
        workspace.write("charges/b.json", text)
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 65)
        let document = try JSONDocument(Array(outcome.out.utf8)).root
        #expect(document["error"]?["field"]?.string == field)
        #expect(!workspace.files.keys.contains { $0.hasPrefix("payments") })
    }

    @Test("takes no input's place and not the ledger's, by force", arguments: ["ledger", "key.hex", "policy.json"])
    func inputs(name: String) throws {
        let workspace = try Self.workspace([("a.json", 0)])
        workspace.set("--ledger", "ledger")
        workspace.set("--force")
        if name == "ledger" { workspace.write(name, "", mode: 0o600) }
        try FileManager.default.createDirectory(atPath: workspace.path("payments"), withIntermediateDirectories: false)
        try FileManager.default.linkItem(atPath: workspace.path(name), toPath: workspace.path("payments/a.json"))
        let before = workspace.files
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 73)
        #expect(try Refusal.problems(in: outcome.out).map(\.description) == ["file.is-input at payments/a.json"])
        #expect(workspace.files == before)
    }

    @Test("is not signed at all where all together are more than the payer has, or than a day's cap")
    func together() throws {
        for edit in [
            ("conditions.json", "\"nativeBalance\":\"50000000000000000\"", "\"nativeBalance\":\"10000000000000\""),
            ("policy.json", "\"perPayment\":\"0.01\"}}", "\"perPayment\":\"0.01\",\"perDay\":\"0.0000000000015\"}}"),
        ] {
            let workspace = try Self.workspace([("a.json", 0), ("b.json", 0)])
            try workspace.edit(edit.0, edit.1, edit.2)
            workspace.set("--json")
            let outcome = try workspace.run()
            #expect(outcome.exit == 10)
            let errors = try JSONDocument(Array(outcome.out.utf8)).root
            // The first charge alone is within the balance and the cap, so the error names only the second charge. The
            // tool signs neither charge.
            #expect(errors["error"]?["field"]?.string?.hasPrefix("charges/b.json#") == true, "\(outcome.out)")
            #expect(errors["errors"] == nil)
            #expect(!workspace.files.keys.contains { $0.hasPrefix("payments") })
        }
    }

    @Test("says what is paid of the transactions that pay alone")
    func rows() throws {
        let workspace = try Self.workspace([("a.json", 0)])
        workspace.set("--cancel")
        let rows = try workspace.run().out.split(separator: "\n")
        #expect(rows.map { $0.split(separator: " ")[1] } == ["pay", "cancel"])
        #expect(rows.map { $0.hasSuffix(" ETH") } == [true, false])
    }

    @Test("holds each intent once: both files are named")
    func sameIntent() throws {
        let workspace = try Self.workspace([("a.json", 0), ("c.json", 1)])
        workspace.write("charges/b.json", try workspace.content("charges/a.json"))
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(
            try Refusal.problems(in: outcome.out) == [.init("sign.same-intent", "charges/b.json")])
        #expect(outcome.out.contains("expected another request than that of a.json"))
        #expect(!workspace.files.keys.contains { $0.hasPrefix("payments") || $0.hasSuffix("ledger.jsonl") })
    }

    @Test("needs charges, one payer, and a folder to put the payments in")
    func refused() throws {
        let empty = try Self.workspace([("notes.txt", 0)])
        empty.set("--json")
        #expect(try empty.run().out.contains("\"folder.no-charges\""))
        let several = try Self.workspace([("a.json", 0)])
        var other = SamplePayment()
        other.sender = SamplePayment.operator
        several.write("charges/b.json", try other.charge())
        several.set("--json")
        #expect(try several.run().out.contains("\"folder.several-payers\""))
        let nowhere = try Self.workspace([("a.json", 0)])
        nowhere.drop("-o")
        nowhere.set("--json")
        #expect(try nowhere.run().out.contains("\"usage.missing-value\""))
    }
}
