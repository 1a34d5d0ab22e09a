import Foundation
import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    @Suite("A payment")
    struct Payments {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        /// Returns the balances of the merchant, the fee destination and the payer. The balances are in the token, or
        /// in native currency if `token` is `nil`.
        private func holdings(_ token: String?) async throws -> [Int] {
            var all: [Int] = []
            for account in [devnet.merchant, devnet.feeDestination, devnet.payer] {
                let held =
                    if let token { try await devnet.balance(account, of: token) } else {
                        try await devnet.balance(account)
                    }
                all.append(held)
            }
            return all
        }

        /// Sends the payment, checks what the relay reports about it, and returns the report.
        private func settle(_ id: String, spending currency: String) async throws -> JSON {
            let run = try workspace.send()
            #expect(run.exit == 0, "\(run.err)")
            let said = try run.json
            let receipt = try await devnet.rpc("eth_getTransactionReceipt", [said["hash"].text])
            #expect(try receipt["status"].text == "0x1")
            #expect(try said["status"].text == "settled")
            #expect(try said["block"]["hash"].text == receipt["blockHash"].text)
            #expect(try said["event"]["id"].text == id)
            #expect(try said["event"]["recipient"].text == devnet.merchant)
            #expect(try said["event"]["sender"].text == devnet.payer)
            #expect(try said["event"]["operator"].text == devnet.operatorAddress)
            #expect(try said["event"]["spentAmount"].integer == Workspace.needed)
            #expect(try said["event"]["spentCurrency"].text == currency)
            return said
        }

        private let native = "0x0000000000000000000000000000000000000000"

        @Test("in native currency is paid to the last wei")
        func transferNative() async throws {
            let id = try await workspace.pay()
            let before = try await holdings(nil)
            let said = try await settle(id, spending: native)
            let gas = try said["gasUsed"].integer * said["effectiveGasPrice"].integer
            let paid = [Workspace.amount, Workspace.fee, -Workspace.needed - gas]
            #expect(try await holdings(nil) == zip(before, paid).map(+))
        }

        @Test("in native currency that arrives wrapped is paid to the last wei")
        func wrapAndTransfer() async throws {
            let id = try await workspace.pay(in: devnet.wrappedNative, by: "wrapAndTransfer")
            let (wrapped, before) = try await (holdings(devnet.wrappedNative), devnet.balance(devnet.payer))
            let said = try await settle(id, spending: native)
            let gas = try said["gasUsed"].integer * said["effectiveGasPrice"].integer
            #expect(
                try await holdings(devnet.wrappedNative) == zip(wrapped, [Workspace.amount, Workspace.fee, 0]).map(+))
            #expect(try await devnet.balance(devnet.payer) == before - Workspace.needed - gas)
        }

        @Test("in a token takes an approval first, and then is paid to the last unit")
        func transferTokenPreApproved() async throws {
            try await workspace.charge(in: devnet.token)
            let refused = try workspace.prepare()
            #expect(refused.exit == 10)
            let said = try refused.json["error"]
            #expect(try said["code"].text == "prepare.would-revert")
            #expect(try said["message"].text.contains("InsufficientAllowance(\(Workspace.needed))"))
            #expect(try said["hint"].text == "prepare with --approve, and sign with --approve")
            #expect(try !workspace.scratch.names.contains("conditions.json"))

            let measured = try workspace.prepare("--approve").json["conditions"]
            #expect(try measured["approveGas"].integer > 40_000)
            #expect(try measured["gas"].integer > 100_000)
            #expect(try measured["token"]["symbol"].text == "USDC")
            #expect(try measured["approval"]["allowance"].text == "0")

            try await approve()
            let id = try await workspace.pay(in: devnet.token)
            let before = try await holdings(devnet.token)
            _ = try await settle(id, spending: devnet.token)
            let paid = [Workspace.amount, Workspace.fee, -Workspace.needed]
            #expect(try await holdings(devnet.token) == zip(before, paid).map(+))
        }

        /// Sends the approval as a raw transaction. The relay does not recognise the approval as a payment, so it waits
        /// only for the receipt.
        private func approve() async throws {
            let needed = String(Workspace.needed, radix: 16)
            let words = [String(devnet.transfers.dropFirst(2)), needed].map {
                String(repeating: "0", count: 64 - $0.count) + $0
            }
            let data = "095ea7b3" + words.joined()
            let raw = try workspace.signed(to: devnet.token, data: bytes(data), nonce: await devnet.nonce(devnet.payer))
            // The raw transaction is in upper case and without `0x`, as a QR code scanner returns it.
            let run = try workspace.relay("send", raw.dropFirst(2).uppercased(), "--rpc", devnet.url)
            #expect(run.exit == 0, "\(run.err)")
            #expect(run.out.hasPrefix("mined 0x"))
            #expect(run.err.contains("the call is not a known payment, so it was followed to its receipt only"))
        }

        private func bytes(_ digits: String) -> [UInt8] {
            let digits = Array(digits)
            return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        }

        @Test("is paid once when it is sent twice")
        func twice() async throws {
            try await workspace.pay()
            let (before, nonce) = try await (devnet.balance(devnet.merchant), devnet.nonce(devnet.payer))
            let (first, second) = (try workspace.send(), try workspace.send())
            #expect(first.exit == 0)
            #expect(second.exit == 0)
            #expect(first.out == second.out)
            #expect(try await devnet.balance(devnet.merchant) == before + Workspace.amount)
            #expect(try await devnet.nonce(devnet.payer) == nonce + 1)
        }

        @Test("is paid once when two relays send it at the same time")
        func together() async throws {
            try await workspace.pay()
            let (before, nonce) = try await (devnet.balance(devnet.merchant), devnet.nonce(devnet.payer))
            let running = try (0..<2).map { _ in
                try Tool.start("airlock-relay", workspace.sending([]), in: workspace.scratch.path)
            }
            for run in try running.map({ try $0.finish() }) { #expect(run.exit == 0, "\(run.out) \(run.err)") }
            #expect(try await devnet.balance(devnet.merchant) == before + Workspace.amount)
            #expect(try await devnet.nonce(devnet.payer) == nonce + 1)
            #expect(try workspace.relay("status", "--json").json["payments"].count == 1)
        }

        @Test("is prepared with a nonce after that of a payment which the journal knows and the node forgot")
        func heldNonce() async throws {
            try await workspace.pay()
            let nonce = try await devnet.nonce(devnet.payer)
            let first = try JSON(workspace.scratch.content("payment.json"))
            try await devnet.holdingMining {
                let sent = try workspace.send("--no-wait")
                #expect(sent.exit == 0, "\(sent.err)")
                try await devnet.rpc("evm_dropTransaction", [first["transactions"][0]["hash"].text])
            }
            // The charge is prepared again. The new payment would replace the first payment, so the new conditions
            // contain the nonce of the first payment.
            #expect(try workspace.prepare().json["conditions"]["nonce"].integer == nonce)
            try await workspace.charge()
            let second = try workspace.prepare()
            #expect(try second.json["conditions"]["nonce"].integer == nonce + 1)
            #expect(try second.err.contains("nonce \(nonce + 1) comes after payment \(first["code"].text), "))
        }

        @Test("that is made already is named by prepare, which writes no file")
        func alreadyProcessed() async throws {
            try await workspace.pay()
            #expect(try workspace.send().exit == 0)
            let run = try workspace.relay("prepare", "charge.json", "--rpc", devnet.url, "-o", "again.json", "--json")
            #expect(run.exit == 10)
            #expect(try run.json["ok"].description == "0")
            #expect(try run.json["error"]["code"].text == "prepare.would-revert")
            #expect(try run.json["error"]["message"].text.contains("AlreadyProcessed()"))
            #expect(try !workspace.scratch.names.contains("again.json"))
        }

        @Test("is never prepared in an input's place, nor in the journal's, by force")
        func inputs() async throws {
            try await workspace.pay()
            workspace.scratch.file("nodes", devnet.url + "\n", mode: 0o600)
            #expect(try workspace.relay("send", "payment.json", "--rpc", "@nodes", "--journal", "journal").exit == 0)
            try await workspace.charge()
            try FileManager.default.linkItem(atPath: workspace.scratch("journal"), toPath: workspace.scratch("link"))
            for name in ["nodes", "journal", "link", "journal-wal", "charge.json"] {
                let before = try? Data(contentsOf: URL(filePath: workspace.scratch(name)))
                let run = try workspace.relay(
                    "prepare", "charge.json", "--rpc", "@nodes", "--journal", "journal", "-o", name, "--force",
                    "--json")
                #expect(run.exit == 73, "\(name): \(run.out)")
                #expect(try run.json["error"]["code"].text == "file.is-input")
                #expect((try? Data(contentsOf: URL(filePath: workspace.scratch(name)))) == before)
            }
        }

        @Test("by a transfer of native currency and of a token is settled, and proved by the token's own event")
        func transfers() async throws {
            let before = try await devnet.balance(devnet.merchant)
            let tokens = try await devnet.balance(devnet.merchant, of: devnet.token)
            let chain = devnet.chainID
            let uris = [
                "ethereum:\(devnet.merchant)@\(chain)?value=1234",
                "ethereum:\(devnet.token)@\(chain)/transfer?address=\(devnet.merchant)&uint256=567",
            ]
            for (index, uri) in uris.enumerated() {
                let name = "transfer-\(index).json"
                let signed = try Tool.start(
                    "airlock",
                    [
                        "sign", uri, "-k", "key", "--policy", "policy.json", "--yes", "-o", name, "--reference",
                        "invoice 7", "--nonce", "\(await devnet.nonce(devnet.payer))", "--gas", "100000", "--max-fee",
                        "3000000000", "--priority-fee", "1000000000",
                    ], in: workspace.scratch.path
                ).finish()
                #expect(signed.exit == 0, "\(signed.err)")
                let run = try workspace.relay("send", name, "--rpc", devnet.url, "--json", "--journal", "journal")
                #expect(run.exit == 0, "\(run.out)")
                #expect(try run.json["status"].text == "settled" && !run.err.contains("note"))
            }
            #expect(try await devnet.balance(devnet.merchant) == before + 1234)
            #expect(try await devnet.balance(devnet.merchant, of: devnet.token) == tokens + 567)
            let status = try workspace.relay("status", "--journal", "journal").out
            #expect(status.contains("  reference invoice 7, transfer\n"))
            #expect(status.contains("  567 units of \(devnet.token) to \(devnet.merchant)\n"))
        }

        @Test("can be sent as the raw transactions on standard input, and status knows it by its hash")
        func rawOnStandardInput() async throws {
            let id = try await workspace.pay()
            let payment = try JSON(workspace.scratch.content("payment.json"))
            let transaction = payment["transactions"][0]
            let run = try workspace.relay(
                "send", "-", "--rpc", devnet.url, "--json", input: transaction["raw"].text + "\n")
            #expect(run.exit == 0, "\(run.err)")
            #expect(try run.json["event"]["id"].text == id)
            #expect(run.err.contains("code \(try payment["code"].text) "))
            let known = try workspace.relay("status", transaction["hash"].text, "--json").json["payments"]
            #expect(known.count == 1)
            #expect(try known[0]["state"].text == "settled")
            #expect(try known[0]["intentId"].text == id)
            // The payment file contains the transaction that was just sent. So sending this file adds no payment to the
            // journal.
            #expect(try workspace.send().exit == 0)
            #expect(try workspace.relay("status", "--json").json["payments"].count == 1)
        }
    }
}
