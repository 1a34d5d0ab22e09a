import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing
import AirlockTestSupport
import AirlockSamples

@Suite("A request, said in words")
struct DescribeTests {
    private static let packaged = PackageRoot.url("packaging/erc7730").path

    static let permit = """
        {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},
        {"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],
        "Permit":[{"name":"owner","type":"address"},{"name":"spender","type":"address"},
        {"name":"value","type":"uint256"},{"name":"nonce","type":"uint256"},{"name":"deadline","type":"uint256"}]},
        "primaryType":"Permit",
        "domain":{"name":"USD Coin","version":"2","chainId":8453,
        "verifyingContract":"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"},
        "message":{"owner":"0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB",
        "spender":"0x5eA054aEea285Ebc3A92eCB1f722f44304F72581","value":"1050000","nonce":"0","deadline":"1773217849"}}
        """

    @Test("is a charge by the packaged descriptor, with the names of known tokens")
    func charge() throws {
        let workspace = try Workspace()
        let words = ["describe", "charge.json", "--descriptors", Self.packaged, "-m", "transferTokenPreApproved"]
        let shown = try workspace.tool(words)
        #expect(shown.exit == 0 && shown.err.isEmpty)
        #expect(shown.out.contains("words        Pay: 1.0395 USDC\n"))
        let target = try #require(shown.out.range(of: "target "))
        let intent = try #require(shown.out.range(of: "words "))
        #expect(target.lowerBound < intent.lowerBound)
        let json = try document(workspace.tool(words + ["--json"]).out)
        #expect(json["ok"]?.boolean == true && json["kind"]?.string == "charge")
        #expect(json["intent"]?.string == "Pay a charge")
        #expect(json["descriptor"]?["attestedBy"]?.kind == .null)
        let named = try document(workspace.tool(words + ["--policy", "policy.json", "--json"]).out)
        #expect(named["intent"]?.kind == .null, "the policy does not trust it")
        #expect(named["warnings"]?.elements?.first?.string?.hasPrefix("calldata-Transfers.json is not used") == true)
        // If no payment method is given, the tool refuses. It does not guess how the charge would be paid.
        #expect(try workspace.tool(Array(words.prefix(4))).exit == 10)
    }

    @Test("uses the descriptors of the person's own folder, once the policy has their hash")
    func pinned() throws {
        let workspace = try Workspace()
        workspace.folder("config/airlock/descriptors")
        try workspace.write(
            "config/airlock/descriptors/calldata-Transfers.json",
            String(contentsOfFile: "\(Self.packaged)/calldata-Transfers.json", encoding: .utf8))
        workspace.environment["XDG_CONFIG_HOME"] = workspace.path("config")
        let hash = try workspace.tool("descriptors", "hash", "config/airlock/descriptors/calldata-Transfers.json").out
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try workspace.edit("policy.json", "\"maxConditionsAge\"", "\"descriptors\":[\"\(hash)\"],\"maxConditionsAge\"")
        let words = ["describe", "charge.json", "--policy", "policy.json", "-m", "transferTokenPreApproved"]
        let shown = try workspace.tool(words)
        #expect(shown.exit == 0 && shown.out.contains("words        To: Example shop\n"))
        #expect(shown.out.contains("descriptor   calldata-Transfers.json, its hash is in the policy\n"))
        try workspace.edit(
            "config/airlock/descriptors/calldata-Transfers.json", "\"Coinbase Commerce\"", "\"Coinbase Commerde\"")
        let altered = try workspace.tool(words)
        #expect(altered.exit == 0 && !altered.out.contains("words  "))
        #expect(altered.out.contains("calldata-Transfers.json is not used"))
    }

    @Test("is typed data with its digests, an unsigned and a signed transaction, and a payment URI")
    func kinds() throws {
        let workspace = try Workspace()
        workspace.write("permit.json", Self.permit)
        let permit = try document(workspace.tool("describe", "permit.json", "--json").out)
        #expect(permit["raw"]?["primaryType"]?.string == "Permit")
        #expect(permit["digest"]?.string == (try workspace.tool("typed-data", "hash", "permit.json").out).trimmed)
        #expect(permit["domainHash"] != nil && permit["messageHash"] != nil)
        #expect(permit["fields"]?.elements?.contains { $0["value"]?.string == "1050000" } == true)

        let raw = try workspace.run().out.trimmed
        let signed = try workspace.tool("describe", raw)
        #expect(signed.exit == 0 && signed.out.hasPrefix("read as: signed transaction\ntarget "))
        // The example transaction of EIP-155. Its chain id is 1.
        let legacy = "ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080"
        let unsigned = try workspace.tool("describe", "0x\(legacy)018080")
        #expect(unsigned.exit == 0, "\(unsigned.err)")
        #expect(unsigned.out.hasPrefix("read as: unsigned transaction\ntarget "))
        #expect(unsigned.out.contains("sends        1 ETH\n"))
        let bare = "0xe9" + legacy.dropFirst(2)
        #expect(try workspace.tool("describe", bare).exit == 64, "no chain")
        #expect(try workspace.tool("describe", bare, "--chain", "base").out.contains("on base (8453)"))
        #expect(try workspace.tool("describe", "0x\(legacy)018080", "--chain", "base").exit == 10)

        let uri = "ethereum:0x5eA054aEea285Ebc3A92eCB1f722f44304F72581@8453?value=1e15"
        #expect(try workspace.tool("describe", uri).out.contains("sends        0.001 ETH\n"))
    }

