import AirlockEthereumTypes
import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

/// A folder with the keys of a Safe's owners and the key of the executor. Each owner has a separate ledger.
private struct OwnersWorkspace {
    let devnet: Devnet
    let safe: DevnetSafe
    let scratch: Scratch
    let service = SafeService()
    /// The state folder of each owner's machine, with the ledger.
    private let states: [Scratch]

    init(_ devnet: Devnet, _ safe: DevnetSafe, administration: String = "") throws {
        self.devnet = devnet
        self.safe = safe
        scratch = try Scratch()
        states = try devnet.safeOwners.map { _ in try Scratch() }
        for (index, owner) in devnet.safeOwners.enumerated() {
            scratch.file("owner\(index)", String(owner.key.dropFirst(2)), mode: 0o600)
        }
        scratch.file("executor", String(devnet.payerKey.dropFirst(2)), mode: 0o600)
        func currency(_ symbol: String, _ decimals: Int) -> String {
            "{\"symbol\":\"\(symbol)\",\"decimals\":\"\(decimals)\",\"perPayment\":\"1000\"}"
        }
        let safes = devnet.safes.map { safe in
            let owners = safe.owners.map { "\"\($0)\":\"\(devnet.name(of: $0))\"" }.joined(separator: ",")
            return """
                "\(safe.address)":{"name":"Treasury \(safe.version)","version":"\(safe.version)","threshold":"2",\
                "owners":{\(owners)},"delegateCalls":["0x9641d764fc13c8B624c04430C7356C1C7C8102e2"]}
                """
        }
        let execution =
            "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
        let calls = devnet.safes.map {
            "\"\($0.address)\":{\"name\":\"Safe\",\"functions\":{\"\(execution)\":{}}}"
        }
        scratch.file(
            "policy.json",
            """
            {"airlock":1,"kind":"policy","text":true,"chains":{"\(devnet.chainID)":{"recipients":{"\(devnet.merchant)":"Shop"},
            "safes":{\(safes.joined(separator: ","))},"calls":{\(calls.joined(separator: ","))},
            "currencies":{"0x0000000000000000000000000000000000000000":\(currency("ETH", 18)),
            "\(devnet.token)":\(currency("USDC", 6))},"maxNetworkFee":"10000000000000000"}}}
            """, mode: 0o600)
    }

    private func run(_ tool: String, _ arguments: [String], state: Scratch? = nil) throws -> Outcome {
        try Tool.start(
            tool, arguments, in: scratch.path, state: state?.path, environment: ["AIRLOCK_SAFE_URL": service.url]
        ).finish()
    }

    func relay(_ arguments: String...) throws -> Outcome { try run("airlock-relay", arguments) }

    /// Runs a command of the relay. Throws if the command fails.
    @discardableResult
    func relaying(_ arguments: String...) throws -> Outcome {
        let outcome = try run("airlock-relay", arguments)
        guard outcome.exit == 0 else { throw Unexpected("\(arguments): \(outcome.out)\(outcome.err)") }
        return outcome
    }

    /// Signs a file with an owner's key. Each owner has a separate state folder, as if each owner had a separate
    /// machine.
    func sign(_ file: String, by owner: Int, _ more: [String]) throws -> Outcome {
        let command = ["sign", file, "-k", "owner\(owner)", "--policy", "policy.json", "--yes", "--force"]
        return try run("airlock", command + ["--chain", "\(devnet.chainID)"] + more, state: states[owner])
    }

    @discardableResult
    func signing(_ file: String, by owner: Int, _ more: String...) throws -> Outcome {
        let outcome = try sign(file, by: owner, more)
        guard outcome.exit == 0 else { throw Unexpected("\(file) by \(owner): \(outcome.out)\(outcome.err)") }
        return outcome
    }

