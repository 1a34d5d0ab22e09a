import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing
import AirlockSamples

@Suite("A message, from its file to its signature")
struct MessageTests {
    private static func workspace() throws -> Workspace {
        let workspace = try Workspace()
        workspace.write("permit.json", DescribeTests.permit)
        workspace.operands = ["permit.json"]
        workspace.drop("-c")
        try workspace.edit("policy.json", "\"recipients\"", "\"messages\":[],\"recipients\"")
        return workspace
    }

    @Test("is signed as the blind way signs it, and verified without a key")
    func signs() throws {
        let workspace = try Self.workspace()
        let raw = try workspace.run()
        #expect(raw.exit == 0, "\(raw.err)")
        let blind = try workspace.tool("typed-data", "sign", "permit.json", "-k", "key.hex", "--blind", "--yes")
        #expect(blind.out == raw.out && raw.out.count == 133)
        #expect(raw.err.contains("Let Example shop"))
        workspace.set("-o", "signature.json")
        #expect(try workspace.run().exit == 0)
        let file = try JSONDocument(Array(workspace.content("signature.json").utf8)).root
        #expect(file["kind"]?.string == "signature" && file["request"]?.string == "message")
        #expect(file["signature"].map { "\($0.string ?? "")\n" } == raw.out && file["chainId"]?.string == "8453")
        workspace.drop("-o")
        workspace.set("--json")
        let json = try document(workspace.run().out)
        #expect(json["ok"]?.boolean == true && json["signature"]?["digest"]?.string == file["digest"]?.string)
        let verified = try workspace.tool("verify", "signature.json", "--request", "permit.json")
        #expect(verified.exit == 0 && verified.out.contains("ok           message: "))
        #expect(try workspace.tool("verify", "signature.json").out.contains("warn         message: "))
        for (options, status) in [(["--request", "permit.json"], "ok"), ([], "warn")] as [([String], String)] {
            let outcome = try workspace.tool(["verify", "signature.json", "--json"] + options)
            let checks = try #require(document(outcome.out)["checks"]?.elements)
            #expect(checks.map { $0["check"]?.string } == ["signature", "message"])
            #expect(checks.map { $0["status"]?.string } == ["ok", status])
        }
    }

