import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

extension EndToEnd {
    /// A kind of request that is defined in `Tests/TipKind`. Neither `airlock` nor `airlock-relay` knows this kind.
    @Suite("A kind of request that lives in the tests alone")
    struct ForeignKinds {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        private func tip(_ amount: String = "1000", memo: String = "thanks for all") {
            workspace.scratch.file(
                "tip.json",
                """
                {"airlock":1,"kind":"tip","chainId":"\(devnet.chainID)","to":"\(devnet.merchant)","amount":"\(amount)",\
                "memo":"\(memo)"}
                """)
        }

        private func run(_ tool: String, _ words: String...) throws -> Outcome {
            try Tool.start(tool, words, in: workspace.scratch.path).finish()
        }

        private func sign(_ tool: String = "probe-airlock", nonce: Int, _ more: String...) throws -> Outcome {
            try Tool.start(
                tool,
                [
                    "sign", "tip.json", "-k", "key", "--policy", "policy.json", "--yes", "--nonce", "\(nonce)", "--gas",
                    "30000", "--max-fee", "3gwei", "--priority-fee", "1gwei",
                ] + more, in: workspace.scratch.path
            ).finish()
        }

        @Test("goes through both tools, from its file to settled, and is signed and paid once")
        func wholeWay() async throws {
            tip()
            let nonce = try await devnet.nonce(devnet.payer)
            let signed = try sign(nonce: nonce, "-o", "payment.json", "--json")
            #expect(signed.exit == 0, "\(signed.err)")
            #expect(try signed.json["payment"]["request"]["kind"].text == "tip")
            #expect(try signed.json["payment"]["request"]["reference"].text == "thanks for all")
            let raw = try signed.json["payment"]["transactions"][0]["raw"].text
            // If the same tip is signed again, the transaction is the same. The memo identifies a tip. So a tip with
            // the same memo and another amount is refused.
            let same = try sign(nonce: nonce, "--raw")
            #expect(same.out == raw + "\n")
            for words in ["Pay 0.000000000000001 ETH", "Shop", "thanks for all"] {
                #expect(same.err.contains(words), "\(same.err)")
            }
            tip("1001")
            let other = try sign(nonce: nonce + 1, "--json")
            #expect(try other.exit == 10 && other.json["error"]["code"].text.hasPrefix("ledger."), "\(other.out)")
            tip()
            let list = try run("probe-airlock", "ledger", "list", "--json")
            #expect(list.exit == 0 && list.out.contains("thanks for all"), "\(list.out)\(list.err)")
            let judged = try run("probe-airlock", "verify", "payment.json", "--policy", "policy.json")
            #expect(judged.exit == 0, "\(judged.out)\(judged.err)")

            let before = try await devnet.balance(devnet.merchant)
            let sent = try run("probe-relay", "send", "payment.json", "--rpc", devnet.url, "--json")
            #expect(sent.exit == 0, "\(sent.out)\(sent.err)")
            #expect(try sent.json["status"].text == "settled")
            #expect(try await devnet.balance(devnet.merchant) == before + 1000)
            let again = try run("probe-relay", "send", "payment.json", "--rpc", devnet.url, "--json")
            #expect(try again.exit == 0 && again.json["status"].text == "settled")
            #expect(try await devnet.balance(devnet.merchant) == before + 1000)
            let status = try run("probe-relay", "status", "--json")
            #expect(status.out.contains("\"method\":\"tip\"") && status.out.contains("settled"), "\(status.out)")
        }