    @Test("is said to be what it was read as, by describe, review, verify and sign")
    func readAs() throws {
        let workspace = try Workspace()
        let (payee, payer) = (SamplePayment().recipient, SamplePayment.payer)
        workspace.write("permit.json", Self.permit)
        workspace.write("text.txt", "I agree.")
        try workspace.edit("policy.json", "\"airlock\":1,", "\"airlock\":1,\"text\":true,")
        workspace.write(
            "transfer.json",
            """
            {"airlock":1,"kind":"transfer","chainId":"8453","from":"\(payer)","to":"\(payee)","amount":"5"}
            """)
        workspace.write(
            "call.json",
            """
            {"airlock":1,"kind":"call","chainId":"8453","from":"\(payer)","to":"\(payee)","data":"0x01020304"}
            """)
        workspace.write("arguments.json", "{\"chainId\":\"0x2105\",\"to\":\"\(payee)\",\"data\":\"0x01020304\"}")
        workspace.write("sending.json", "{\"chainId\":\"0x2105\",\"to\":\"\(payee)\",\"value\":\"0x5\"}")
        let fields = """
            {"type":"2","chainId":"8453","nonce":"7","to":"\(payee)","value":"0","gas":"90000","maxFeePerGas":"1",\
            "maxPriorityFeePerGas":"1","accessList":[],"data":"0x01020304"}
            """
        workspace.write("fields.json", fields)
        workspace.write("transaction.hex", try workspace.tool("tx", "encode", "fields.json").out)
        let forms = [
            ("charge.json", "charge"), ("transfer.json", "transfer file"), ("call.json", "call file"),
            ("ethereum:\(payee)@8453?value=5", "EIP-681 payment URI"), ("transaction.hex", "unsigned transaction"),
            ("arguments.json", "unsigned transaction in JSON"), ("permit.json", "typed data (EIP-712)"),
            ("sending.json", "unsigned transaction that is a transfer"), ("text.txt", "text (EIP-191)"),
        ]
        for (operand, form) in forms {
            for command in ["review", "verify"] {
                let said = try workspace.tool(command, operand, "--policy", "policy.json")
                #expect(said.err.hasPrefix("read as: \(form)\n"), "\(command) \(operand): \(said.err)")
                let out = try workspace.tool(command, operand, "--policy", "policy.json", "--json").out
                let json = try JSONDocument(Array(out.utf8)).root
                #expect((json["review"] ?? json)["readAs"]?.string == form, "\(command) \(operand)")
            }
            if operand != "charge.json" {
                #expect(try workspace.tool("describe", operand).out.hasPrefix("read as: \(form)\n"), "\(operand)")
            }
        }
        #expect(try workspace.run().err.hasPrefix("read as: charge\n"))
        workspace.operands = ["permit.json"]
        workspace.drop("-c")
        #expect(try workspace.run().err.hasPrefix("read as: typed data (EIP-712)\n"))
    }

    @Test("is a call by the function that its file names, and a text by its lines")
    func callsAndTexts() throws {
        let workspace = try Workspace()
        let call = try workspace.tool(
            "request", "call", "--chain", "base", "--from", "\(SamplePayment.payer)", "--to", "\(SamplePayment.usdc)",
            "setOwner(address)", "[\"\(SamplePayment.payer)\"]", "-o", "call.json")
        #expect(call.exit == 0, "\(call.err)")
        let shown = try workspace.tool("describe", "call.json")
        #expect(shown.exit == 0, "\(shown.err)")
        #expect(shown.out.hasPrefix("read as: call file\ntarget       \(SamplePayment.usdc) on base (8453)\n"))
        #expect(shown.out.contains("function     setOwner(address)\n0            address \(SamplePayment.payer)\n"))
        workspace.write("text.txt", "I agree.\nReally.")
        #expect(
            try workspace.tool("describe", "text.txt").out.contains("text         I agree.\ntext         Really.\n"))
    }

    @Test("is refused where it is no request, with its place")
    func refused() throws {
        let workspace = try Workspace()
        workspace.write("permit.json", Self.permit.replacing("\"1050000\"", with: "\"-1\""))
        let permit = try workspace.tool("describe", "permit.json", "--json")
        #expect(permit.exit == 65)
        #expect(try Refusal.problems(in: permit.out).map(\.field) == ["/message/value"])
        #expect(try workspace.tool("describe", "conditions.json").exit == 65)
        #expect(try workspace.tool("describe", "missing.json").exit == 66)
        #expect(try workspace.tool("describe", "charge.json", "--descriptors", "missing").exit == 66)
        #expect(try workspace.tool("describe", "0x02c0").exit == 65)
    }

    @Test("comes from a folder whose files are checked, every one")
    func check() throws {
        let workspace = try Workspace()
        let listed = try workspace.tool("descriptors", "list", Self.packaged)
        #expect(listed.exit == 0 && listed.out.hasPrefix("calldata-Transfers.json\n  hash       0x"))
        #expect(try workspace.tool("descriptors", "check", Self.packaged).out == "1 descriptor, 1 of them usable\n")
        let untrusted = try workspace.tool("descriptors", "check", Self.packaged, "--policy", "policy.json")
        #expect(untrusted.exit == 10 && untrusted.out == "1 descriptor, 0 of them trusted\n")
        workspace.folder("words")
        workspace.write("words/a.json", "{}")
        workspace.write("words/b.json", "[")
        let wrong = try workspace.tool("descriptors", "check", "words", "--json")
        #expect(wrong.exit == 65)
        #expect(try Refusal.problems(in: wrong.out).map(\.code) == ["descriptor.schema-version", "json.unfinished"])
        #expect(try document(workspace.tool("descriptors", "list", "words", "--json").out)["ok"]?.boolean == true)
        #expect(try workspace.tool("descriptors", "list", "missing").exit == 66)
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