    /// Fetches the Safe's transaction with this nonce, together with a proof of the Safe's state.
    @discardableResult
    func fetch(_ nonce: Int, to file: String = "tx.json") throws -> Outcome {
        try relaying(
            "safe", "fetch", "--safe", safe.address, "--chain", "\(devnet.chainID)", "--nonce", "\(nonce)", "--rpc",
            devnet.url, "-o", file, "--proof", "proof.json", "--force", "--json")
    }

    /// Creates the call file that executes the Safe transaction, prepares the call, and signs it with the executor's
    /// key. The executor is not an owner of the Safe. The call is not sent yet.
    func execute(_ file: String, _ signatures: String...) throws {
        let command = ["safe", "execute", file] + signatures
        let made = try run(
            "airlock-relay",
            command + [
                "--chain", "\(devnet.chainID)", "--rpc", devnet.url, "--from", devnet.payer, "-o", "call.json",
                "--force",
            ])
        guard made.exit == 0 else { throw Unexpected("\(made.out)\(made.err)") }
        try relaying("prepare", "call.json", "--rpc", devnet.url, "-o", "conditions.json", "--force")
        let signed = try run(
            "airlock",
            [
                "sign", "call.json", "-c", "conditions.json", "-k", "executor", "--policy", "policy.json", "--yes",
                "-o", "payment.json", "--force",
            ])
        guard signed.exit == 0 else { throw Unexpected(signed.err) }
    }

    func send() throws -> Outcome { try relay("send", "payment.json", "--rpc", devnet.url, "--json") }

    /// Returns the Safe's next nonce, which is in storage slot 5.
    func nonce() async throws -> Int { try await devnet.number("eth_getStorageAt", [safe.address, "0x5", "latest"]) }

    /// Returns the call data of a transfer of the devnet's token to the merchant.
    func transfer(_ amount: Int) -> String {
        func word(_ text: String) -> String { String(repeating: "0", count: 64 - text.count) + text }
        return "0xa9059cbb\(word(devnet.merchant.dropFirst(2).lowercased()))\(word(String(amount, radix: 16)))"
    }

    /// Writes a Safe transaction file.
    func write(
        _ name: String, to receiver: String, value: Int = 0, data: String = "0x", safeTxGas: Int = 0, nonce: Int
    ) {
        scratch.file(
            name,
            """
            {"airlock":1,"kind":"safe","chainId":"\(devnet.chainID)","safe":"\(safe.address)","to":"\(receiver)",\
            "value":"\(value)","data":"\(data)","operation":"0","safeTxGas":"\(safeTxGas)","nonce":"\(nonce)"}
            """)
    }
}

extension Devnet {
    fileprivate func name(of owner: String) -> String {
        safeOwners.firstIndex { $0.address == owner }.map { ["Alice", "Bob", "Carol"][$0] } ?? "Treasury"
    }

    /// The devnet with Safes, which the tests in this file share.
    fileprivate static let withSafes = Result { try start("--safes") }
}

extension EndToEnd {
    @Suite("A Safe")
    struct Safes {
        let devnet: Devnet

        init() throws { devnet = try Devnet.withSafes.get() }

        private func workspace(_ index: Int) throws -> OwnersWorkspace {
            try OwnersWorkspace(devnet, devnet.safes[index])
        }

