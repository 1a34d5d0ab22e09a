import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing

@Suite("A message, from its file to its signature")
struct MessageTests {
    private static func desk() throws -> Desk {
        let desk = try Desk()
        desk.write("permit.json", DescribeTests.permit)
        desk.operands = ["permit.json"]
        desk.drop("-c")
        try desk.edit("policy.json", "\"recipients\"", "\"messages\":[],\"recipients\"")
        return desk
    }

    @Test("is signed as the blind way signs it, and verified without a key")
    func signs() throws {
        let desk = try Self.desk()
        let raw = try desk.run()
        #expect(raw.exit == 0, "\(raw.err)")
        let blind = try desk.tool("typed-data", "sign", "permit.json", "-k", "key.hex", "--blind", "--yes")
        #expect(blind.out == raw.out && raw.out.count == 133)
        #expect(raw.err.contains("Let Example shop"))
        desk.set("-o", "signature.json")
        #expect(try desk.run().exit == 0)
        let file = try JSONDocument(Array(desk.content("signature.json").utf8)).root
        #expect(file["kind"]?.string == "signature" && file["request"]?.string == "message")
        #expect(file["signature"].map { "\($0.string ?? "")\n" } == raw.out && file["chainId"]?.string == "8453")
        desk.drop("-o")
        desk.set("--json")
        let json = try document(desk.run().out)
        #expect(json["ok"]?.boolean == true && json["signature"]?["digest"]?.string == file["digest"]?.string)
        let verified = try desk.tool("verify", "signature.json", "--request", "permit.json")
        #expect(verified.exit == 0 && verified.out.contains("ok           message: "))
        #expect(try desk.tool("verify", "signature.json").out.contains("warn         message: "))
    }

    @Test("has a signature that is not another message's, nor altered")
    func verifies() throws {
        let desk = try Self.desk()
        desk.set("-o", "signature.json")
        #expect(try desk.run().exit == 0)
        desk.write("other.json", DescribeTests.permit.replacing("1050000", with: "1050001"))
        let other = try desk.tool("verify", "signature.json", "--request", "other.json", "--json")
        #expect(other.exit == 10)
        #expect(try Refusal.problems(in: other.out).map(\.code) == ["signature.other-message"])
        try desk.edit("signature.json", "\"signer\":\"0x5C", "\"signer\":\"0x5D")
        #expect(try desk.tool("verify", "signature.json").exit == 65, "the checksum is wrong")
        #expect(try desk.tool("verify", "permit.json", "--request", "permit.json").exit == 64)
        #expect(try desk.tool("verify", "permit.json", "--policy", "policy.json", "--now", SamplePayment.now).exit == 0)
    }

    @Test("is refused without a word to the key where the policy says no, and nothing is recorded")
    func refused() throws {
        let desk = try Self.desk()
        try desk.edit("policy.json", "\"\(SamplePayment().recipient)\":\"Example shop\"", "")
        desk.set("--json")
        let outcome = try desk.run()
        #expect(outcome.exit == 10)
        #expect(
            try Refusal.problems(in: outcome.out) == [
                .init(code: "policy.recipient-not-listed", field: "/message/spender")
            ])
        #expect(desk.entries.isEmpty)
    }

    @Test("is refused where the policy has no messages, though it lists who may take it")
    func member() throws {
        let desk = try Self.desk()
        try desk.edit("policy.json", "\"messages\":[],", "")
        desk.set("--json")
        let outcome = try desk.run()
        #expect(outcome.exit == 10)
        #expect(try Refusal.problems(in: outcome.out) == [.init(code: "policy.kind", field: "/domain")])
        #expect(desk.entries.isEmpty)
    }

    @Test("of a token whose domain names no chain is refused, even where the policy lists it")
    func noChain() throws {
        let desk = try Self.desk()
        let permit = DescribeTests.permit.replacing("{\"name\":\"chainId\",\"type\":\"uint256\"},", with: "")
            .replacing("\"chainId\":8453,", with: "")
        #expect(!permit.contains("chainId"))
        desk.write("permit.json", permit)
        let domain = "0xc1447ba94bd89cbaa9956afc175fdc965b8efcd342cbe69904f8fbaf0c6a7d54"
        let pin = "{\"domainSeparator\":\"\(domain)\",\"types\":[\"Permit\"],\"name\":\"bridged\"}"
        try desk.edit("policy.json", "\"messages\":[]", "\"messages\":[\(pin)]")
        desk.set("--json")
        let outcome = try desk.run()
        #expect(outcome.exit == 10)
        #expect(
            try Refusal.problems(in: outcome.out) == [.init(code: "message.incomplete-domain", field: "/domain")])
        #expect(desk.entries.isEmpty)
    }

    @Test(
        "takes no option that is of transactions, and is signed by itself",
        arguments: [
            ["--nonce", "1"], ["--gas", "1"], ["-c", "conditions.json"], ["--rungs", "2"], ["--cancel"], ["--approve"],
            ["--method", "auto"], ["--reference", "a"], ["--value", "1"],
        ])
    func useless(words: [String]) throws {
        let desk = try Self.desk()
        desk.set(words[0], words.count > 1 ? words[1] : nil)
        desk.set("--json")
        let outcome = try desk.run()
        #expect(outcome.exit == 64)
        #expect(try Refusal.problems(in: outcome.out).map(\.code) == ["request.option-without-effect"])
    }

    @Test("is a text only where the policy allows texts, and never what may be a secret")
    func texts() throws {
        let desk = try Self.desk()
        desk.write("text.txt", "I agree to the terms.")
        desk.operands = ["text.txt"]
        let refused = try desk.run()
        #expect(refused.exit == 10 && !refused.err.contains("I agree"))
        try desk.edit("policy.json", "\"maxConditionsAge\"", "\"text\":true,\"maxConditionsAge\"")
        let signed = try desk.run()
        #expect(signed.exit == 0 && signed.err.contains("text         I agree to the terms.\n"))
        desk.write("words.txt", "legal winner thank year wave sausage")
        desk.operands = ["words.txt"]
        let words = try desk.run()
        #expect(words.exit == 65 && !(words.out + words.err).contains("winner"))
    }

    @Test("is asked for at a terminal, with the digits of a spender that no policy pins")
    func asked() throws {
        let desk = try Self.desk()
        try desk.edit("policy.json", "\"recipients\":{\"\(SamplePayment().recipient)\":\"Example shop\"},", "")
        #expect(try desk.run().exit == 10, "--yes is not enough")
        desk.drop("--yes")
        let terminal = try desk.atTerminal()
        try terminal.wait(for: "Type the last six digits of the address to sign: ")
        terminal.type("\("\(SamplePayment().recipient)".suffix(6))\n")
        #expect(try terminal.finish().exit == 0)
        let declining = try desk.atTerminal()
        try declining.wait(for: "to sign: ")
        declining.type("no\n")
        #expect(try declining.finish().exit == 11)
    }

    @Test("in a batch is named as what it is")
    func lines() throws {
        let desk = try Self.desk()
        desk.operands = []
        desk.set("--lines")
        desk.drop("--yes", "--now")
        desk.input = .text("{\"request\":\(DescribeTests.permit.replacing("\n", with: ""))}\n")
        let outcome = try desk.run()
        #expect(outcome.exit == 10 && outcome.out.contains("request.unknown-kind"))
    }
}