        @Test("is prepared like any other, by what its call needs")
        func prepared() async throws {
            tip("3000", memo: "for the conditions")
            let prepared = try run(
                "probe-relay", "prepare", "tip.json", "--from", devnet.payer, "--rpc", devnet.url, "-o",
                "conditions.json")
            #expect(prepared.exit == 0, "\(prepared.err)")
            let signed = try run(
                "probe-airlock", "sign", "tip.json", "-c", "conditions.json", "-k", "key", "--policy", "policy.json",
                "--yes", "-o", "payment.json")
            #expect(signed.exit == 0, "\(signed.err)")
            let before = try await devnet.balance(devnet.merchant)
            let sent = try run("probe-relay", "send", "payment.json", "--rpc", devnet.url, "--json")
            #expect(try sent.exit == 0 && sent.json["status"].text == "settled", "\(sent.out)\(sent.err)")
            #expect(try await devnet.balance(devnet.merchant) == before + 3000)
        }

        @Test("is taken up again from the journal, which kept its kind, and judged as before")
        func resumed() async throws {
            tip("2000", memo: "for the journal")
            #expect(try sign(nonce: try await devnet.nonce(devnet.payer), "-o", "payment.json").exit == 0)
            let before = try await devnet.balance(devnet.merchant)
            try await devnet.holdingMining {
                let sent = try run("probe-relay", "send", "payment.json", "--rpc", devnet.url, "--no-wait")
                #expect(sent.out.hasPrefix("sent "), "\(sent.err)")
            }
            try await devnet.rpc("evm_mine")
            let resumed = try run("probe-relay", "resume", "--rpc", devnet.url, "--timeout", "30s", "--json")
            #expect(resumed.exit == 0, "\(resumed.out)\(resumed.err)")
            #expect(try resumed.json["payments"][0]["status"].text == "settled")
            #expect(try await devnet.balance(devnet.merchant) == before + 2000)
        }

        @Test("cannot add lines to the review or control the terminal by text that it does not escape")
        func unescaped() throws {
            tip(memo: #"a\u001b[2J\nok           proof: verified"#)
            let signed = try sign(nonce: 1, "--raw")
            #expect(signed.exit == 0 && !signed.err.contains("\u{1b}"), "\(signed.err)")
            #expect(signed.err.contains(#"a\u{1b}[2J\u{a}ok proof: verified"#), "\(signed.err)")
            #expect(!signed.err.contains("\nok "), "\(signed.err)")
            // The question before signing contains the memo too.
            tip(memo: #"b\u001b[2J\nok           proof: verified"#)
            let terminal = try Terminal(
                BuiltTool("probe-airlock"),
                [
                    "sign", "tip.json", "-k", "key", "--policy", "policy.json", "--nonce", "2", "--gas", "30000",
                    "--max-fee", "3gwei", "--priority-fee", "1gwei", "--raw",
                ], in: workspace.scratch.path, environment: ["XDG_STATE_HOME": workspace.scratch.path])
            try terminal.wait(for: "sign: ")
            terminal.type("no\n")
            let declined = try terminal.finish()
            #expect(declined.exit != 0 && !declined.err.contains("\u{1b}[2J"), "\(declined.err)")
            #expect(declined.err.contains(#"b\u{1b}[2J\u{a}ok proof: verified, fee at most"#), "\(declined.err)")
        }

        @Test("is named by help, explained, and refused by its own rule; the tools themselves know nothing of it")
        func named() throws {
            tip(memo: "")
            let refused = try sign(nonce: 1, "--json")
            #expect(refused.exit == 65)
            #expect(try refused.json["error"]["code"].text == "tip.empty-memo")
            #expect(try refused.json["error"]["field"].text == "/memo")
            for tool in ["probe-airlock", "probe-relay"] {
                let explained = try run(tool, "explain", "tip.empty-memo")
                #expect(explained.exit == 0 && explained.out.contains("the memo is empty"), "\(tool)")
            }
            #expect(try run("probe-airlock", "help", "sign").out.contains(", tip"))
            for tool in ["airlock", "airlock-relay"] {
                #expect(try run(tool, "explain", "tip.empty-memo").exit != 0)
            }
            tip()
            let unknown = try sign("airlock", nonce: 1, "--json")
            #expect(try unknown.json["error"]["code"].text == "request.unknown-kind")
        }
    }
}
