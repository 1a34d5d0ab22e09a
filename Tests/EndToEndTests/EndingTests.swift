import Foundation
import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    @Suite("A payment that does not go well")
    struct Endings {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        /// Returns the state of the only payment in the journal.
        private func state() throws -> String {
            try workspace.relay("status", "--json").json["payments"][0]["state"].text
        }

        private func code(_ run: Outcome) throws -> String { try run.json["error"]["code"].text }

        @Test("because the node is down is recorded, ends with 69, and is paid when the node is back")
        func nodeDown() async throws {
            try await workspace.pay()
            let run = try workspace.relay("send", "payment.json", "--rpc", "http://127.0.0.1:1", "--json")
            #expect(run.exit == 69)
            #expect(try code(run) == "http.unreachable")
            #expect(try state() == "recorded")
            #expect(try workspace.send().exit == 0)
            #expect(try state() == "settled")
        }

        @Test("because nobody mines it ends with 75, and goes on when it is run again")
        func notMined() async throws {
            try await workspace.pay()
            try await devnet.rpc("evm_setAutomine", [false])
            let run = try workspace.send("--timeout", "300ms")
            try await devnet.rpc("evm_setAutomine", [true])
            #expect(run.exit == 75)
            #expect(try code(run) == "send.pending")
            #expect(try state() == "sent")
            try await devnet.rpc("evm_mine")
            #expect(try workspace.send().exit == 0)
            #expect(try state() == "settled")
        }

        @Test("because the intent is paid by another transaction ends with 20 and the contract's word")
        func reverted() async throws {
            try await workspace.pay()
            let nonce = try await devnet.nonce(devnet.payer)
            try workspace.sign("second.json", nonce: nonce + 1)
            #expect(try workspace.send().exit == 0)
            let run = try workspace.relay("send", "second.json", "--rpc", devnet.url, "--json")
            #expect(run.exit == 20)
            #expect(try code(run) == "send.reverted")
            #expect(try run.json["error"]["message"].text.contains("AlreadyProcessed()"))
            #expect(try state() == "reverted")
        }

        @Test("because another transaction took its nonce ends with 21 and says which")
        func nonceTaken() async throws {
            try await workspace.pay()
            let raw = try workspace.signed(to: devnet.payer, nonce: await devnet.nonce(devnet.payer))
            let taker = try await devnet.rpc("eth_sendRawTransaction", [raw]).text
            let run = try workspace.send()
            #expect(run.exit == 21)
            #expect(try code(run) == "send.nonce-taken")
            #expect(try run.json["error"]["message"].text.contains(taker))
            #expect(try state() == "replaced")
        }

        @Test("because its own cancel was mined ends with 25")
        func cancelled() async throws {
            try await workspace.pay()
            let cancel = try workspace.signed(to: devnet.payer, nonce: await devnet.nonce(devnet.payer))
            let payment = try JSON(workspace.scratch.content("payment.json"))["transactions"][0]["raw"].text
            try await devnet.rpc("eth_sendRawTransaction", [cancel])
            let run = try workspace.relay(
                "send", "-", "--rpc", devnet.url, "--json", input: "\(payment)\n\(cancel)\n")
            #expect(run.exit == 25)
            #expect(try code(run) == "send.cancelled")
            #expect(try state() == "cancelled")
        }

        @Test("because the payer has too little ends with 22, as the node said")
        func rejected() async throws {
            try await workspace.pay()
            let before = try await devnet.balance(devnet.payer)
            try await devnet.rpc("evm_setBalance", [devnet.payer, "0x1"])
            let run = try workspace.send()
            try await devnet.rpc("evm_setBalance", [devnet.payer, "0x" + String(before, radix: 16)])
            #expect(run.exit == 22)
            #expect(try code(run) == "node.insufficient-funds")
            #expect(try state() == "recorded")
        }

        @Test("because its intent has expired is not sent, and ends with 24")
        func expired() async throws {
            let latest = try await devnet.rpc("eth_getBlockByNumber", ["latest", false])["timestamp"].text
            let soon = max(Int(latest.dropFirst(2), radix: 16) ?? 0, Int(Date.now.timeIntervalSince1970)) + 60
            try await workspace.charge(deadline: soon)
            #expect(try workspace.prepare().exit == 0)
            try workspace.sign()
            let nonce = try await devnet.nonce(devnet.payer)
            let snapshot = try await devnet.rpc("evm_snapshot").text
            try await devnet.rpc("evm_setNextBlockTimestamp", [soon + 1])
            try await devnet.rpc("evm_mine")
            let run = try workspace.send()
            #expect(run.exit == 24)
            #expect(try code(run) == "send.expired")
            #expect(try state() == "expired")
            #expect(try await devnet.number("eth_getTransactionCount", [devnet.payer, "pending"]) == nonce)
            try await devnet.rpc("evm_revert", [snapshot])
        }

        @Test("because a person interrupts the wait ends with 130, and is paid when it is run again")
        func interrupted() async throws {
            try await workspace.pay()
            try await devnet.rpc("evm_setAutomine", [false])
            let running = try Tool.start("airlock-relay", workspace.sending([]), in: workspace.scratch.path)
            try running.wait(for: "sent 0x", on: .err)
            kill(running.process, SIGINT)
            let interrupted = try running.finish()
            #expect(interrupted.exit == 130)
            #expect(try code(interrupted) == "input.interrupted")
            try await devnet.rpc("evm_setAutomine", [true])
            try await devnet.rpc("evm_mine")
            #expect(try workspace.send().exit == 0)
        }

        @Test("because the chain drops its block is sent again, and settles")
        func reorganised() async throws {
            try await workspace.pay()
            let before = try await devnet.balance(devnet.merchant)
            let command = workspace.sending(["--confirmations", "2"])
            let running = try Tool.start("airlock-relay", command, in: workspace.scratch.path)
            try running.wait(for: "confirmations 1", on: .err)
            try await devnet.rpc("evm_dropBlock", [false])
            try running.wait(for: "confirmations 1", on: .err)
            try await devnet.rpc("evm_mine")
            let run = try running.finish()
            #expect(run.exit == 0)
            #expect(try run.json["confirmations"].integer == 2)
            #expect(try await devnet.balance(devnet.merchant) == before + Workspace.amount)
            let rows = try workspace.relay("journal", "export").out.split(separator: "\n").map { try JSON(String($0)) }
            let states = try rows.filter { try $0["table"].text == "transitions" }.map { try $0["state"].text }
            #expect(states == ["recorded", "sent", "mined", "sent", "mined", "settled"])
        }
    }
}
