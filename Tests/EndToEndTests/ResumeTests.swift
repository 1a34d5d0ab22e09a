import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    @Suite("What was cut off")
    struct Resumptions {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        @Test("is taken up by one command, each payment once, and the good ends are told beside the bad one")
        func several() async throws {
            let before = try await devnet.balance(devnet.merchant)
            var ids: [String] = []
            try await devnet.holdingMining {
                for name in ["first.json", "second.json"] {
                    ids.append(try await workspace.charge())
                    // `prepare` must not read the journal of the first payment. If it did, the conditions would contain
                    // the ledger head of that payment. `sign` would refuse this head, because it starts with an empty
                    // ledger here. The node counts the pending first payment, so the second payment gets the next
                    // nonce.
                    #expect(try workspace.prepare("--journal", "none.sqlite").exit == 0)
                    try workspace.sign(name)
                    #expect(try workspace.relay("send", name, "--rpc", devnet.url, "--no-wait").out.hasPrefix("sent "))
                }
            }
            // This transaction has the same nonce as the first payment. Once that payment is mined, this transaction
            // can no longer be mined.
            let taken = try workspace.signed(
                to: devnet.merchant, nonce: await devnet.nonce(devnet.payer), fee: 1)
            #expect(try workspace.relay("send", taken, "--rpc", devnet.url, "--no-wait").exit == 22)
            try await devnet.rpc("evm_mine")

            let run = try workspace.relay("resume", "--rpc", devnet.url, "--timeout", "30s", "--json")
            #expect(run.exit == 21, "\(run.out) \(run.err)")
            let said = try run.json
            #expect(try said["error"]["code"].text == "send.nonce-taken")
            #expect(try (0..<2).map { try said["payments"][$0]["event"]["id"].text } == ids)
            #expect(try await devnet.balance(devnet.merchant) == before + 2 * Workspace.amount)
            // The journal has the final state of each of the three payments, so a second `resume` has nothing to do.
            let sheet = try workspace.relay("journal", "export", "--csv").out.split(separator: "\r\n")
            #expect(sheet.dropFirst().map { $0.split(separator: ",")[1] } == ["settled", "settled", "replaced"])
            let again = try workspace.relay("resume", "--rpc", devnet.url)
            #expect(again.exit == 0)
            #expect(again.out.isEmpty)
        }

        @Test("waits when no node of its chain is named")
        func otherChain() async throws {
            let id = try await workspace.pay()
            #expect(try workspace.relay("send", "payment.json", "--rpc", "http://127.0.0.1:1").exit == 69)
            let other = try Devnet.start("--chain-id", "5")
            let run = try workspace.relay("resume", "--rpc", other.url)
            #expect(run.exit == 0)
            #expect(run.err.contains(" waits for a node of "))
            let both = try workspace.relay(
                "resume", "--rpc", other.url, "--rpc", devnet.url, "--timeout", "30s", "--json")
            #expect(both.exit == 0, "\(both.out) \(both.err)")
            #expect(try both.json["payments"][0]["event"]["id"].text == id)
        }
    }
}