        @Test(
            "of two owners in three pays two by one batch: proposed, fetched, proved, confirmed, executed",
            arguments: [0, 1])
        func batch(index: Int) async throws {
            let workspace = try workspace(index)
            let nonce = try await workspace.nonce()
            let before = try await devnet.balance(devnet.merchant, of: devnet.token)
            let native = try await devnet.balance(devnet.merchant)
            workspace.scratch.file(
                "batch.json",
                """
                {"version":"1.0","chainId":"\(devnet.chainID)","meta":{"name":"March"},"transactions":[
                {"to":"\(devnet.token)","value":"0","data":"\(workspace.transfer(1_500_000))","contractMethod":null,
                "contractInputsValues":null},{"to":"\(devnet.merchant)","value":"1000","data":null,"contractMethod":null,
                "contractInputsValues":null}]}
                """)
            try workspace.signing(
                "batch.json", by: 0, "--safe", workspace.safe.address, "--safe-nonce", "\(nonce)", "-o", "first.json")
            let proposed = try workspace.relaying("safe", "post", "batch.json", "first.json", "--json")
            #expect(proposed.out.contains("\"status\":\"proposed\""), "\(proposed.out)")

            let fetched = try workspace.fetch(nonce)
            #expect(try fetched.json["onChain"]["version"].text == workspace.safe.version)
            let block = try fetched.json["proof"]["hash"].text
            let latest = try await devnet.rpc("eth_getBlockByNumber", ["latest", false])
            #expect(try latest["hash"].text == block)
            let signed = try workspace.signing("tx.json", by: 1, "--safe-proof", "proof.json", "-o", "second.json")
            #expect(signed.err.contains(block) && signed.err.contains("signed by    Alice"), "\(signed.err)")
            // Both owners' machines have signed this transaction. They refuse to sign another transaction with the same
            // nonce.
            workspace.write("other.json", to: devnet.merchant, value: 1, nonce: nonce)
            for owner in 0...1 {
                let refused = try workspace.sign("other.json", by: owner, ["--json", "-o", "other-signature.json"])
                #expect(refused.exit == 10)
                #expect(try refused.json["error"]["code"].text == "ledger.nonce-already-signed")
            }
            try workspace.relaying("safe", "post", "tx.json", "second.json", "--chain", "\(devnet.chainID)")
            try workspace.fetch(nonce)
            try workspace.execute("tx.json")
            let sent = try workspace.send()
            #expect(try sent.exit == 0 && sent.json["status"].text == "settled", "\(sent.out)\(sent.err)")
            #expect(try await workspace.nonce() == nonce + 1)
            #expect(try await devnet.balance(devnet.merchant, of: devnet.token) == before + 1_500_000)
            #expect(try await devnet.balance(devnet.merchant) == native + 1000)
            // The Safe has used this nonce, so `safe fetch` refuses the transaction.
            let again = try workspace.relay(
                "safe", "fetch", "--safe", workspace.safe.address, "--chain", "\(devnet.chainID)", "--nonce",
                "\(nonce)",
                "--rpc", devnet.url, "-o", "late.json", "--json")
            #expect(again.exit == 10, "\(again.out)")
        }

        @Test("whose call fails in the end has used its nonce: ExecutionFailure, exit 20", arguments: [0, 1])
        func failure(index: Int) async throws {
            let workspace = try workspace(index)
            let nonce = try await workspace.nonce()
            let whole = try await devnet.balance(workspace.safe.address)
            workspace.write("tx.json", to: devnet.merchant, value: 1_000_000, safeTxGas: 100_000, nonce: nonce)
            try workspace.signing("tx.json", by: 0, "-o", "first.json")
            try workspace.signing("tx.json", by: 2, "-o", "second.json")
            try workspace.execute("tx.json", "first.json", "second.json")
            // The Safe loses its ether after the transaction was simulated, but before it is mined.
            try await devnet.rpc("evm_setBalance", [workspace.safe.address, "0x0"])
            let sent = try workspace.send()
            try await devnet.rpc("evm_setBalance", [workspace.safe.address, "0x" + String(whole, radix: 16)])
            // evm_setBalance changed the balance, but not the state root in the header of the last block. The block
            // that is mined here has the correct state root.
            try await devnet.rpc("evm_mine")
            #expect(sent.exit == 20, "\(sent.out)\(sent.err)")
            #expect(try await workspace.nonce() == nonce + 1)
        }

