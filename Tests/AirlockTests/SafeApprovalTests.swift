import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing
import AirlockSamples

@Suite("The approval of a Safe transaction by an owner with gas to spend, or by a Safe that owns the other")
struct SafeApprovalTests {
    private static let owner = SafePayment.second
    private static let account = ["--nonce", "5", "--gas", "60000", "--max-fee", "1gwei", "--priority-fee", "0.01gwei"]

    /// Returns a workspace with two Safes. The workspace's key is an owner of both Safes. The second Safe is also an
    /// owner of the first.
    private static func workspace(_ payment: SafePayment = SafePayment(), version: String = "1.4.1") throws -> Workspace
    {
        let workspace = try payment.workspace()
        try workspace.edit(
            "policy.json", "\"safes\":{",
            """
            "safes":{"\(owner)":{"name":"Family","version":"\(version)","threshold":"1",\
            "owners":{"\(SamplePayment.payer)":"me"}},
            """)
        return workspace
    }

    private static func onChain(_ payment: SafePayment = SafePayment()) throws -> Workspace {
        let workspace = try workspace(payment)
        workspace.set("--approve-hash")
        for index in stride(from: 0, to: account.count, by: 2) { workspace.set(account[index], account[index + 1]) }
        return workspace
    }

    private static func nested(_ payment: SafePayment = SafePayment()) throws -> Workspace {
        let workspace = try workspace(payment)
        workspace.set("--approve-hash")
        workspace.set("--owner-safe", owner)
        workspace.set("--safe-nonce", "4")
        return workspace
    }

    private static func codes(_ outcome: Outcome) throws -> [String] {
        try Refusal.problems(in: outcome.out).map(\.code)
    }

    private static func hash(_ workspace: Workspace) throws -> String {
        let review = try workspace.tool(
            "review", "tx.json", "--policy", "policy.json", "--now", SamplePayment.now, "--json")
        return try #require(document(review.out)["review"]?["safeTxHash"]?.string)
    }

    /// Signs the request of the workspace. Returns the text of the review, with every line break replaced by a space.
    private static func signing(_ workspace: Workspace, to file: String) throws -> String {
        workspace.set("-o", file)
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        return signed.err.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    // MARK: By a transaction

    @Test("is a payment of the owner's account that calls approveHash, and the ledger has it for both nonces")
    func onChain() throws {
        let workspace = try Self.onChain()
        let text = try Self.signing(workspace, to: "payment.json")
        #expect(
            text.contains("Approve as an owner, by a transaction of its account, what follows. For the Safe Treasury"))
        #expect(text.contains("pay 1.05 USDC to"))
        let hash = try Self.hash(workspace)
        let payment = try JSONDocument(Array(workspace.content("payment.json").utf8)).root
        let raw = try #require(payment["transactions"]?.elements?[0]["raw"]?.string)
        #expect(payment["request"]?["kind"]?.string == "call")
        #expect(raw.contains("941c694fc3006d81ff4a56f97e1b99529066a2372580a4d4d9bdcd\(hash.dropFirst(2))c0"))
        #expect(workspace.entries.count == 2)
        let again = try workspace.run()
        #expect(again.exit == 0 && workspace.entries.count == 2, "signed again it is the same payment")
        let verify = ["verify", "payment.json", "--policy", "policy.json"]
        #expect(try workspace.tool(verify).exit == 0)
        let compared = try workspace.tool(verify + ["--request", "tx.json"])
        #expect(compared.exit == 0 && compared.out.contains("that is the hash of the Safe transaction"))
        let checks = try document(workspace.tool(verify + ["--request", "tx.json", "--json"]).out)["checks"]?.elements
        #expect(checks?.last?["check"]?.string == "approval" && checks?.last?["status"]?.string == "ok")
        let otherChain = try workspace.tool(verify + ["--request", "tx.json", "--chain", "ethereum", "--json"])
        #expect(try otherChain.exit == 10 && Self.codes(otherChain) == ["conditions.other-chain"])
        workspace.write("other.json", SafePayment(nonce: "72").transaction)
        let other = try workspace.tool(verify + ["--request", "other.json", "--json"])
        #expect(other.exit == 10)
        #expect(try Self.codes(other) == ["safe.other-hash-approved"])
        let version = ["--safe-version", "1.3.0", "--json"]
        let refused = try workspace.tool(verify + ["--request", "tx.json"] + version)
        #expect(try refused.exit == 10 && Self.codes(refused) == ["safe.other-version"])
        let useless = try workspace.tool(verify + version)
        #expect(try useless.exit == 64 && Self.codes(useless) == ["request.option-without-effect"])
    }

