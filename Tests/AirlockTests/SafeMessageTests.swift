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

    /// A desk whose policy lists the Safe on a chain, and allows texts.
    private static func desk(
        _ safe: String, on chain: String, version: String, text: String, owner: String = "\(SamplePayment.payer)"
    ) throws -> Desk {
        let desk = try Desk()
        desk.write("message.txt", text)
        desk.operands = ["message.txt"]
        desk.drop("-c")
        desk.write(
            "policy.json",
            """
            {"airlock":1,"kind":"policy","text":true,"chains":{"\(chain)":{"recipients":{},"currencies":{},"safes":{
            "\(safe)":{"name":"Treasury","version":"\(version)","threshold":"1","owners":{"\(owner)":"me"}}}}}}
            """)
        desk.set("--safe", safe)
        return desk
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
        let desk = try Self.desk(safe, on: chain, version: version, text: text)
        desk.set("-o", "signature.json")
        let signed = try desk.run()
        #expect(signed.exit == 0, "\(signed.err)")
        let file = try JSONDocument(Array(desk.content("signature.json").utf8)).root
        #expect(file["digest"]?.string == hash && file["request"]?.string == "message")
        #expect(file["safe"]?.string == safe && file["chainId"]?.string == chain && file["nonce"] == nil)
        for name in ["innerHash", "domainHash", "messageHash", "safeMessageHash"] { #expect(signed.err.contains(name)) }
        #expect(signed.err.contains(hash.dropFirst(2).uppercased()))
        let verified = try desk.tool("verify", "signature.json", "--request", "message.txt", "--policy", "policy.json")
        #expect(verified.exit == 0, "\(verified.err)")
        desk.write("message.txt", text + "!")
        let other = try desk.tool(
            "verify", "signature.json", "--request", "message.txt", "--policy", "policy.json", "--json")
        #expect(try other.exit == 10 && Self.codes(other) == ["signature.other-message"])
    }

    @Test("is refused of a Safe that is not listed, and to a key that is no owner's")
    func refused() throws {
        let desk = try Self.desk(
            SafePayment.safe, on: "8453", version: "1.4.1", text: "hello", owner: SafePayment.second)
        desk.set("--json")
        #expect(try Refusal.problems(in: desk.run().out) == [.init("safe.key-not-an-owner", "--policy")])
        desk.set("--safe", SafePayment.second)
        #expect(try Refusal.problems(in: desk.run().out) == [.init("policy.safe-not-listed", "--safe")])
        desk.set("--safe", SafePayment.safe)
        desk.set("--safe-version", "1.3.0")
        #expect(try Self.codes(desk.run()) == ["safe.other-version"])
        desk.drop("--safe-version")
        for words in [["--safe-nonce", "4"], ["--approve-hash"], ["--any-checksum"]] {
            desk.set(words[0], words.count > 1 ? words[1] : nil)
            #expect(try Self.codes(desk.run()) == ["request.option-without-effect"])
            desk.drop(words[0])
        }
        #expect(desk.entries.isEmpty)
    }

    @Test("that is a permit gives away what is the Safe's: it names the Safe, and counts in the Safe's day")
    func permit() throws {
        let desk = try SafePayment().desk()
        try desk.edit("policy.json", "\"recipients\"", "\"messages\":[],\"recipients\"")
        try desk.edit(
            "policy.json", "\"decimals\":\"6\",\"perPayment\":\"100\"",
            "\"decimals\":\"6\",\"perPayment\":\"100\",\"perDay\":\"1.5\"")
        desk.operands = ["permit.json"]
        desk.set("--safe", SafePayment.safe)
        desk.write("permit.json", DescribeTests.permit)
        desk.set("--json")
        #expect(try Refusal.problems(in: desk.run().out).map(\.code) == ["message.other-owner"])
        desk.write(
            "permit.json", DescribeTests.permit.replacing("\(SamplePayment.payer)", with: SafePayment.safe))
        let signed = try desk.run()
        #expect(signed.exit == 0, "\(signed.out)")
        #expect(desk.entries.count == 1 && desk.entries[0].contains("\"kind\":\"safe-message\""))
        desk.drop("--safe")
        #expect(try Self.codes(desk.run()).first == "message.other-owner", "it is not the key's")
        // The Safe's day is used up, and the owner's is not.
        desk.operands = ["tx.json"]
        #expect(try Self.codes(desk.run()) == ["policy.over-day-cap"])
        desk.operands = ["charge.json"]
        desk.set("-c", "conditions.json")
        #expect(try desk.run().exit == 0)
    }

    @Test("in a stream of requests is refused by name")
    func lines() throws {
        let desk = try Self.desk(SafePayment.safe, on: "8453", version: "1.4.1", text: "hello")
        desk.operands = []
        desk.set("--lines")
        desk.drop("--yes", "--now")
        desk.set("--json")
        #expect(try Self.codes(desk.run()) == ["usage.conflicting-options"])
    }
}
