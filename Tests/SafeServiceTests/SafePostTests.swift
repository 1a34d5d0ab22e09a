import AirlockEthereumTypes
import AirlockSafes
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTestSupport
import AirlockToolSupport
import Testing

@Suite("airlock-relay safe post")
struct SafePostTests {
    private static let post = ["safe", "post", "tx.json"]
    private static let (alice, bob) = (SampleSafe.alice, SampleSafe.bob)

    private static func workspace(_ service: StubService, _ safe: SampleSafe = SampleSafe()) throws -> SafeWorkspace {
        let workspace = try SafeWorkspace(service)
        workspace.scratch.file("tx.json", try safe.json)
        workspace.scratch.file("alice.json", try safe.signature(by: alice))
        workspace.scratch.file("bob.json", try safe.signature(by: bob))
        return workspace
    }

    private static func codes(_ outcome: Outcome) throws -> [String] {
        let root = try JSONDocument(Array(outcome.out.utf8)).root
        let errors = root["errors"]?.elements ?? [root["error"]].compactMap(\.self)
        return ["\(outcome.exit)"] + errors.map { "\($0["code"]?.string ?? "") \($0["field"]?.string ?? "")" }
    }

    @Test("proposes what the service does not know, confirms what it knows, and is done where all is there")
    func proposes() throws {
        let service = StubService()
        let workspace = try Self.workspace(service)
        let outcome = try workspace.run(Self.post + ["alice.json", "bob.json"])
        let hash = try SampleSafe().hash
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(
            outcome.out
                == "safeTxHash \(hash)\nproposed by \(Self.alice.address)\nconfirmed by \(Self.bob.address)\n")
        let posts = service.posts
        try #require(posts.count == 2)
        #expect(posts[0].hasPrefix("POST /tx-service/base/api/v2/safes/\(SampleSafe.safe)/multisig-transactions/ "))
        #expect(posts[1].hasPrefix("POST /tx-service/base/api/v1/multisig-transactions/\(hash)/confirmations/ "))
        let body = posts[0].split(separator: "\r\n\r\n", maxSplits: 1)[1]
        let proposal = try JSONDocument(Array(body.utf8)).root
        #expect(
            proposal.members?.map(\.key) == [
                "to", "value", "data", "operation", "safeTxGas", "baseGas", "gasPrice", "gasToken", "refundReceiver",
                "nonce", "contractTransactionHash", "sender", "signature",
            ])
        #expect(proposal["contractTransactionHash"]?.string == "\(hash)" && proposal["operation"]?.number == "0")
        #expect(proposal["sender"]?.string == "\(Self.alice.address)")
        #expect(proposal["signature"]?.string == Hex.encode(try Self.alice.sign(hash).bytes))

        let again = try workspace.run(Self.post + ["alice.json", "--json"])
        #expect(again.exit == 0 && service.posts.count == 2)
        #expect(again.out.contains("\"status\":\"already-confirmed\""))
    }

    @Test("takes a safe file and typed data as well, and the chain from a signature")
    func forms() throws {
        let service = StubService()
        let workspace = try Self.workspace(service)
        let safe = SampleSafe()
        var members: [(String, JSONOutput)] = [
            ("airlock", 1), ("kind", "safe"), ("chainId", "8453"), ("safe", .string("\(safe.safe)")),
        ]
        members += safe.transaction.fields.map { ($0.name, .string($0.value)) }
        workspace.scratch.file("tx.json", JSONOutput.object(members).text)
        #expect(try workspace.run(Self.post + ["alice.json"]).exit == 0)
        // A batch contains neither the address of the Safe nor the nonce. The signature file contains both.
        workspace.scratch.file(
            "tx.json",
            """
            {"version":"1.0","chainId":"8453","meta":{"name":"x"},"transactions":[{"to":"\(SampleSafe.usdc)",\
            "value":"0","data":"\(Hex.encode(safe.transaction.data))"}]}
            """)
        let outcome = try workspace.run(Self.post + ["bob.json"])
        #expect(outcome.exit == 0 && outcome.out.contains("confirmed by \(Self.bob.address)"), "\(outcome.err)")
    }

    @Test("sends nothing where a signature is not of this transaction, and says all that is wrong")
    func refused() throws {
        let service = StubService()
        let workspace = try Self.workspace(service)
        let safe = SampleSafe()
        workspace.scratch.file("other.json", try SampleSafe(nonce: 72).signature(by: Self.alice))
        let forged = try safe.signature(by: Self.alice).replacing(
            "\(Self.alice.address)", with: "\(Self.bob.address)")
        workspace.scratch.file("forged.json", forged)
        #expect(
            try Self.codes(workspace.run(Self.post + ["other.json", "--json"])) == [
                "10", "safe.other-nonce /nonce", "safe.confirmation-of-another /digest",
            ])
        #expect(
            try Self.codes(workspace.run(Self.post + ["forged.json", "alice.json", "--json"]))[1]
                == "signature.other-signer /signature")
        workspace.scratch.file("tx.json", try safe.saying("value", "1").json)
        #expect(
            try Self.codes(workspace.run(Self.post + ["alice.json", "--json"])) == [
                "10", "safe.confirmation-of-another /digest",
            ])
        #expect(try workspace.run(Self.post + ["tx.json"]).exit != 0 && workspace.run(Self.post).exit == 64)
        #expect(service.asked.isEmpty)
    }

    @Test("says what the service says no to, and believes no answer about another transaction")
    func service() throws {
        let answers: [(StubService.Answer, [String])] = [
            (.init(status: "401 Unauthorized", body: "{}"), ["23", "safe-service.unauthorized"]),
            (.init(status: "429 Too Many", body: "{}"), ["23", "safe-service.too-many-requests"]),
            (.init(status: "500 Oops", body: "<html>"), ["23", "safe-service.internal-server"]),
            (.init(body: try SampleSafe(nonce: 72).json), ["10", "safe-service.other-transaction"]),
            (.init(body: try SampleSafe().saying("value", "1").json), ["10", "safe-service.other-transaction"]),
        ]
        for (answer, expected) in answers {
            let workspace = try Self.workspace(StubService(answering: { _ in answer }))
            let found = try Self.codes(workspace.run(Self.post + ["alice.json", "--json"]))
            #expect(zip(found, expected).allSatisfy { $0.hasPrefix($1) }, "\(found)")
            #expect(workspace.service.posts.isEmpty)
        }
        // This service refuses the signature.
        let refusing = StubService(answering: { line in
            line.hasPrefix("POST") ? .init(status: "422 Unprocessable", body: #"{"signature":["not an owner"]}"#) : nil
        })
        let outcome = try Self.workspace(refusing).run(Self.post + ["alice.json"])
        #expect(outcome.exit == 23 && outcome.err.contains("not an owner"), "\(outcome.err)")
        // This service supports neither v1 nor v2 of the interface.
        let deaf = try Self.workspace(StubService(versions: []))
        #expect(
            try Self.codes(deaf.run(Self.post + ["alice.json", "--json"]))[1].hasPrefix("safe-service.not-found http"))
        #expect(deaf.service.posts.count == 2)
    }
}
