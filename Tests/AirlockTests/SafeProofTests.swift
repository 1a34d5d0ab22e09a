import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing
import AirlockSamples

/// These tests use a transaction of the Safe whose proof is recorded in docs/example/safe-proof.json. The proof comes
/// from the devnet.
@Suite("The proof of a Safe, beside its transaction")
struct SafeProofTests {
    static let safe = "0x4feE1335A2ecd2f3141a7284f91E798865f5Ad8F"
    static let owners = [
        "0xAe72A48c1a36bd18Af168541c53037965d26e4A8", "0x62f94E9AC9349BCCC61Bfe66ddAdE6292702EcB6",
        "0x0D8e461687b7D06f86EC348E0c270b0F279855F0",
    ]
    static let block = "0x17078f0b4906779c1bfd5a8211eb5a119dc5acc11dffd88ba5cad9d8584b985a"

    private static func codes(_ outcome: Outcome) throws -> [String] {
        try Refusal.problems(in: outcome.out).map(\.code)
    }

    private func workspace(
        owners: [String] = Self.owners, version: String = "1.4.1", threshold: String = "2"
    ) throws -> Workspace {
        var payment = SafePayment(owners: owners, version: version)
        payment.nonce = "0"
        let workspace = try payment.workspace()
        for file in ["policy.json", "tx.json"] {
            let text = try workspace.content(file).replacing("\"8453\"", with: "\"31337\"")
                .replacing(SafePayment.safe, with: Self.safe)
            workspace.write(file, text.replacing("\"threshold\":\"2\"", with: "\"threshold\":\"\(threshold)\""))
        }
        workspace.write("key.hex", String(repeating: "77", count: 32), mode: 0o600)
        workspace.write(
            "proof.json",
            try String(
                contentsOf: Fixtures.folder.appending(path: "../docs/example/safe-proof.json").standardized,
                encoding: .utf8))
        workspace.set("--safe-proof", "proof.json")
        return workspace
    }

    @Test("is checked and compared with the policy, and its block is shown, whose hash is to be compared elsewhere")
    func agrees() throws {
        let workspace = try workspace()
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        #expect(signed.err.contains("proved by    block 7 of 20"))
        #expect(signed.err.contains(Self.block))
        #expect(signed.err.contains("the header of the proof is believed"))
        #expect(workspace.entries.count == 1)
        let review = try workspace.tool(
            "review", "tx.json", "--policy", "policy.json", "--now", SamplePayment.now, "--safe-proof", "proof.json",
            "--json")
        let proof = try #require(try JSONDocument(Array(review.out.utf8)).root["review"]?["proof"])
        #expect(proof["hash"]?.string == Self.block && proof["version"]?.string == "1.4.1")
        #expect(proof["owners"]?.elements?.compactMap(\.string) == Self.owners)
    }

    @Test("that the policy differs from is refused, with every difference at once")
    func differs() throws {
        let workspace = try workspace(
            owners: Array(Self.owners.dropLast()) + [SafePayment.second], version: "1.3.0", threshold: "3")
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(
            try Refusal.problems(in: outcome.out) == [
                .init("safe-proof.other-version", "--safe-proof"),
                .init("safe-proof.other-owners", "--safe-proof"),
                .init("safe-proof.other-threshold", "--safe-proof"),
            ])
        #expect(workspace.entries.isEmpty)
        // Without the proof, the transaction is signed. `verify` with the proof and the transaction then reports the
        // same differences between the proof and the policy.
        workspace.drop("--safe-proof", "--json")
        workspace.set("-o", "signature.json")
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        let verify = ["verify", "signature.json", "--policy", "policy.json", "--safe-proof", "proof.json", "--json"]
        let verified = try workspace.tool(verify + ["--request", "tx.json"])
        #expect(verified.exit == 10)
        #expect(try Refusal.problems(in: verified.out) == Refusal.problems(in: outcome.out))
        let useless = try workspace.tool(verify)
        #expect(try useless.exit == 64 && Self.codes(useless) == ["request.option-without-effect"])
    }

    @Test("gives describe what a policy else says: chain, version and owners")
    func described() throws {
        let workspace = try workspace()
        let outcome = try workspace.tool("describe", "tx.json", "--safe-proof", "proof.json")
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(outcome.out.contains("version      1.4.1"))
        #expect(outcome.out.contains("owners       2 of these must sign\n             \(Self.owners[0])"))
        #expect(outcome.out.contains("safeTxHash   0x") && outcome.out.contains(Self.block))
        #expect(outcome.out.contains("missing      2 of 2 that must sign have not signed"))
    }

    @Test("of another Safe is a warning of describe, which shows nothing of that Safe's state")
    func other() throws {
        let workspace = try workspace()
        workspace.write("tx.json", try workspace.content("tx.json").replacing(Self.safe, with: SafePayment.safe))
        let text = try workspace.tool("describe", "tx.json", "--safe-proof", "proof.json")
        #expect(text.exit == 0, "\(text.err)")
        for absent in ["version ", "owners ", "proved by", "missing ", "safeTxHash", Self.owners[0], Self.block] {
            #expect(!text.out.contains(absent), "\(absent)")
        }
        let json = try document(workspace.tool("describe", "tx.json", "--safe-proof", "proof.json", "--json").out)
        for absent in ["version", "threshold", "proof", "safeTxHash"] { #expect(json[absent] == nil, "\(absent)") }
        #expect(
            json["warnings"]?.elements?.first?.string
                == "the proof is for another Safe; saw \(Self.safe) on chain 31337; expected \(SafePayment.safe) on chain 31337"
        )
    }

    @Test("that is altered, malformed, or of no use is refused at its place")
    func refused() throws {
        let workspace = try workspace()
        workspace.set("--json")
        let text = try workspace.content("proof.json")
        let node = try #require(text.range(of: "\"account\": [\n  \"0x"))
        let digit = text[node.upperBound...].index(node.upperBound, offsetBy: 60)
        let altered = text[..<digit] + (text[digit] == "0" ? "1" : "0") + text[text.index(after: digit)...]
        workspace.write("proof.json", String(altered))
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(
            try Refusal.problems(in: outcome.out) == [
                .init("state-proof.other-node", "/account/0")
            ])
        // The proof file now contains a policy instead of a proof.
        workspace.write("proof.json", try workspace.content("policy.json"))
        #expect(try workspace.run().out.contains("a safe-proof file is expected"))
        workspace.write("proof.json", text)
        let taken = try workspace.tool("review", "proof.json", "--policy", "policy.json")
        #expect(taken.err.contains("is a safe-proof file; "), "\(taken.err)")
        workspace.write("proof.json", "{}")
        #expect(try workspace.run().exit == 65)
        let charge = try Workspace()
        charge.write("proof.json", text)
        charge.set("--safe-proof", "proof.json")
        charge.set("--json")
        let useless = try charge.run()
        #expect(try Self.codes(useless) == ["request.option-without-effect"])
    }
}