        @Test("is executed with one owner's signature and another's approval on chain", arguments: [0, 1])
        func approved(index: Int) async throws {
            let workspace = try workspace(index)
            let nonce = try await workspace.nonce()
            workspace.write("tx.json", to: devnet.token, data: workspace.transfer(7), nonce: nonce)
            try workspace.signing("tx.json", by: 0, "-o", "first.json")
            try workspace.relaying(
                "prepare", "tx.json", "--approve-hash", "--safe-version", workspace.safe.version, "--from",
                devnet.safeOwners[1].address, "--rpc", devnet.url, "-o", "conditions.json", "--force")
            try workspace.signing("tx.json", by: 1, "--approve-hash", "-c", "conditions.json", "-o", "payment.json")
            let approved = try workspace.send()
            #expect(approved.exit == 0, "\(approved.out)\(approved.err)")
            try workspace.execute("tx.json", "first.json")
            let sent = try workspace.send()
            #expect(try sent.exit == 0 && sent.json["status"].text == "settled", "\(sent.out)\(sent.err)")
            #expect(try await workspace.nonce() == nonce + 1)
        }

        @Test("signs a text by two owners, and its contract says that the signatures are its own", arguments: [0, 1])
        func message(index: Int) async throws {
            let workspace = try workspace(index)
            let text = "We own \(workspace.safe.address)."
            workspace.scratch.file("message.txt", text)
            var signed: [(owner: String, signature: String)] = []
            for owner in [0, 2] {
                try workspace.signing(
                    "message.txt", by: owner, "--safe", workspace.safe.address, "-o", "signature.json")
                let file = try JSON(workspace.scratch.content("signature.json"))
                signed.append((try file["signer"].text, try file["signature"].text))
            }
            // The Safe's contract requires that the signatures are sorted by the addresses of the owners.
            signed.sort { $0.owner.lowercased() < $1.owner.lowercased() }
            func valid(_ text: String) async throws -> Bool {
                let inner = Hash.keccak(Array("\u{19}Ethereum Signed Message:\n\(text.utf8.count)\(text)".utf8))
                let signatures = signed.map { String($0.signature.dropFirst(2)) }.joined()
                let words = [UInt256(0x40), UInt256(130)].map { "\($0.word)".dropFirst(2) }.joined()
                let padding = String(repeating: "0", count: 60)
                let data = "0x1626ba7e\("\(inner)".dropFirst(2))\(words)\(signatures)\(padding)"
                let answer = try? await devnet.rpc(
                    "eth_call", [["to": workspace.safe.address, "data": data], "latest"]
                ).text
                return answer?.hasPrefix("0x1626ba7e") == true
            }
            #expect(try await valid(text))
            #expect(try await !valid(text + "!"))
        }

        @Test("that owns another approves its transaction by its own owners")
        func nested() async throws {
            let parent = try workspace(2)
            let nonce = try await parent.nonce()
            parent.write("tx.json", to: devnet.token, data: parent.transfer(9), nonce: nonce)
            let signed = try parent.signing("tx.json", by: 0, "-o", "first.json")
            #expect(signed.exit == 0)
            let hash = try JSON(parent.scratch.content("first.json"))["digest"].text
            // The second Safe is an owner of the parent Safe. Two owners of the second Safe sign its approval.
            let owner = devnet.safes[1]
            let own = try await devnet.number("eth_getStorageAt", [owner.address, "0x5", "latest"])
            for person in [1, 2] {
                try parent.signing(
                    "tx.json", by: person, "--approve-hash", "--owner-safe", owner.address, "--safe-nonce", "\(own)",
                    "-o", "nested\(person).json")
            }
            parent.scratch.file(
                "approval.json",
                """
                {"airlock":1,"kind":"safe","chainId":"\(devnet.chainID)","safe":"\(owner.address)",\
                "to":"\(parent.safe.address)","value":"0","data":"0xd4d9bdcd\(hash.dropFirst(2))","operation":"0",\
                "nonce":"\(own)"}
                """)
            try parent.execute("approval.json", "nested1.json", "nested2.json")
            let approval = try parent.send()
            #expect(try approval.exit == 0 && approval.json["status"].text == "settled", "\(approval.out)")
            try parent.execute("tx.json", "first.json")
            let sent = try parent.send()
            #expect(try sent.exit == 0 && sent.json["status"].text == "settled", "\(sent.out)\(sent.err)")
            #expect(try await parent.nonce() == nonce + 1)
        }
    }
}
