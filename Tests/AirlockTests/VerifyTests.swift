import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockSamples

@Suite("A charge or payment that is checked again")
struct VerifyTests {
    /// A charge with the data of a real intent, which was published on Base in 2025. The JSON around this data is made
    /// up.
    static let realCharge = """
        {"data":{"id":"00000000-0000-0000-0000-000000000000","web3_data":{"transfer_intent":{\
        "metadata":{"chain_id":8453,"contract_address":"0x03059433BCdB6144624cC2443159D9445C32b7a8",\
        "sender":"0xac8CeB5131449e5850030737D10d1E25C6b8D80B"},"call_data":{"recipient_amount":"9900",\
        "deadline":"2025-03-01T06:19:59Z","recipient":"0x5eA054aEeA285Ebc3A92eCB1F722f44304f72581",\
        "recipient_currency":"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",\
        "refund_destination":"0xac8CeB5131449e5850030737D10d1E25C6b8D80B","fee_amount":"100",\
        "id":"0xc8f9e661fe654bca8554192fe0d22ca4","operator":"0x8fccc78dae0a8f93b0fe6799de888d4c57e273db",\
        "signature":"0xb443cf656f962b42888621d23fdb90f4dea6801df07da4722ab381d1aacefd0c\
        1fbbc473762409427b899aaeb69e7afa00444e9221e297cdc9a2c7d99a86ae521c",\
        "prefix":"0x4b3220496e666f726d6174696f6e616c204d6573736167653a20333220"}}}}}
        """

    /// Returns a workspace with the real charge and the built-in policy.
    static func realWorkspace(now: String = "2025-02-28T12:00:00Z") throws -> Workspace {
        let workspace = try Workspace()
        workspace.write(
            "charge.json",
            realCharge.replacingOccurrences(
                of: "5eA054aEeA285Ebc3A92eCB1F722f44304f72581",
                with: "5ea054aeea285ebc3a92ecb1f722f44304f72581"))
        workspace.judge("charge.json")
        workspace.drop("--policy")
        workspace.set("--now", now)
        return workspace
    }

    @Test("is a real one, by the built-in pins: it holds, and its recipient is a warning")
    func real() throws {
        let workspace = try Self.realWorkspace()
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let words = outcome.out.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("signature: the operator signed payer, chain, contract, amounts and deadline"))
        #expect(words.contains("warn policy: no policy pins the recipient"))
        workspace.set("--json")
        let checks = try #require(document(workspace.run().out)["checks"]?.elements)
        #expect(checks.map { $0["status"]?.string } == ["ok", "ok", "warn", "ok"])
        workspace.command = "review"
        for (name, value) in ["--nonce": "7", "--gas": "180000", "--max-fee": "1gwei", "--priority-fee": "0"] {
            workspace.set(name, value)
        }
        workspace.set("-m", "transferTokenPreApproved")
        #expect(try document(workspace.run().out)["review"]?["amount"]?.string == "0.01 USDC")
    }

    @Test(
        "is refused when it has expired, or when a digit was altered",
        arguments: [
            ("2025-03-01T06:19:59Z", "", "", 0 as Int32, ""),
            ("2025-03-01T06:20:00Z", "", "", 10, "charge.expired"),
            ("2025-02-28T12:00:00Z", "\"9900\"", "\"9901\"", 10, "charge.signature-mismatch"),
            ("2025-02-28T12:00:00Z", "521c", "521b", 10, "charge.signature-mismatch"),
        ])
    func refused(now: String, old: String, new: String, exit: Int32, code: String) throws {
        let workspace = try Self.realWorkspace(now: now)
        if !old.isEmpty { try workspace.edit("charge.json", old, new) }
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == exit)
        if exit != 0 { #expect(try Refusal.problems(in: outcome.out).map(\.code) == [code]) }
    }

    @Test("shows the comparison code of a payment and what it pays, computed from its bytes")
    func code() throws {
        let workspace = try Workspace()
        workspace.set("-o", "payment.json")
        #expect(try workspace.run().exit == 0)
        workspace.drop("-o")
        let code = try #require(JSONDocument(Array(workspace.content("payment.json").utf8)).root["code"]?.string)
        workspace.judge("payment.json")
        #expect(try workspace.run().out.hasPrefix("code \(code)\nPay 1.05 USDC on base (8453)"))
        workspace.set("--json")
        let json = try document(workspace.run().out)
        #expect(json["code"]?.string == code && json["amount"]?.string == "1.05 USDC")
        #expect(json["sentence"]?.string?.hasPrefix("Pay 1.05 USDC on base (8453)") == true)
    }

    @Test(
        "is a payment file of which something was altered",
        arguments: [
            ("\"nonce\":\"7\"", "\"nonce\":\"8\"", "payment.nonce-mismatch", "/transactions/0/nonce"),
            ("\"chainId\":\"8453\"", "\"chainId\":\"1\"", "payment.chain-mismatch", "/chainId"),
            (
                "\"from\":\"\(SamplePayment.payer)\"", "\"from\":\"\(SamplePayment.operator)\"",
                "payment.sender-mismatch", "/from"
            ),
            (
                "\"method\":\"transferTokenPreApproved\"", "\"method\":\"transferNative\"", "verify.other-payment",
                "/method"
            ),
            ("2026-03-11T08:30:49Z", "2026-03-11T08:30:50Z", "verify.other-payment", "/expires"),
            ("\(SamplePayment().id)", "0x\(String(repeating: "0", count: 32))", "verify.other-payment", "/intentId"),
            ("\"code\":\"", "\"code\":\"0", "payment.code-mismatch", "/code"),
            ("\"hash\":\"0x", "\"hash\":\"0x00", "value.wrong-length", "/transactions/0/hash"),
            ("\"raw\":\"0x02f9", "\"raw\":\"0x03f9", "transaction.type-3-blob", "/transactions/0/raw"),
            ("\"role\":\"pay\"", "\"role\":\"gift\"", "payment.unknown-role", "/transactions/0/role"),
            ("\"kind\":\"payment\"", "\"kind\":\"conditions\"", "format.unknown-kind", "/kind"),
            ("\"code\":", "\"colour\":\"red\",\"code\":", "json.unknown-field", "/colour"),
        ])
    func altered(old: String, new: String, code: String, field: String) throws {
        let workspace = try Workspace()
        workspace.set("-o", "payment.json")
        #expect(try workspace.run().exit == 0)
        workspace.drop("-o")
        try workspace.edit("payment.json", old, new)
        workspace.judge("payment.json")
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(
            outcome.exit
                == (code.hasPrefix("payment.") && code != "payment.unknown-role"
                    || code.hasPrefix("verify.") ? 10 : 65))
        #expect(
            try Refusal.problems(in: outcome.out).contains(Refusal(code, field)), "\(outcome.out)")
    }
}
