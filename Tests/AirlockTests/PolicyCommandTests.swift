import AirlockEthereumTypes
import AirlockStrictJSON
import Testing
import AirlockToolSupport

@Suite("A policy, from its beginning to a signature")
struct PolicyCommandTests {
    @Test(
        "begins with what is known of a chain, says what is to be filled in, and parses",
        arguments: ["ethereum", "polygon", "base", "sepolia", "base-sepolia", "42161"])
    func begins(chain: String) throws {
        let workspace = try Workspace()
        workspace.environment["COLUMNS"] = "80"
        let begun = try workspace.tool("policy", "init", "--chain", chain, "-o", "begun.json")
        #expect(begun.exit == 0 && begun.out.isEmpty)
        #expect(begun.err.hasPrefix("fill in before you use it:\n  recipients: "))
        let checked = try workspace.tool("policy", "check", "begun.json")
        #expect(checked.exit == 0 && checked.err.isEmpty)
        #expect(checked.out.contains("no recipient is allowed, so nothing can be paid there."))
        #expect(checked.out.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 })
        let printed = try workspace.tool("policy", "init", "--chain", chain)
        #expect(try printed.out == workspace.content("begun.json"))
    }

    @Test("are for the kinds of request that are named, and for all without")
    func kinds() throws {
        let workspace = try Workspace()
        let transfers = try workspace.tool("policy", "init", "--chain", "base", "--for", "transfer")
        #expect(transfers.exit == 0 && !transfers.out.contains("contracts") && !transfers.out.contains("operators"))
        let both = try workspace.tool("policy", "init", "--chain", "base", "--for", "charge,transfer,call,message,safe")
            .out
        #expect(try both == workspace.tool("policy", "init", "--chain", "base").out)
        let apart = try workspace.tool(
            "policy", "init", "--chain", "base", "--for", "charge", "--for", "transfer,call,message,safe")
        #expect(both == apart.out)
        #expect(try workspace.tool("policy", "init", "--chain", "base", "--for", "tip").exit == 64)
    }

    @Test("is told what it refuses, kind by kind, and not what other kinds would need")
    func refusedKinds() throws {
        let workspace = try Workspace()
        workspace.write(
            "transfers.json", try workspace.tool("policy", "init", "--chain", "base", "--for", "transfer").out)
        let transfers = try document(workspace.tool("policy", "check", "transfers.json", "--json").out)
        let sentences = transfers["sentences"]?.elements?.compactMap(\.string) ?? []
        let said = sentences.filter { $0.contains("charge") || $0.contains("operator") || $0.contains("calls") }
        let refusal = "On base (8453) the policy refuses every charge, since it has no contracts and no operators; "
        #expect(said.count == 1 && said[0].hasPrefix(refusal))
        #expect(said[0].contains("every call, since it has no calls"))
        workspace.write("charges.json", try workspace.tool("policy", "init", "--chain", "base", "--for", "charge").out)
        let charges = try workspace.tool("policy", "check", "charges.json").out
        #expect(charges.contains("the operator must be") && !charges.contains("refuses every charge"))
        // Charges need both lists of the policy, contracts and operators. If only one of them is empty, the tool
        // reports this as a mistake.
        let begun = try workspace.content("charges.json")
        workspace.write("charges.json", begun.replacing(/"operators": \[[^\]]*\]/, with: "\"operators\": []"))
        #expect(try workspace.tool("policy", "check", "charges.json").out.contains("no operator is allowed"))
    }

    @Test("pays once its recipient is filled in, from the place where policies are")
    func fills() throws {
        let workspace = try Workspace()
        #expect(try workspace.tool("policy", "init", "--chain", "base", "-o", "begun.json").exit == 0)
        try workspace.edit("begun.json", "0x8fcCC78Dae0a8f93B0fE6799de888d4C57e273db", "\(SamplePayment.operator)")
        workspace.set("--policy", "begun.json")
        let refused = try workspace.run()
        #expect(refused.exit == 10 && refused.err.contains("the policy does not list the recipient"))
        try workspace.edit(
            "begun.json", "\"recipients\": {}", "\"recipients\": {\"\(SamplePayment().recipient)\": \"Example shop\"}")
        #expect(try workspace.run().exit == 0)
    }

    /// The test networks for a rehearsal, each with its name, its chain ID and the address of USDC.
    private static let rehearsals: [(String, UInt64, Address)] = [
        ("sepolia", 11_155_111, Address(known: "0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238")),
        ("base-sepolia", 84_532, Address(known: "0x036CbD53842c5426634e7929541eC2318f3dCF7e")),
    ]

    @Test("pays on a test network once its operator and recipient are filled in", arguments: rehearsals)
    func rehearses(name: String, chain: UInt64, usdc: Address) throws {
        let workspace = try Workspace()
        for (currency, method) in [(Address.zero, "transferNative"), (usdc, "transferTokenPreApproved")] {
            try workspace.charge {
                $0.chain = Chain(id: chain)
                $0.contract = Address(known: "0x96A08D8e8631b6dB52Ea0cbd7232d9A85d239147")
                $0.recipientCurrency = currency
                $0.id = FixedBytes { _ in currency.isZero ? 1 : 2 }
            }
            #expect(try workspace.tool("policy", "init", "--chain", name, "-o", "\(method).json").exit == 0)
            workspace.drop("-c")
            for (option, value) in [
                "--nonce": currency.isZero ? "1" : "2", "--gas": "180000", "--max-fee": "1gwei", "--priority-fee": "0",
                "-m": method, "--policy": "\(method).json",
            ] { workspace.set(option, value) }
            let refused = try workspace.run()
            #expect(refused.exit == 10)
            for words in ["the policy does not list the operator", "the policy does not list the recipient"] {
                #expect(refused.err.contains(words))
            }
            try workspace.edit("\(method).json", "\"operators\": []", "\"operators\": [\"\(SamplePayment.operator)\"]")
            try workspace.edit(
                "\(method).json", "\"recipients\": {}",
                "\"recipients\": {\"\(SamplePayment().recipient)\": \"Example shop\"}")
            #expect(try workspace.tool("policy", "check", "\(method).json").exit == 0)
            let signed = try workspace.run()
            #expect(signed.exit == 0, "\(signed.err)")
            let raw = signed.out.split(separator: "\n").first.map { String($0) } ?? ""
            #expect(try document(workspace.tool("inspect", raw, "--json").out)["chainId"]?.string == "\(chain)")
        }
    }

    @Test(
        "is the one in its usual place, or under XDG_CONFIG_HOME; its hash is in the payment and in the ledger",
        arguments: [".config", "elsewhere"])
    func places(folder: String) throws {
        let workspace = try Workspace()
        workspace.drop("--policy")
        workspace.set("--json")
        // The built-in policy does not list the operator of the charge, lists no recipients, and has no caps.
        #expect(try workspace.run().exit == 10)
        #expect(try workspace.tool("ledger", "init", "--ledger", "\(folder)/airlock/unused").exit == 0)
        workspace.write("\(folder)/airlock/policy.json", try workspace.content("policy.json"))
        if folder != ".config" { workspace.environment["XDG_CONFIG_HOME"] = workspace.path(folder) }
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.out)")
        let hash = try #require(
            document(workspace.tool("policy", "check", "policy.json", "--json").out)["policyHash"]?.string)
        #expect(try document(outcome.out)["payment"]?["policyHash"]?.string == hash)
        #expect(workspace.entries.count == 1 && workspace.entries[0].contains("\"policyHash\":\"\(hash)\""))
        #expect(outcome.err.contains(hash.prefix(40)))
    }
}