    @Test("of a Safe that the policy does not list, or by an account that is no owner's, does not verify")
    func unlisted() throws {
        let workspace = try Self.onChain()
        workspace.set("-o", "payment.json")
        #expect(try workspace.run().exit == 0)
        try workspace.edit(
            "policy.json", "\"\(SamplePayment.payer)\":\"owner\"", "\"\(SafePayment.batches)\":\"owner\"")
        let stranger = try workspace.tool("verify", "payment.json", "--policy", "policy.json", "--json")
        #expect(try stranger.exit == 10 && Self.codes(stranger) == ["safe.key-not-an-owner"])
        try workspace.edit("policy.json", "\"\(SafePayment.safe)\":{", "\"\(SafePayment.batches)\":{")
        let unlisted = try workspace.tool("verify", "payment.json", "--policy", "policy.json", "--json")
        #expect(try unlisted.exit == 10 && Self.codes(unlisted) == ["policy.kind"])
    }

    @Test("is refused for whatever the signature is refused for, and nothing is recorded")
    func refused() throws {
        let workspace = try Self.onChain(SafePayment(owners: [SafePayment.second, SafePayment.batches]))
        workspace.write("tx.json", SafePayment(recipient: SafePayment.second).transaction)
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(try Refusal.problems(in: outcome.out) == SafePayment.refusalsOfStrangers)
        #expect(workspace.entries.isEmpty)
        workspace.drop("--gas")
        #expect(
            try Self.codes(workspace.run()).contains("sign.missing-value"), "what the account lacks is said with it")
    }

    @Test("is of one transaction for a nonce of the Safe, whether signed or approved, and each can replace the other")
    func once() throws {
        let workspace = try Self.onChain()
        #expect(try workspace.run().exit == 0)
        let hash = try Self.hash(workspace)
        workspace.write(
            "tx.json",
            SafePayment(amount: "0000000000000000000000000000000000000000000000000000000000100591").transaction)
        workspace.set("--json")
        workspace.set("--nonce", "6")
        #expect(
            try Refusal.problems(in: workspace.run().out) == [.init("ledger.nonce-already-signed", "/nonce")])
        #expect(workspace.entries.count == 2)
        workspace.set("--replace", hash)
        #expect(try workspace.run().exit == 0)
        #expect(workspace.entries.count == 4)
        workspace.set("--replace", "0x\(String(repeating: "1", count: 64))")
        workspace.set("--nonce", "7")
        #expect(try Self.codes(workspace.run()).contains("ledger.nothing-to-replace"))
    }

    @Test("counts in the Safe's day, and not twice")
    func day() throws {
        let workspace = try Self.onChain()
        try workspace.edit(
            "policy.json", "\"decimals\":\"6\",\"perPayment\":\"100\"",
            "\"decimals\":\"6\",\"perPayment\":\"100\",\"perDay\":\"1.5\"")
        #expect(try workspace.run().exit == 0)
        #expect(try workspace.run().exit == 0)
        workspace.write("tx.json", SafePayment(nonce: "72").transaction)
        workspace.set("--json")
        workspace.set("--nonce", "6")
        #expect(try Refusal.problems(in: workspace.run().out) == [.init("policy.over-day-cap", "/data")])
    }

    @Test("is asked for at a terminal, with the digits of a recipient that no policy pins")
    func asked() throws {
        let workspace = try Self.onChain()
        try workspace.edit("policy.json", "\"recipients\":{\"\(SamplePayment().recipient)\":\"Example shop\"},", "")
        workspace.set("--json")
        #expect(try Self.codes(workspace.run()) == ["sign.policy-not-enough"])
        workspace.drop("--yes", "--json")
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type the last six digits of its address to sign: ")
        terminal.type("\("\(SamplePayment().recipient)".suffix(6))\n")
        #expect(try terminal.finish().exit == 0)
    }

    @Test("is of a Safe transaction alone, which takes no other way of paying")
    func useless() throws {
        let charge = try Workspace()
        charge.set("--approve-hash")
        charge.set("--json")
        #expect(try Self.codes(charge.run()) == ["request.option-without-effect"])
        let workspace = try Self.onChain()
        workspace.set("--json")
        workspace.set("--reference", "a")
        #expect(try Self.codes(workspace.run()) == ["request.option-without-effect"])
        workspace.drop("--reference")
        workspace.set("--approve")
        #expect(try Self.codes(workspace.run()) == ["request.option-without-effect"])
    }

    // MARK: By a Safe

    @Test("by a Safe is the signature of its own transaction, whose hash is the published one")
    func published() throws {
        let workspace = try Workspace()
        workspace.operands = ["tx.json"]
        workspace.drop("-c")
        workspace.write(
            "tx.json",
            """
            {"airlock":1,"kind":"safe","chainId":"1","safe":"0x1c694Fc3006D81ff4a56F97E1b99529066a23725",
            "to":"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48","value":"0","operation":"0","nonce":"63",
            "data":"0xa9059cbb00000000000000000000000092d0ebaf7eb707f0650f9471e61348f4656c29bc00000000000000000000000000000000000000000000000000000005d21dba00",
            "safeTxHash":"0xad06b099fca34e51e4886643d95d9a19ace2cd024065efb66662a876e8c40343"}
            """)
        workspace.write(
            "policy.json",
            """
            {"airlock":1,"kind":"policy","chains":{"1":{"recipients":{"0x92D0eBAF7Eb707F0650F9471E61348f4656c29bC":"a"},
            "currencies":{"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48":{"symbol":"USDC","decimals":"6","perPayment":"25000"}},
            "safes":{"0x1c694Fc3006D81ff4a56F97E1b99529066a23725":{"name":"parent","version":"1.4.1","threshold":"1",
            "owners":{"0x6bc56d6CE87C86CB0756c616bECFD3Cd32b09251":"owner"}},
            "0x6bc56d6CE87C86CB0756c616bECFD3Cd32b09251":{"name":"owner","version":"1.3.0","threshold":"1",
            "owners":{"\(SamplePayment.payer)":"me"}}}}}}
            """)
        for (name, value) in [("--owner-safe", "0x6bc56d6CE87C86CB0756c616bECFD3Cd32b09251"), ("--safe-nonce", "4")] {
            workspace.set(name, value)
        }
        workspace.set("--approve-hash")
        workspace.set("-o", "signature.json")
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        let file = try JSONDocument(Array(workspace.content("signature.json").utf8)).root
        #expect(
            file["digest"]?.string == "0x59a2a43c79133fd79dbf52a31b2125f235810efdd5f9d13496340ae6637f2675")
        #expect(file["safe"]?.string == "0x6bc56d6CE87C86CB0756c616bECFD3Cd32b09251" && file["nonce"]?.string == "4")
    }

    @Test("by a Safe is reviewed as what is approved, recorded for both Safes, and verified against it")
    func nested() throws {
        let workspace = try Self.nested()
        let text = try Self.signing(workspace, to: "signature.json")
        #expect(
            text.contains("Approve as the Safe Family (\(Self.owner)), nonce 4, what follows. For the Safe Treasury"))
        #expect(workspace.entries.count == 2)
        let options = ["--approve-hash", "--owner-safe", Self.owner, "--safe-nonce", "4", "--policy", "policy.json"]
        #expect(try workspace.tool(["verify", "signature.json", "--request", "tx.json"] + options).exit == 0)
        let plain = try workspace.tool(
            "verify", "signature.json", "--request", "tx.json", "--policy", "policy.json", "--json")
        #expect(try plain.exit == 10 && Self.codes(plain) == ["signature.other-message"])
        let useless = try workspace.tool(["verify", "signature.json", "--json"] + options)
        #expect(
            try useless.exit == 64
                && Self.codes(useless) == Array(repeating: "request.option-without-effect", count: 3))
        let json = try workspace.tool(["review", "tx.json", "--now", SamplePayment.now, "--json"] + options)
        #expect(json.exit == 0, "\(json.out)")
        let review = try #require(try document(json.out)["review"])
        #expect(review["safe"]?.string == Self.owner && review["approves"]?["safe"]?.string == SafePayment.safe)
        #expect(review["approves"]?["safeTxHash"]?.string == (try Self.hash(workspace)))
    }

    @Test("by a Safe is of one transaction for the nonce of each, and both are replaced together")
    func nestedOnce() throws {
        let workspace = try Self.nested()
        #expect(try workspace.run().exit == 0)
        let hash = try Self.hash(workspace)
        workspace.write(
            "tx.json",
            SafePayment(amount: "0000000000000000000000000000000000000000000000000000000000100591").transaction)
        workspace.set("--json")
        #expect(
            try Refusal.problems(in: workspace.run().out) == [
                .init("ledger.nonce-already-signed", "/nonce"),
                .init("ledger.nonce-already-signed", "--safe-nonce"),
            ])
        #expect(workspace.entries.count == 2)
        workspace.set("--replace", hash)
        #expect(try workspace.run().exit == 0)
        #expect(workspace.entries.count == 4)
        // The request is now a transaction of the first Safe with another nonce. But the second Safe would approve this
        // transaction with a nonce that it has already used for another approval, so the approval is refused.
        workspace.drop("--replace")
        workspace.write("tx.json", SafePayment(nonce: "72").transaction)
        #expect(
            try Refusal.problems(in: workspace.run().out) == [
                .init("ledger.nonce-already-signed", "--safe-nonce")
            ])
    }

    @Test("by a Safe that is not listed, owns nothing, or is not the key's is refused by name, with all that is wrong")
    func strangers() throws {
        let workspace = try Self.nested()
        workspace.write("tx.json", SafePayment(recipient: SafePayment.batches).transaction)
        workspace.set("--json")
        workspace.set("--owner-safe", SafePayment.safe)
        #expect(
            try Self.codes(workspace.run()) == [
                "policy.recipient-not-listed", "safe.owner-safe-not-an-owner", "safe.administration-not-listed",
            ])
        workspace.set("--owner-safe", SafePayment.batches)
        #expect(
            try Refusal.problems(in: workspace.run().out).first
                == .init("policy.safe-not-listed", "--owner-safe"))
        let other = try Self.nested()
        other.write("other.hex", SamplePayment.strangerKey, mode: 0o600)
        other.set("-k", "other.hex")
        other.set("--json")
        #expect(try Self.codes(other.run()) == ["safe.key-not-an-owner"])
        other.drop("--safe-nonce")
        #expect(try Self.codes(other.run()) == ["safe.nonce-not-named"])
        other.drop("--approve-hash")
        other.set("--safe-nonce", "4")
        #expect(try Self.codes(other.run()) == ["usage.conflicting-options"])
        #expect(workspace.entries.isEmpty && other.entries.isEmpty)
    }

    @Test("by a Safe of a batch is refused by name, because no option would give the nonce of the batch")
    func batch() throws {
        let workspace = try Self.nested()
        workspace.write("tx.json", SafePayment.batch(1))
        workspace.set("--safe", SafePayment.safe)
        workspace.set("--json")
        #expect(
            try Refusal.problems(in: workspace.run().out) == [.init("usage.conflicting-options", "--owner-safe")])
        #expect(workspace.entries.isEmpty)
    }

    @Test("as a transaction in a file is a call like any other: a hash says nothing of what is approved")
    func blind() throws {
        let workspace = try Self.workspace()
        let hash = try Self.hash(workspace)
        workspace.write(
            "tx.json",
            """
            {"airlock":1,"kind":"safe","chainId":"8453","safe":"\(Self.owner)","to":"\(SafePayment.safe)","value":"0",
            "data":"0xd4d9bdcd\(hash.dropFirst(2))","operation":"0","nonce":"4"}
            """)
        workspace.set("--json")
        #expect(try Self.codes(workspace.run()) == ["policy.kind"])
    }

    @Test("is not hidden in an execution, which needs no signature of the Safe that sends it")
    func hidden() throws {
        let workspace = try Self.workspace()
        let zero = "0x" + String(repeating: "0", count: 40)
        let signature =
            "0x" + String(repeating: "0", count: 24) + Self.owner.dropFirst(2) + String(repeating: "0", count: 64)
            + "01"
        let call = try workspace.tool(
            "abi", "encode",
            "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)",
            """
            ["\(SamplePayment.usdc)","0","0x","0","0","0","0","\(zero)","\(zero)","\(signature)"]
            """)
        workspace.write(
            "tx.json",
            """
            {"airlock":1,"kind":"safe","chainId":"8453","safe":"\(Self.owner)","to":"\(SafePayment.safe)","value":"0",
            "data":"\(call.out.split(separator: "\n").first ?? "")","operation":"0","nonce":"4"}
            """)
        workspace.set("--json")
        #expect(try Self.codes(workspace.run()) == ["policy.kind", "call.approves-a-safe-transaction"])
    }
}
