import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

extension EndToEnd {
    @Suite("Evidence of a payment")
    struct EvidenceOfPayments {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        private func airlock(_ words: String...) throws -> Outcome {
            try Tool.start("airlock", words, in: workspace.scratch.path).finish()
        }

        @Test("has the review, the bytes, the ledger and what the relay saw, and is proved on another machine")
        func settled() async throws {
            try await workspace.charge(in: nil)
            #expect(try workspace.prepare().exit == 0)
            let signed = try airlock(
                "sign", "charge.json", "-c", "conditions.json", "-k", "key", "--policy", "policy.json", "--yes",
                "--rungs", "2", "--cancel", "--ledger", "ledger.jsonl", "-o", "payment.json")
            #expect(signed.exit == 0, "\(signed.err)")
            let made = try airlock(
                "evidence", "payment.json", "--request", "charge.json", "-c", "conditions.json", "--policy",
                "policy.json", "--ledger", "ledger.jsonl", "-o", "signed")
            #expect(made.exit == 0, "\(made.err)")
            let sent = try workspace.send()
            #expect(sent.exit == 0, "\(sent.err)")
            let said = try sent.json
            let code = try said["code"].text
            let written = try workspace.relay("evidence", code, "-o", "relay.json")
            #expect(written.exit == 0, "\(written.err)")
            let added = try airlock("evidence", "signed", "--relay", "relay.json", "-o", "evidence")
            #expect(added.exit == 0, "\(added.err)")

            let verified = try BuiltTool("airlock").run(
                ["verify", workspace.scratch("evidence"), "--json"], in: "/", environment: [:])
            #expect(verified.exit == 0, "\(verified.out)")
            let statements = try verified.json["statements"].elements
            #expect(try statements.contains { try $0["standing"].text == "believed" && $0["subject"].text == "relay" })
            #expect(try !statements.contains { try $0["standing"].text == "differs" })

            let relay = try JSON(workspace.scratch.content("relay.json"))
            #expect(try relay["state"].text == "settled")
            #expect(
                try relay["states"].elements.map { try $0["state"].text } == ["recorded", "sent", "mined", "settled"])
            #expect(relay["transactions"].count == 3)
            let attempt = try #require(relay["attempts"].elements.first)
            #expect(try attempt["meaning"].text == "taken" && attempt["hash"].text == said["hash"].text)
            let receipt = try #require(relay["receipts"].elements.first)
            #expect(try receipt["blockHash"].text == said["block"]["hash"].text)
            let event = try receipt["event"].elements.map { try "\($0["name"].text) \($0["value"].text)" }
            #expect(
                event.contains("recipient \(devnet.merchant)") && event.contains("spent_amount \(Workspace.needed)"))
            let page = try workspace.scratch.content("evidence/index.html")
            for shown in try [code, said["hash"].text, said["block"]["hash"].text, "settled", devnet.merchant] {
                #expect(page.contains(shown), "\(shown)")
            }

            // The relay's record of another payment does not belong to this evidence, so it is refused.
            try await workspace.charge(in: nil)
            #expect(try workspace.prepare().exit == 0)
            let second = try airlock(
                "sign", "charge.json", "-c", "conditions.json", "-k", "key", "--policy", "policy.json", "--yes",
                "--ledger", "ledger.jsonl", "-o", "second.json")
            #expect(second.exit == 0, "\(second.err)")
            let other = try workspace.relay("send", "second.json", "--rpc", devnet.url, "--json")
            #expect(other.exit == 0, "\(other.err)")
            #expect(try workspace.relay("evidence", other.json["code"].text, "-o", "other.json").exit == 0)
            let refused = try airlock("evidence", "signed", "--relay", "other.json", "-o", "other", "--json")
            #expect(try refused.exit == 10 && refused.json["error"]["code"].text == "evidence.other-relay")
        }
    }
}