    @Test("has a signature that is not another message's, nor altered")
    func verifies() throws {
        let workspace = try Self.workspace()
        workspace.set("-o", "signature.json")
        #expect(try workspace.run().exit == 0)
        workspace.write("other.json", DescribeTests.permit.replacing("1050000", with: "1050001"))
        let other = try workspace.tool("verify", "signature.json", "--request", "other.json", "--json")
        #expect(other.exit == 10)
        #expect(try Refusal.problems(in: other.out).map(\.code) == ["signature.other-message"])
        try workspace.edit("signature.json", "\"signer\":\"0x5C", "\"signer\":\"0x5D")
        #expect(try workspace.tool("verify", "signature.json").exit == 65, "the checksum is wrong")
        #expect(try workspace.tool("verify", "permit.json", "--request", "permit.json").exit == 64)
        #expect(
            try workspace.tool("verify", "permit.json", "--policy", "policy.json", "--now", SamplePayment.now).exit == 0
        )
    }

    @Test(
        "has a signature file that is refused at each member that is not the message's",
        arguments: [
            (false, "\"request\":\"message\"", "\"request\":\"order\"", "/request"),
            (false, "\"chainId\":\"8453\"", "\"chainId\":\"1\"", "/chainId"),
            (true, "\"chainId\":\"8453\"", "\"chainId\":\"1\"", "/chainId"),
            (true, "\"safe\":\"\(SafePayment.safe)\"", "\"safe\":\"\(SafePayment.second)\"", "/safe"),
            (true, "\"nonce\":\"71\"", "\"nonce\":\"72\"", "/nonce"),
        ])
    func otherMember(isOfSafe: Bool, old: String, new: String, place: String) throws {
        let workspace = try isOfSafe ? SafePayment().workspace() : Self.workspace()
        workspace.set("-o", "signature.json")
        #expect(try workspace.run().exit == 0)
        try workspace.edit("signature.json", old, new)
        let request = isOfSafe ? "tx.json" : "permit.json"
        let other = try workspace.tool(
            "verify", "signature.json", "--request", request, "--policy", "policy.json", "--json")
        #expect(other.exit == 10)
        #expect(try Refusal.problems(in: other.out) == [Refusal("signature.other-message", place)])
    }

    @Test("is refused without a word to the key where the policy says no, and nothing is recorded")
    func refused() throws {
        let workspace = try Self.workspace()
        try workspace.edit("policy.json", "\"\(SamplePayment().recipient)\":\"Example shop\"", "")
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(
            try Refusal.problems(in: outcome.out) == [
                .init("policy.recipient-not-listed", "/message/spender")
            ])
        #expect(workspace.entries.isEmpty)
    }

    @Test("that takes an allowance back is signed for a spender that the policy does not list")
    func revoked() throws {
        let workspace = try Self.workspace()
        try workspace.edit("policy.json", "\"\(SamplePayment().recipient)\":\"Example shop\"", "")
        try workspace.edit("permit.json", "1050000", "0")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(outcome.err.contains("take up to 0 USDC"))
    }

    @Test("that holds the words of a mnemonic is refused, and not shown, whatever stands around them")
    func mnemonic() throws {
        let workspace = try Self.workspace()
        let policy = try workspace.content("policy.json")
        workspace.write("policy.json", "{\"text\":true,\(policy.drop { $0.isWhitespace }.dropFirst())")
        workspace.operands = ["words.txt"]
        workspace.set("--json")
        let words = Array(repeating: "abandon", count: 11) + ["about"]
        for text in [
            "My words: \(words.joined(separator: " ")), keep them.",
            words.enumerated().map { "\($0 + 1). \($1.uppercased())" }.joined(separator: "\n"),
            "abandon zoo \(words.joined(separator: " - ")) ability",
        ] {
            workspace.write("words.txt", text)
            for command in ["sign", "describe"] {
                let outcome =
                    try command == "sign" ? workspace.run() : workspace.tool("describe", "words.txt", "--json")
                #expect(outcome.exit == 10, "\(outcome.out)")
                #expect(
                    try Refusal.problems(in: outcome.out) == [
                        .init("message.holds-a-mnemonic", "words.txt")
                    ])
                #expect(!(outcome.out + outcome.err).lowercased().contains("abandon"))
            }
        }
        // None of these texts contains a valid mnemonic. The first has only eleven words of a mnemonic. In the second,
        // the checksum in the twelfth word is wrong. In the third, there are other words between the words of the
        // mnemonic.
        for text in [
            "So \(words.dropLast().joined(separator: " "))", "So \(words.dropLast().joined(separator: " ")) zoo",
            "So \(words.joined(separator: " really "))",
        ] {
            workspace.write("words.txt", text)
            #expect(try workspace.run().exit == 0)
        }
        #expect(workspace.entries.count == 3)
    }

    @Test("is refused where the policy has no messages, though it lists who may take it")
    func member() throws {
        let workspace = try Self.workspace()
        try workspace.edit("policy.json", "\"messages\":[],", "")
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(try Refusal.problems(in: outcome.out) == [.init("policy.kind", "/domain")])
        #expect(workspace.entries.isEmpty)
    }

    @Test("of a token whose domain names no chain is refused, even where the policy lists it")
    func noChain() throws {
        let workspace = try Self.workspace()
        let permit = DescribeTests.permit.replacing("{\"name\":\"chainId\",\"type\":\"uint256\"},", with: "")
            .replacing("\"chainId\":8453,", with: "")
        #expect(!permit.contains("chainId"))
        workspace.write("permit.json", permit)
        let domain = "0xc1447ba94bd89cbaa9956afc175fdc965b8efcd342cbe69904f8fbaf0c6a7d54"
        let pin = "{\"domainSeparator\":\"\(domain)\",\"types\":[\"Permit\"],\"name\":\"bridged\"}"
        try workspace.edit("policy.json", "\"messages\":[]", "\"messages\":[\(pin)]")
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(
            try Refusal.problems(in: outcome.out) == [.init("message.incomplete-domain", "/domain")])
        #expect(workspace.entries.isEmpty)
    }

    @Test(
        "takes no option that is of transactions, and is signed by itself",
        arguments: [
            ["--nonce", "1"], ["--gas", "1"], ["-c", "conditions.json"], ["--rungs", "2"], ["--cancel"], ["--approve"],
            ["--method", "auto"], ["--reference", "a"], ["--value", "1"],
        ])
    func useless(words: [String]) throws {
        let workspace = try Self.workspace()
        workspace.set(words[0], words.count > 1 ? words[1] : nil)
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 64)
        #expect(try Refusal.problems(in: outcome.out).map(\.code) == ["request.option-without-effect"])
    }

    @Test("is a text only where the policy allows texts, and never what may be a secret")
    func texts() throws {
        let workspace = try Self.workspace()
        workspace.write("text.txt", "I agree to the terms.")
        workspace.operands = ["text.txt"]
        let refused = try workspace.run()
        #expect(refused.exit == 10 && !refused.err.contains("I agree"))
        try workspace.edit("policy.json", "\"maxConditionsAge\"", "\"text\":true,\"maxConditionsAge\"")
        let signed = try workspace.run()
        #expect(signed.exit == 0 && signed.err.contains("text         I agree to the terms.\n"))
        workspace.write("words.txt", "legal winner thank year wave sausage")
        workspace.operands = ["words.txt"]
        let words = try workspace.run()
        #expect(words.exit == 65 && !(words.out + words.err).contains("winner"))
    }

    @Test("is asked for at a terminal, with the digits of a spender that no policy pins")
    func asked() throws {
        let workspace = try Self.workspace()
        try workspace.edit("policy.json", "\"recipients\":{\"\(SamplePayment().recipient)\":\"Example shop\"},", "")
        #expect(try workspace.run().exit == 10, "--yes is not enough")
        workspace.drop("--yes")
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type the last six digits of the address to sign: ")
        terminal.type("\("\(SamplePayment().recipient)".suffix(6))\n")
        #expect(try terminal.finish().exit == 0)
        let declining = try workspace.atTerminal()
        try declining.wait(for: "to sign: ")
        declining.type("no\n")
        #expect(try declining.finish().exit == 11)
    }

    @Test("in a batch is signed between payments, with one order of the ledger and its caps", arguments: [false, true])
    func lines(isSharing: Bool) throws {
        let workspace = try Self.workspace()
        let conditions = """
            {"airlock":1,"kind":"conditions","chainId":"8453","sender":"\(SamplePayment.payer)","nonce":"7","gas":"62000",\
            "maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000","block":{"number":"43000000",\
            "hash":"\(Hash.keccak([1]))","timestamp":"1773131359"},"nativeBalance":"50000000000000000"}
            """
        workspace.write("conditions.json", conditions)
        let own = isSharing ? "" : ",\"conditions\":\(conditions)"
        let payment = """
            {"request":{"airlock":1,"kind":"transfer","chainId":"8453","from":"\(SamplePayment.payer)",\
            "to":"\(SamplePayment().recipient)","amount":"5","reference":"7"}\(own)}
            """
        func line(_ value: String, nonce: String) -> String {
            let permit = DescribeTests.permit.replacing("\n", with: "").replacing("1050000", with: value)
            return "{\"request\":" + permit.replacing("\"nonce\":\"0\"", with: "\"nonce\":\"\(nonce)\"") + "}"
        }
        try workspace.edit("policy.json", "\"perPayment\":\"100\"", "\"perPayment\":\"100\",\"perDay\":\"3\"")
        let lines = [
            line("1050000", nonce: "0"), payment, line("1050000", nonce: "0"), line("5", nonce: "0"),
            line("1050000", nonce: "1"), line("1050000", nonce: "2"), line("1", nonce: "3"),
        ]
        workspace.operands = []
        workspace.set("--lines")
        workspace.drop("--yes")
        if isSharing { workspace.set("-c", "conditions.json") }
        workspace.input = .text(lines.joined(separator: "\n") + "\n")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10, "\(outcome.err)")
        let answers = try outcome.out.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
        let said = answers.map { answer in
            answer["error"].map { "\($0["code"]?.string ?? "") \($0["field"]?.string ?? "")" }
                ?? (answer["raw"] == nil ? "signature" : "raw")
        }
        #expect(
            said == [
                "signature", "raw", "signature", "ledger.nonce-already-signed /request/message", "signature",
                "policy.over-day-cap /request/message/value", "signature",
            ], "\(outcome.out)")
        #expect(answers[0].json.text == answers[2].json.text)
        #expect(outcome.err.contains("signed 1 payment, code over all"), "\(outcome.err)")
        #expect(workspace.entries.count == 4)
        // The first message gets the same signature if it is signed outside a batch, in another workspace. If the batch
        // is signed again, the signed answers are the same, and the ledger gets no new entry.
        let single = try Self.workspace()
        #expect(try single.run().out == (answers[0]["signature"]?["signature"]?.string ?? "") + "\n")
        func signed(_ outcome: Outcome) -> [Substring] {
            outcome.out.split(separator: "\n").filter { $0.contains("\"ok\":true") }
        }
        #expect(try signed(workspace.run()) == signed(outcome) && workspace.entries.count == 4)
        workspace.set("--rungs", "2")
        let climbing = try workspace.run()
        #expect(climbing.out.contains("a message is not a transaction"), "\(climbing.out)")
    }

    @Test("is not a table of payments: with conditions, the hint names the command for one")
    func table() throws {
        let workspace = try Self.workspace()
        workspace.write("pay.csv", "to,amount,currency,reference\n\(SamplePayment.operator),1,USDC,a\n")
        let words = ["-c", "conditions.json", "--policy", "policy.json"]
        let table = try workspace.tool(["review", "pay.csv"] + words)
        #expect(table.exit == 64 && table.err.contains("for a table of payments: airlock request payroll FILE\n"))
        let typed = try workspace.tool(["review", "permit.json"] + words)
        #expect(typed.exit == 64 && typed.err.contains("hint: leave the option out\n"))
    }
}
