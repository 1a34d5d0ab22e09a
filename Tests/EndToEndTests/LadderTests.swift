import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    @Suite("Rungs and cancels")
    struct Ladders {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        /// One transaction of the payment file.
        struct Signed {
            let role: String
            let hash: String
            let raw: String
        }

        private func signed() throws -> [Signed] {
            let transactions = try JSON(workspace.scratch.content("payment.json"))["transactions"]
            return try (0..<transactions.count).map { index in
                let one = transactions[index]
                return Signed(role: try one["role"].text, hash: try one["hash"].text, raw: try one["raw"].text)
            }
        }

        /// Returns the hashes of the transactions that the relay sent to the node, in the order in which the relay
        /// first sent them. Each hash occurs once.
        private func asked() throws -> [String] {
            let rows = try workspace.relay("journal", "export").out.split(separator: "\n").map { try JSON(String($0)) }
            var hashes: [String] = []
            for row in rows where try row["table"].text == "attempts" {
                let hash = try row["hash"].text
                if !hashes.contains(hash) { hashes.append(hash) }
            }
            return hashes
        }

        private func isMined(_ hash: String) async throws -> Bool {
            try await devnet.rpc("eth_getTransactionReceipt", [hash]).has("status")
        }

        /// Signs a payment with four rungs (replacement transactions) and a cancel transaction.
        private func ladder() async throws -> [Signed] {
            try await workspace.charge()
            #expect(try workspace.prepare().exit == 0)
            try workspace.sign("payment.json", "--rungs", "4", "--cancel")
            return try signed()
        }

        @Test("climb to the rung that offers enough, and the chain mines exactly one")
        func climb() async throws {
            let ladder = try await ladder()
            #expect(ladder.map(\.role) == ["pay", "pay", "pay", "pay", "cancel"])
            let (merchant, nonce) = try await (devnet.balance(devnet.merchant), devnet.nonce(devnet.payer))
            let fee = try await devnet.rpc("eth_getBlockByNumber", ["latest", false])["baseFeePerGas"].text
            let maxFee = try JSON(workspace.scratch.content("conditions.json"))["maxFeePerGas"].integer
            try await devnet.holdingMining {
                let first = try workspace.send("--no-wait")
                #expect(first.exit == 0, "\(first.err)")
                #expect(try first.json["status"].text == "sent")
                // The new base fee is a quarter above the maximum fee of rung 0. The maximum fee of rung 1 is only an
                // eighth above that of rung 0, so rung 1 cannot be mined. The maximum fee of rung 2 is more than a
                // quarter above that of rung 0.
                try await devnet.rpc("evm_setNextBlockBaseFeePerGas", ["0x" + String(maxFee * 5 / 4, radix: 16)])
                try await devnet.rpc("evm_mine")
                let running = try Tool.start(
                    "airlock-relay", ["resume", "--rpc", devnet.url, "--climb-after", "1s", "--json"],
                    in: workspace.scratch.path)
                try running.wait(for: "sent \(ladder[2].hash)", on: .err)
                try await devnet.rpc("evm_mine")
                let end = try running.finish()
                #expect(end.exit == 0, "\(end.out) \(end.err)")
                #expect(try end.json["payments"][0]["hash"].text == ladder[2].hash)
            }
            #expect(try asked() == [ladder[0].hash, ladder[2].hash])
            for (index, one) in ladder.enumerated() { #expect(try await isMined(one.hash) == (index == 2)) }
            // The node rejects the other transactions of the payment, because their nonce is used.
            for one in ladder where one.hash != ladder[2].hash {
                await #expect(throws: Unexpected.self) { try await devnet.rpc("eth_sendRawTransaction", [one.raw]) }
            }
            #expect(try await devnet.balance(devnet.merchant) == merchant + Workspace.amount)
            #expect(try await devnet.nonce(devnet.payer) == nonce + 1)
            try await devnet.rpc("evm_setNextBlockBaseFeePerGas", [fee])
            try await devnet.rpc("evm_mine")
        }

        @Test("end with the cancel, when it is sent before a rung is mined")
        func cancel() async throws {
            let ladder = try await ladder()
            let (merchant, nonce) = try await (devnet.balance(devnet.merchant), devnet.nonce(devnet.payer))
            try await devnet.holdingMining {
                #expect(try workspace.send("--no-wait").exit == 0)
                let cut = try workspace.relay(
                    "cancel", ladder[0].hash, "--rpc", devnet.url, "--timeout", "300ms", "--json")
                #expect(cut.exit == 75, "\(cut.out) \(cut.err)")
                #expect(try cut.json["error"]["message"].text.contains(ladder[4].hash))
            }
            try await devnet.rpc("evm_mine")
            // After the cancel transaction was sent, `resume` continues with the cancel transaction.
            let end = try workspace.relay("resume", "--rpc", devnet.url, "--json")
            #expect(end.exit == 25, "\(end.out) \(end.err)")
            #expect(try end.json["error"]["code"].text == "send.cancelled")
            #expect(try workspace.relay("status", "--json").json["payments"][0]["state"].text == "cancelled")
            #expect(try await isMined(ladder[4].hash))
            #expect(try asked() == [ladder[0].hash, ladder[4].hash])
            #expect(try await devnet.balance(devnet.merchant) == merchant)
            #expect(try await devnet.nonce(devnet.payer) == nonce + 1)
            #expect(try workspace.relay("resume", "--rpc", devnet.url, "--json").json["payments"].count == 0)
        }

        @Test("are mined on a chain without traffic whose blocks take no tip below 0.001 gwei")
        func quietChain() async throws {
            let devnet = try Devnet.start("--least-tip", "1000000")
            let workspace = try Workspace(devnet)
            // The relay computes the fees from the last 10 blocks. In the blocks of the deployment, the transactions
            // paid a priority fee of only 1 wei. The 11 empty blocks push these blocks out of the computation.
            try await devnet.rpc("evm_mine", ["0xb"])
            let merchant = try await devnet.balance(devnet.merchant)
            try await workspace.pay()
            let sent = try workspace.send("--timeout", "20s")
            #expect(sent.exit == 0, "\(sent.out) \(sent.err)")
            #expect(try await devnet.balance(devnet.merchant) == merchant + Workspace.amount)
            // The cancel transaction must also pay the block producer more than the payment that it replaces.
            let other = try Workspace(devnet)
            try await other.charge()
            #expect(try other.prepare().exit == 0)
            try other.sign("payment.json", "--rungs", "2", "--cancel")
            try await devnet.holdingMining {
                let waiting = try other.send("--no-wait")
                #expect(waiting.exit == 0, "\(waiting.err)")
            }
            let pay = try JSON(other.scratch.content("payment.json"))["transactions"][0]["hash"].text
            let cancel = try other.relay("cancel", pay, "--rpc", devnet.url, "--timeout", "20s", "--json")
            #expect(cancel.exit == 25, "\(cancel.out) \(cancel.err)")
        }

        /// Signs an approval and a payment, each with two rungs and a cancel transaction. Returns all transactions of
        /// the payment file.
        private func approvedPayment() async throws -> [Signed] {
            let id = try await workspace.charge(in: devnet.token)
            #expect(try workspace.prepare("--approve").exit == 0)
            try workspace.sign("payment.json", "--approve", "--cancel", "--rungs", "2")
            #expect(!id.isEmpty)
            return try signed()
        }

        private func allowance() async throws -> Int {
            let words = [devnet.payer, devnet.transfers].map { String(repeating: "0", count: 24) + $0.dropFirst(2) }
            let data = "0xdd62ed3e" + words.joined()
            return try await devnet.number("eth_call", [["to": devnet.token, "data": data], "latest"])
        }

        @Test("of an approval and its payment are cancelled together: neither can be mined after")
        func cancelBoth() async throws {
            let signed = try await approvedPayment()
            #expect(signed.map(\.role) == ["approve", "approve", "pay", "pay", "cancel", "cancel"])
            let nonce = try await devnet.nonce(devnet.payer)
            try await devnet.holdingMining {
                #expect(try workspace.send("--no-wait").exit == 0)
                let running = try Tool.start(
                    "airlock-relay", ["cancel", signed[2].hash, "--rpc", devnet.url, "--json"],
                    in: workspace.scratch.path)
                try running.wait(for: "sent \(signed[5].hash)", on: .err)
                try await devnet.rpc("evm_mine")
                let end = try running.finish()
                #expect(end.exit == 25, "\(end.out) \(end.err)")
            }
            #expect(try await devnet.nonce(devnet.payer) == nonce + 2)
            for one in signed {
                #expect(try await isMined(one.hash) == (one.role == "cancel"))
                await #expect(throws: Unexpected.self) { try await devnet.rpc("eth_sendRawTransaction", [one.raw]) }
            }
            #expect(try await allowance() == 0)
        }

        @Test("are cancelled as far as they are open: the approval stays, the payment does not come")
        func cancelRest() async throws {
            let signed = try await approvedPayment()
            try await devnet.holdingMining {
                #expect(try workspace.send("--no-wait").exit == 0)
                try await devnet.rpc("evm_dropTransaction", [signed[2].hash])
                try await devnet.rpc("evm_mine")
                let running = try Tool.start(
                    "airlock-relay", ["cancel", signed[2].hash, "--rpc", devnet.url, "--json"],
                    in: workspace.scratch.path)
                try running.wait(for: "sent \(signed[5].hash)", on: .err)
                try await devnet.rpc("evm_mine")
                #expect(try running.finish().exit == 25)
            }
            #expect(try await isMined(signed[0].hash))
            #expect(try await !isMined(signed[4].hash))
            #expect(try asked() == [signed[0].hash, signed[2].hash, signed[5].hash])
            #expect(try await allowance() == Workspace.needed)
            try await revoke()
        }

        /// Sets the allowance to zero, so that the next test starts without an allowance.
        private func revoke() async throws {
            let spender = String(repeating: "0", count: 24) + devnet.transfers.dropFirst(2)
            let digits = Array("095ea7b3" + spender + String(repeating: "0", count: 64))
            let data = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...$0 + 1]), radix: 16)
            }
            let raw = try workspace.signed(to: devnet.token, data: data, nonce: await devnet.nonce(devnet.payer))
            try await devnet.rpc("eth_sendRawTransaction", [raw])
        }

        @Test("are the payment's still, when it was mined before its cancel")
        func tooLate() async throws {
            let ladder = try await ladder()
            #expect(try workspace.send().exit == 0)
            let end = try workspace.relay("cancel", ladder[0].hash, "--rpc", devnet.url, "--json")
            #expect(end.exit == 0)
            #expect(try end.json["status"].text == "settled")
            #expect(try asked() == [ladder[0].hash])
        }

        @Test(
            "are needed for a cancel, unless the payment was mined first: then that is said, and nothing is to be signed"
        )
        func noCancel() async throws {
            try await workspace.pay()
            try await devnet.holdingMining {
                #expect(try workspace.send("--no-wait").exit == 0)
                let run = try workspace.relay("cancel", signed()[0].hash, "--rpc", devnet.url, "--json")
                #expect(run.exit == 10)
                #expect(try run.json["error"]["code"].text == "send.no-cancel")
            }
            try await devnet.rpc("evm_mine")
            #expect(try workspace.send().exit == 0)
            let late = try workspace.relay("cancel", signed()[0].hash, "--rpc", devnet.url, "--json")
            #expect(late.exit == 0, "\(late.out)")
            #expect(try late.json["status"].text == "settled")
        }
    }
}
