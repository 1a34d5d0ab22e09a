import StrictJSON
import Testing
import ToolSupport

@Suite("A policy, from its beginning to a signature")
struct PolicyCommandTests {
    @Test(
        "begins with what is known of a chain, says what is to be filled in, and parses",
        arguments: ["ethereum", "polygon", "base", "sepolia", "base-sepolia", "42161"])
    func begins(chain: String) throws {
        let desk = try Desk()
        let begun = try desk.tool("policy", "init", "--chain", chain, "-o", "begun.json")
        #expect(begun.exit == 0 && begun.out.isEmpty)
        #expect(begun.err.hasPrefix("fill in before you use it:\n  recipients: "))
        let checked = try desk.tool("policy", "check", "begun.json")
        #expect(checked.exit == 0 && checked.err.isEmpty)
        #expect(checked.out.contains("no recipient is allowed, so nothing can be paid there."))
        #expect(checked.out.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 })
        let printed = try desk.tool("policy", "init", "--chain", chain)
        #expect(try printed.out == desk.content("begun.json"))
    }

    @Test("pays once its recipient is filled in, from the place where policies are")
    func fills() throws {
        let desk = try Desk()
        #expect(try desk.tool("policy", "init", "--chain", "base", "-o", "begun.json").exit == 0)
        try desk.edit("begun.json", "0x8fcCC78Dae0a8f93B0fE6799de888d4C57e273db", "\(SamplePayment.operator)")
        desk.set("--policy", "begun.json")
        let refused = try desk.run()
        #expect(refused.exit == 10 && refused.err.contains("the policy does not list the recipient"))
        try desk.edit(
            "begun.json", "\"recipients\": {}", "\"recipients\": {\"\(SamplePayment().recipient)\": \"Example shop\"}")
        #expect(try desk.run().exit == 0)
    }

    @Test(
        "is the one in its usual place, or under XDG_CONFIG_HOME; its hash is in the payment and in the ledger",
        arguments: [".config", "elsewhere"])
    func places(folder: String) throws {
        let desk = try Desk()
        desk.drop("--policy")
        desk.set("--json")
        // The built-in pins know neither this operator nor a recipient, and cap nothing.
        #expect(try desk.run().exit == 10)
        #expect(try desk.tool("ledger", "init", "--ledger", "\(folder)/airlock/unused").exit == 0)
        desk.write("\(folder)/airlock/policy.json", try desk.content("policy.json"))
        if folder != ".config" { desk.environment["XDG_CONFIG_HOME"] = desk.path(folder) }
        let outcome = try desk.run()
        #expect(outcome.exit == 0, "\(outcome.out)")
        let hash = try #require(
            document(desk.tool("policy", "check", "policy.json", "--json").out)["policyHash"]?.string)
        #expect(try document(outcome.out)["payment"]?["policyHash"]?.string == hash)
        #expect(desk.entries.count == 1 && desk.entries[0].contains("\"policyHash\":\"\(hash)\""))
        #expect(outcome.err.contains(hash.prefix(40)))
    }
}
