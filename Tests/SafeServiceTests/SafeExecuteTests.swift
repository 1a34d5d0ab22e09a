import AirlockABI
import AirlockEthereumTypes
import AirlockLoopbackServer
import AirlockSafes
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTestSupport
import AirlockToolSupport
import Testing

@Suite("airlock-relay safe execute")
struct SafeExecuteTests {
    private static let (alice, bob, carol) = (SampleSafe.alice, SampleSafe.bob, SampleSafe.carol)

    private static func workspace(_ safe: SampleSafe) throws -> SafeWorkspace {
        let workspace = try SafeWorkspace(StubService())
        workspace.scratch.file("tx.json", try safe.json)
        for (name, key) in [("alice", alice), ("bob", bob), ("carol", carol), ("stranger", .stranger)] {
            workspace.scratch.file("\(name).json", try safe.signature(by: key))
        }
        return workspace
    }

    private static func run(_ workspace: SafeWorkspace, _ node: StubNode = StubNode(), _ words: String...) throws
        -> Outcome
    {
        let server = node.start()
        return try withExtendedLifetime(server) {
            try workspace.run(["safe", "execute", "tx.json", "--rpc", server.url, "-o", "call.json"] + words)
        }
    }

    private static func refusal(_ workspace: SafeWorkspace, _ node: StubNode = StubNode(), _ words: String...) throws
        -> [String]
    {
        let server = node.start()
        let outcome = try withExtendedLifetime(server) {
            try workspace.run(["safe", "execute", "tx.json", "--rpc", server.url, "-o", "call.json", "--json"] + words)
        }
        #expect(throws: (any Error).self) { try workspace.scratch.content("call.json") }
        let root = try JSONDocument(Array(outcome.out.utf8)).root
        let errors = root["errors"]?.elements ?? [root["error"]].compactMap(\.self)
        return ["\(outcome.exit)"] + errors.map { "\($0["code"]?.string ?? "") \($0["field"]?.string ?? "")" }
    }

    /// Returns the signatures in the call file: 65 bytes for each owner, followed by the data of contract signatures.
    private static func signatures(_ workspace: SafeWorkspace) throws -> [UInt8] {
        let call = try JSONDocument(Array(workspace.scratch.content("call.json").utf8)).root
        let data = try Hex.decode(try #require(call["data"]?.string))
        let arguments = try #require(SafeTransaction.execution).decodeCall(data)
        guard case .bytes(let bytes)? = arguments.last else { throw ToolFailure("no signatures") }
        return bytes
    }

    @Test("writes the call with the signatures of the file and of the signature files, in the order of their owners")
    func written() throws {
        let safe = try SampleSafe().confirmed(by: Self.alice)
        let workspace = try Self.workspace(safe)
        // Alice's signature is in both tx.json and alice.json. It counts only once.
        let outcome = try Self.run(workspace, StubNode(), "alice.json", "bob.json", "--from", "\(Self.carol.address)")
        #expect(outcome.exit == 0, "\(outcome.err)")
        let call = try JSONDocument(Array(workspace.scratch.content("call.json").utf8)).root
        let hash = try safe.hash
        #expect(call["kind"]?.string == "call" && call["chainId"]?.string == "8453" && call["value"]?.string == "0")
        #expect(call["to"]?.string == "\(SampleSafe.safe)" && call["reference"]?.string == "\(hash)")
        #expect(call["from"]?.string == "\(Self.carol.address)")
        let sorted = [Self.alice, Self.bob].sorted {
            $0.address.bytes.bytes.lexicographicallyPrecedes($1.address.bytes.bytes)
        }
        #expect(try Self.signatures(workspace) == sorted.flatMap { try $0.sign(hash).bytes })
        // The call file exists already, and an existing file is not overwritten. So the command succeeds if the content
        // is the same, and fails if the content is different.
        #expect(
            try Self.run(workspace, StubNode(), "alice.json", "bob.json", "--from", "\(Self.carol.address)").exit == 0)
        #expect(try Self.run(workspace, StubNode(), "alice.json", "carol.json").exit == 73)
    }

