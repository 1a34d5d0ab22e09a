import AirlockEthereumTypes
import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

extension EndToEnd {
    @Suite("A call of a contract")
    struct Calls {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
            let policy = try workspace.scratch.content("policy.json")
            workspace.scratch.file(
                "policy.json",
                policy.replacing(
                    "\"contracts\":",
                    with: """
                        "calls":{"\(devnet.token)":{"name":"USDC","functions":{
                        "approve(address,uint256)":{"arguments":{"0":["\(devnet.merchant)"]}},
                        "transferFrom(address,address,uint256)":{}}},
                        "\(devnet.wrappedNative)":{"name":"WETH","functions":{"deposit()":{"maxValue":"5000"}}}},"contracts":
                        """), mode: 0o600)
        }

        private func write(_ function: String, _ arguments: String, to contract: String, _ more: String...) throws {
            let command = ["request", "call", "--chain", "\(devnet.chainID)", "--from", devnet.payer, "--to", contract]
            let written = try Tool.start(
                "airlock-relay", command + [function, arguments, "-o", "call.json", "--force"] + more,
                in: workspace.scratch.path
            ).finish()
            #expect(written.exit == 0, "\(written.err)")
        }

        private func prepare() throws -> Outcome {
            try workspace.relay(
                "prepare", "call.json", "--rpc", devnet.url, "-o", "conditions.json", "--force", "--json")
        }

        private func sign(_ request: String = "call.json", _ more: String...) throws -> Outcome {
            let command = [
                "sign", request, "-k", "key", "--policy", "policy.json", "--yes", "-o", "payment.json", "--force",
            ]
            return try Tool.start("airlock", command + more, in: workspace.scratch.path).finish()
        }

        private func allowance() async throws -> UInt256 {
            func word(_ address: String) -> String { String(repeating: "0", count: 24) + address.dropFirst(2) }
            let data = "0xdd62ed3e\(word(devnet.payer))\(word(devnet.merchant))"
            let answer = try await devnet.rpc("eth_call", [["to": devnet.token, "data": data], "latest"]).text
            return UInt256(try FixedBytes<32>(hex: answer))
        }

        @Test("is written, prepared, signed and sent, and its effect is on the chain")
        func approval() async throws {
            let amount = Int.random(in: 1...1_000_000)
            try write(
                "approve(address,uint256)", "[\"\(devnet.merchant)\",\"\(amount)\"]", to: devnet.token, "--reference",
                "approval \(amount)")
            let prepared = try prepare()
            #expect(prepared.exit == 0, "\(prepared.out)")
            #expect(
                prepared.out.contains(
                    """
                    "approvals":[{"token":"\(devnet.token)","spender":"\(devnet.merchant)","amount":"\(amount)"}]
                    """), "\(prepared.out)")
            let said = "simulated: the payer lets \(devnet.merchant) take up to "
            #expect(prepared.err.contains(said), "\(prepared.err)")
            let signed = try sign("call.json", "-c", "conditions.json")
            #expect(signed.exit == 0, "\(signed.err)")
            let sent = try workspace.send()
            #expect(sent.exit == 0, "\(sent.out)\(sent.err)")
            // For a call, the receipt is the only proof. So the status is `mined`, not `settled`.
            #expect(try sent.json["status"].text == "mined")
            #expect(try await allowance() == UInt256(UInt64(amount)))
            let status = try workspace.relay("status", "--json")
            #expect(status.out.contains("\"method\":\"call\""), "\(status.out)")
        }

        @Test("that is an unsigned transaction is signed as it is, and mined")
        func transaction() async throws {
            let before = try await devnet.balance(devnet.payer, of: devnet.wrappedNative)
            let nonce = try await devnet.nonce(devnet.payer)
            func quantity(_ number: Int) -> String { "0x" + String(number, radix: 16) }
            workspace.scratch.file(
                "transaction.json",
                """
                {"chainId":"\(quantity(devnet.chainID))","from":"\(devnet.payer)","to":"\(devnet.wrappedNative)",\
                "value":"0x1388","data":"0xd0e30db0","nonce":"\(quantity(nonce))","gas":"0x186a0",\
                "maxFeePerGas":"0xb2d05e00","maxPriorityFeePerGas":"0x3b9aca00"}
                """)
            let signed = try sign("transaction.json")
            #expect(signed.exit == 0, "\(signed.err)")
            let sent = try workspace.send()
            #expect(try sent.exit == 0 && sent.json["status"].text == "mined", "\(sent.out)\(sent.err)")
            #expect(try await devnet.balance(devnet.payer, of: devnet.wrappedNative) == before + 5000)
            let again = try workspace.relay("send", "payment.json", "--rpc", devnet.url, "--yes")
            #expect(again.exit == 0 && again.err.contains("no event proves more"), "\(again.err)")
            #expect(try await devnet.balance(devnet.payer, of: devnet.wrappedNative) == before + 5000)
        }

        @Test("that reverts is refused when it is prepared, by what the contract says, and no file is written")
        func reverts() async throws {
            try write(
                "transferFrom(address,address,uint256)",
                "[\"\(devnet.merchant)\",\"\(devnet.payer)\",\"1000000000000\"]",
                to: devnet.token)
            let prepared = try prepare()
            #expect(prepared.exit == 10, "\(prepared.out)")
            #expect(try prepared.json["error"]["code"].text == "prepare.would-revert")
            #expect(try !workspace.scratch.names.contains("conditions.json"))
        }
    }
}
