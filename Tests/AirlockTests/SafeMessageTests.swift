import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing
import AirlockSamples

@Suite("A message that a Safe's owner signs for the Safe")
struct SafeMessageTests {
    private static func codes(_ outcome: Outcome) throws -> [String] {
        try Refusal.problems(in: outcome.out).map(\.code)
    }

    /// Returns a workspace whose policy lists the Safe on this chain and allows the signing of text messages.
    private static func workspace(
        _ safe: String, on chain: String, version: String, text: String, owner: String = "\(SamplePayment.payer)"
    ) throws -> Workspace {
        let workspace = try Workspace()
        workspace.write("message.txt", text)
        workspace.operands = ["message.txt"]
        workspace.drop("-c")
        workspace.write(
            "policy.json",
            """
            {"airlock":1,"kind":"policy","text":true,"chains":{"\(chain)":{"recipients":{},"currencies":{},"safes":{
            "\(safe)":{"name":"Treasury","version":"\(version)","threshold":"1","owners":{"\(owner)":"me"}}}}}}
            """)
        workspace.set("--safe", safe)
        return workspace
    }

    static let texts = [
        (
            "11155111", "0x657ff0D4eC65D82b2bC1247b0a558bcd2f80A0f1", "1.3.0",
            """
            Welcome to OpenSea!

            Click to sign in and accept the OpenSea Terms of Service (https://opensea.io/tos) and Privacy Policy \
            (https://opensea.io/privacy).

            This request will not trigger a blockchain transaction or cost any gas fees.

            Wallet address:
            0x657ff0d4ec65d82b2bc1247b0a558bcd2f80a0f1

            Nonce:
            ea499f2f-fdbc-4d04-92c4-b60aba887e06
            """, "0x1866b559f56261ada63528391b93a1fe8e2e33baf7cace94fc6b42202d16ea08"
        ),
        (
            "1", SafePayment.safe, "1.4.1", "hello",
            "0x173ead6b9bf773d9371da67dc16f8823febee010056fe95cfda1f55e98f32382"
        ),
    ]

    @Test("has the hash that others published, and its signature verifies against it", arguments: texts)
    func published(chain: String, safe: String, version: String, text: String, hash: String) throws {
        let workspace = try Self.workspace(safe, on: chain, version: version, text: text)
        workspace.set("-o", "signature.json")
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        let file = try JSONDocument(Array(workspace.content("signature.json").utf8)).root
        #expect(file["digest"]?.string == hash && file["request"]?.string == "message")
        #expect(file["safe"]?.string == safe && file["chainId"]?.string == chain && file["nonce"] == nil)
        for name in ["innerHash", "domainHash", "messageHash", "safeMessageHash"] { #expect(signed.err.contains(name)) }
        #expect(signed.err.contains(hash.dropFirst(2).uppercased()))
        let verified = try workspace.tool(
            "verify", "signature.json", "--request", "message.txt", "--policy", "policy.json")
        #expect(verified.exit == 0, "\(verified.err)")
        workspace.write("message.txt", text + "!")
        let other = try workspace.tool(
            "verify", "signature.json", "--request", "message.txt", "--policy", "policy.json", "--json")
        #expect(try other.exit == 10 && Self.codes(other) == ["signature.other-message"])
    }

    @Test("is refused of a Safe that is not listed, and to a key that is no owner's")
    func refused() throws {
        let workspace = try Self.workspace(
            SafePayment.safe, on: "8453", version: "1.4.1", text: "hello", owner: SafePayment.second)
        workspace.set("--json")
        #expect(try Refusal.problems(in: workspace.run().out) == [.init("safe.key-not-an-owner", "--policy")])
        workspace.set("--safe", SafePayment.second)
        #expect(try Refusal.problems(in: workspace.run().out) == [.init("policy.safe-not-listed", "--safe")])
        workspace.set("--safe", SafePayment.safe)
        workspace.set("--safe-version", "1.3.0")
        #expect(try Self.codes(workspace.run()) == ["safe.other-version"])
        workspace.drop("--safe-version")
        for words in [["--safe-nonce", "4"], ["--approve-hash"], ["--any-checksum"]] {
            workspace.set(words[0], words.count > 1 ? words[1] : nil)
            #expect(try Self.codes(workspace.run()) == ["request.option-without-effect"])
            workspace.drop(words[0])
        }
        #expect(workspace.entries.isEmpty)
    }

    @Test("that is a permit gives away what is the Safe's: it names the Safe, and counts in the Safe's day")
    func permit() throws {
        let workspace = try SafePayment().workspace()
        try workspace.edit("policy.json", "\"recipients\"", "\"messages\":[],\"recipients\"")
        try workspace.edit(
            "policy.json", "\"decimals\":\"6\",\"perPayment\":\"100\"",
            "\"decimals\":\"6\",\"perPayment\":\"100\",\"perDay\":\"1.5\"")
        workspace.operands = ["permit.json"]
        workspace.set("--safe", SafePayment.safe)
        workspace.write("permit.json", DescribeTests.permit)
        workspace.set("--json")
        #expect(try Refusal.problems(in: workspace.run().out).map(\.code) == ["message.other-owner"])
        workspace.write(
            "permit.json", DescribeTests.permit.replacing("\(SamplePayment.payer)", with: SafePayment.safe))
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.out)")
        #expect(workspace.entries.count == 1 && workspace.entries[0].contains("\"kind\":\"safe-message\""))
        workspace.drop("--safe")
        #expect(try Self.codes(workspace.run()).first == "message.other-owner", "it is not the key's")
        // The Safe has reached its cap for the day, so its transaction is refused. The owner's own account has not
        // reached its cap, so the charge is signed.
        workspace.operands = ["tx.json"]
        #expect(try Self.codes(workspace.run()) == ["policy.over-day-cap"])
        workspace.operands = ["charge.json"]
        workspace.set("-c", "conditions.json")
        #expect(try workspace.run().exit == 0)
    }

    @Test("in a stream of requests is refused by name")
    func lines() throws {
        let workspace = try Self.workspace(SafePayment.safe, on: "8453", version: "1.4.1", text: "hello")
        workspace.operands = []
        workspace.set("--lines")
        workspace.drop("--yes", "--now")
        workspace.set("--json")
        #expect(try Self.codes(workspace.run()) == ["usage.conflicting-options"])
    }
}