    @Test("counts owners who approved the hash on the chain, and puts no more signatures into the call than must sign")
    func approved() throws {
        let workspace = try Self.workspace(SampleSafe().confirmed(by: Self.bob))
        let outcome = try Self.run(workspace, StubNode(approving: [Self.carol.address]))
        #expect(outcome.exit == 0, "\(outcome.err)")
        let bytes = try Self.signatures(workspace)
        let approval = Self.carol.address.bytes.bytes.padded + [UInt8]().padded + [1]
        #expect(bytes.count == 130)
        #expect(Array(bytes[..<65]) == approval || Array(bytes[65...]) == approval)
        let all = try Self.workspace(SampleSafe().confirmed(by: Self.alice, Self.bob, Self.carol))
        #expect(try Self.run(all).exit == 0)
        #expect(try Self.signatures(all).count == 130)
    }

    @Test("puts the signature of a contract behind the others, where the Safe looks for it")
    func contract() throws {
        let owner = SampleKey("contract").address
        var safe = try SampleSafe().confirmed(by: Self.alice)
        let words = owner.bytes.bytes.padded + [65].padded + [0] + [3].padded + [7, 8, 9]
        safe.confirmations.append((owner, Hex.encode(words)))
        let workspace = try Self.workspace(safe)
        let outcome = try Self.run(workspace, StubNode(owners: [Self.alice.address, owner]))
        #expect(outcome.exit == 0, "\(outcome.err)")
        let bytes = try Self.signatures(workspace)
        #expect(bytes.count == 165 && Array(bytes[130...]) == [3].padded + [7, 8, 9])
        let head = owner.bytes.bytes.padded + [130].padded + [0]
        #expect(Array(bytes[..<65]) == head || Array(bytes[65..<130]) == head)
    }

    @Test("below the threshold says who has signed and who has not, with all else that the chain contradicts")
    func tooFew() throws {
        let workspace = try Self.workspace(SampleSafe(nonce: 73).confirmed(by: Self.alice))
        let shown = try Self.run(workspace)
        #expect(shown.exit == 10 && shown.err.contains("1 of 2 that must sign: \(Self.alice.address)"))
        #expect(shown.err.contains("1 more of \(Self.bob.address), \(Self.carol.address)"), "\(shown.err)")
        #expect(
            try Self.refusal(workspace, StubNode(threshold: 3), "stranger.json") == [
                "10", "safe-chain.other-threshold /confirmationsRequired", "safe-chain.nonce-not-next /nonce",
                "safe-chain.not-an-owner /signer", "safe-chain.below-threshold ",
            ])
        #expect(
            try Self.refusal(workspace, StubNode(version: "1.1.1", nonce: 74), "bob.json") == [
                "10", "safe-chain.other-version /safeTxHash", "safe-chain.nonce-used /nonce",
            ])
    }

    @Test("refuses what the Safe would refuse, with what its error means")
    func simulated() throws {
        let workspace = try Self.workspace(SampleSafe().confirmed(by: Self.alice, Self.bob))
        let shown = try Self.run(workspace, StubNode(execution: StubNode.reverted("GS013")))
        #expect(shown.exit == 10 && shown.err.contains("what the Safe calls fails"), "\(shown.err)")
        #expect(
            try Self.refusal(workspace, StubNode(execution: StubNode.reverted("GS026")))
                == ["10", "safe-chain.would-revert \(SampleSafe.safe)"])
        #expect(
            try Self.refusal(workspace, StubNode(execution: StubNode.result([0].padded)))
                == ["10", "safe-chain.call-would-fail \(SampleSafe.safe)"])
    }

    @Test("is what prepare of a Safe transaction points to")
    func prepare() throws {
        let workspace = try Self.workspace(SampleSafe())
        let outcome = try workspace.run(["prepare", "tx.json", "--rpc", "http://127.0.0.1:1"])
        #expect(outcome.exit == 65 && outcome.err.contains("airlock-relay safe execute"), "\(outcome.err)")
    }
}
