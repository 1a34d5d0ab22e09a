import AirlockEthereumTypes
import AirlockLoopbackServer
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTestSupport
import AirlockToolSupport
import Testing

@Suite("airlock-relay safe fetch")
struct SafeFetchTests {
    private static let fetch = SafeWorkspace.fetch

    @Test(
        "saves the one transaction of a nonce byte for byte, and no page around it", arguments: [["v1", "v2"], ["v1"]])
    func saved(versions: [String]) throws {
        let text = try SampleSafe().confirmed(by: SampleSafe.alice).json
        let other = try SampleSafe(nonce: 72).json
        let workspace = try SafeWorkspace(StubService([text, other], versions: Set(versions)))
        let outcome = try workspace.run(Self.fetch + ["--nonce", "71"])
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(try workspace.scratch.content("tx.json") == text)
        #expect(outcome.out.contains("of version    1.3.0 to 1.5.0\n"))
        #expect(outcome.out.contains("signed by     \(SampleSafe.alice.address)\n"))
        #expect(workspace.service.requests.allSatisfy { $0.contains("Authorization: Bearer \(StubService.key)\r\n") })
        #expect(
            workspace.service.asked[0].hasSuffix("/api/v2/safes/\(SampleSafe.safe)/multisig-transactions/?nonce=71"))
        // The output file exists already. If the new content is the same, the command succeeds. If it is different, the
        // command fails and does not replace the file.
        #expect(try workspace.run(Self.fetch + ["--nonce", "71"]).exit == 0)
        #expect(try workspace.run(Self.fetch + ["--nonce", "72"]).exit == 73)
        #expect(try workspace.scratch.content("tx.json") == text)
        // `airlock` accepts the saved file.
        let read = try BuiltTool("airlock").run(
            ["describe", "tx.json", "--chain", "base", "--safe-version", "1.4.1"], in: workspace.scratch.path,
            environment: workspace.environment)
        let hash = try SampleSafe().hash
        #expect(read.out.contains("\(hash)"), "\(read.err)")
    }

    @Test("without a nonce takes the only one that waits, and names all where there are several")
    func pending() throws {
        let executed = try SampleSafe(nonce: 70, isExecuted: true).json
        let replaced = try SampleSafe(nonce: 70, value: 1).json
        let text = try SampleSafe().json
        let workspace = try SafeWorkspace(StubService([text, executed, replaced]))
        #expect(try workspace.run(Self.fetch).exit == 0)
        #expect(try workspace.scratch.content("tx.json") == text)

        let several = try SafeWorkspace(StubService([SampleSafe(nonce: 72).json, text, executed]))
        #expect(
            try several.refusal(Self.fetch) == [
                "10", "safe-service.several-transactions /results/0", "safe-service.several-transactions /results/1",
            ])
        let none = try SafeWorkspace(StubService([executed, replaced]))
        #expect(try none.refusal(Self.fetch).dropFirst().allSatisfy { $0.hasPrefix("safe-service.no-transaction") })
        // On the chain, the Safe's next nonce is 72. The transaction with nonce 71 is therefore not pending, whatever
        // the service says.
        let node = StubNode(nonce: 72).start()
        #expect(
            try workspace.run(Self.fetch + ["--rpc", node.url, "--json"]).out.contains("safe-service.no-transaction"))
    }

    @Test("takes none of two with one nonce, executed ones too, unless its hash is named")
    func twoOfOneNonce() throws {
        let (text, rejection) = (try SampleSafe().json, try SampleSafe(value: 5, isExecuted: true).json)
        let workspace = try SafeWorkspace(StubService([text, rejection]))
        #expect(
            try workspace.refusal(Self.fetch + ["--nonce", "71"]) == [
                "10", "safe-service.several-transactions /results/0", "safe-service.several-transactions /results/1",
            ])
        #expect(try workspace.run(Self.fetch + ["--hash", "\(SampleSafe().hash)"]).exit == 0)
        #expect(try workspace.scratch.content("tx.json") == text)
    }

    /// A wrong answer of a service, and the problems that it must cause.
    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: StubService.Answer
        let problems: [String]
        var words = ["--nonce", "71"]

        init(_ name: String, _ answer: StubService.Answer, _ problems: String..., words: [String]? = nil) {
            testDescription = name
            self.answer = answer
            self.problems = problems
            if let words { self.words = words }
        }

        init(_ name: String, page: [String], next: String = "null", _ problems: String...) {
            testDescription = name
            answer = StubService.Answer(body: StubService.page(page, next: next))
            self.problems = problems
        }
    }

    private static func hostile() throws -> [Hostile] {
        let good = SampleSafe()
        let alice = SampleSafe.alice
        let other = SampleKey.stranger.address
        let wrong = Hex.encode(try alice.sign(Hash.keccak([1])).bytes)
        let answer = "safe-service.bad-answer http"
        func service(_ status: String, _ body: String = #"{"detail":"no, safe-key-secretsecret"}"#)
            -> StubService.Answer
        { StubService.Answer(status: status, body: body) }
        return [
            Hostile(
                "another hash", page: [try good.saying("safeTxHash", .string("\(Hash.keccak([]))")).json],
                "10", "safe.other-hash /safeTxHash"),
            Hostile(
                "another amount under the same hash", page: [try good.saying("value", "1").json], "10",
                "safe.other-hash /safeTxHash"),
            Hostile(
                "another Safe", page: [try SampleSafe(safe: other).json], "10",
                "safe-service.other-transaction /results/0/safe"),
            Hostile(
                "another nonce", page: [try SampleSafe(nonce: 72).json], "10",
                "safe-service.other-transaction /results/0/nonce"),
            Hostile(
                "more of the nonce", page: [try good.json, try SampleSafe(value: 9).json], "10",
                "safe-service.several-transactions /results/0", "safe-service.several-transactions /results/1"),
            Hostile(
                "one hash with two contents", page: [try good.json, try good.saying("value", "1").json], "10",
                "safe-service.several-transactions /results/0", "safe-service.several-transactions /results/1"),
            Hostile(
                "another page", page: [try good.json], next: #""https://elsewhere.example/?page=2""#, "10",
                "safe-service.more-pages http"),
            Hostile("none", page: [], "10", "safe-service.no-transaction http"),
            Hostile(
                "a key twice", page: [try good.json.replacing("{ ", with: "{ \"nonce\":\"70\",")], "65", answer,
                "json.duplicate-key /results/0/nonce"),
            Hostile(
                "a file of ours in its place",
                page: [try good.saying("airlock", 1).saying("kind", "safe").saying("chainId", "8453").json], "65",
                answer,
                "json.unknown-field /results/0/confirmationsRequired", "json.unknown-field /results/0/dataDecoded",
                "json.unknown-field /results/0/isExecuted"),
            Hostile("a page in a page", page: [StubService.page([try good.json])], "65", answer),
            Hostile(
                "confirmations that are no list", page: [try good.saying("confirmations", "all").json], "65", answer,
                "json.wrong-type /results/0/confirmations"),
            Hostile(
                "a short signature",
                page: [
                    try good.saying("confirmations", [["owner": .string("\(alice.address)"), "signature": "0x12"]]).json
                ],
                "65", "safe.malformed-signature /confirmations/0/signature"),
            Hostile(
                "a signature of something else",
                page: [
                    try good.saying(
                        "confirmations", [["owner": .string("\(alice.address)"), "signature": .string(wrong)]]
                    ).json
                ], "10", "safe.confirmation-of-another /confirmations/0/signature"),
            Hostile(
                "an owner twice", page: [try good.confirmed(by: alice, alice).json], "10",
                "safe.confirmed-twice /confirmations"),
            Hostile("a web page", service("200 OK", "<html><body>hello</body></html>"), "65", answer, "json."),
            Hostile("a list", service("200 OK", "[]"), "65", answer, "json.wrong-type "),
            Hostile("401", service("401 Unauthorized"), "23", "safe-service.unauthorized http"),
            Hostile("403", service("403 Forbidden"), "23", "safe-service.forbidden http"),
            Hostile("404", service("404 Not Found"), "10", "safe-service.no-transaction http"),
            Hostile(
                "404 to a hash", service("404 Not Found"), "10", "safe-service.no-transaction --hash",
                words: ["--hash", "\(try good.hash)"]),
            Hostile(
                "another transaction to a hash", service("200 OK", try SampleSafe(nonce: 72).json), "10",
                "safe-service.other-transaction /safeTxHash", words: ["--hash", "\(try good.hash)"]),
            Hostile("422", service("422 Unprocessable", "[\"x\"]"), "23", "safe-service.bad-request http"),
            Hostile("429", service("429 Too Many"), "23", "safe-service.too-many-requests http"),
            Hostile("500", service("500 Oops"), "23", "safe-service.internal-server http"),
            Hostile("503", service("503 Oops"), "23", "safe-service.status http"),
            Hostile(
                "a redirect to another host",
                StubService.Answer(status: "302 Found", headers: "Location: http://127.0.0.2:1/\r\n", body: ""), "69",
                "http.redirected http"),
            Hostile(
                "a huge body", service("200 OK", String(repeating: " ", count: 9 << 20)), "69", "http.too-large http"),
            Hostile(
                "a huge transaction",
                page: [try good.saying("dataDecoded", .string(String(repeating: "x", count: 1 << 20))).json], "65",
                answer),
        ]
    }

    @Test("refuses what is not what was asked for, by its name, and writes nothing")
    func refused() throws {
        for hostile in try Self.hostile() {
            let workspace = try SafeWorkspace(StubService(answering: { _ in hostile.answer }))
            let found = try workspace.refusal(Self.fetch + ["--retry", "none"] + hostile.words)
            let isRight =
                found.count >= hostile.problems.count
                && hostile.problems.allSatisfy { expected in found.contains { $0.hasPrefix(expected) } }
            #expect(isRight, "\(hostile.testDescription): \(found)")
        }
    }

    @Test("says what the chain says of the Safe")
    func onChain() throws {
        let text = try SampleSafe().confirmed(by: SampleSafe.bob).json
        let workspace = try SafeWorkspace(StubService([text]))
        let module = SampleKey("module").address
        let node = StubNode(version: "1.4.1+L2", module: module, guardContract: SampleSafe.usdc).start()
        let outcome = try workspace.run(Self.fetch + ["--nonce", "71", "--rpc", node.url, "--json"])
        let root = try JSONDocument(Array(outcome.out.utf8)).root
        let hash = try SampleSafe().hash
        #expect(outcome.exit == 0 && root["safeTxHash"]?.string == "\(hash)", "\(outcome.err)")
        let state = try #require(root["onChain"])
        #expect(state["version"]?.string == "1.4.1" && state["threshold"]?.string == "2")
        #expect(state["owners"]?.elements?.compactMap(\.string) == SampleSafe.owners.map { "\($0)" })
        #expect(state["nonce"]?.string == "71" && state["guard"]?.string == "\(SampleSafe.usdc)")
        #expect(state["modules"]?.elements?.compactMap(\.string) == ["\(module)"])
        #expect(try workspace.scratch.content("tx.json") == text)
        let shown = try workspace.run(Self.fetch + ["--nonce", "71", "--rpc", node.url])
        #expect(shown.out.contains("on chain      modules \(module)\n"))
    }

    @Test("refuses what the chain contradicts, all at once")
    func againstTheChain() throws {
        let text = try SampleSafe().confirmed(by: SampleSafe.alice, .stranger).json
        let workspace = try SafeWorkspace(StubService([text]))
        func refusal(_ nodes: StubNode...) throws -> [String] {
            let servers = nodes.map { $0.start() }
            return try withExtendedLifetime(servers) {
                try workspace.refusal(Self.fetch + ["--nonce", "71"] + servers.flatMap { ["--rpc", $0.url] })
            }
        }
        #expect(
            try refusal(StubNode(version: "1.1.1", threshold: 3, nonce: 72)) == [
                "10", "safe-chain.other-version /safeTxHash", "safe-chain.nonce-used /nonce",
                "safe-chain.other-threshold /confirmationsRequired", "safe-chain.not-an-owner /confirmations/1/owner",
            ])
        let lagging = try refusal(StubNode(), StubNode(nonce: 70))
        #expect(lagging.count == 2 && lagging[1].hasPrefix("nodes.disagree http"), "\(lagging)")
        // In each pair, the two nodes return different states of the Safe. The difference is refused in both orders.
        for other in [
            StubNode(version: "1.3.0"), StubNode(owners: SampleSafe.owners.reversed()), StubNode(threshold: 1),
            StubNode(module: SampleSafe.usdc), StubNode(guardContract: SampleSafe.usdc),
            StubNode(moduleGuard: SampleSafe.usdc),
        ] {
            for pair in [[StubNode(), other], [other, StubNode()]] {
                let found = try refusal(pair[0], pair[1])
                #expect(found.count == 2 && found[1].hasPrefix("nodes.disagree http"), "\(found)")
            }
        }
        #expect(try refusal(StubNode(chain: "0x1"))[1].hasPrefix("nodes.wrong-chain"))
        #expect(try refusal(StubNode(version: "9.9.9"))[1].hasPrefix("safe.unknown-version"))
        #expect(try refusal(StubNode(owners: []))[1].hasPrefix("safe-chain.not-a-safe"))
    }

    @Test("knows the services of Safe's chains, and asks for the address of any other")
    func services() throws {
        let workspace = try SafeWorkspace(StubService())
        workspace.environment["AIRLOCK_SAFE_URL"] = nil
        let fetch = ["safe", "fetch", "--safe", "\(SampleSafe.safe)", "--chain"]
        #expect(try workspace.refusal(fetch + ["5"]) == ["64", "usage.missing-value AIRLOCK_SAFE_URL"])
        #expect(
            try workspace.refusal(["safe", "fetch"]) == [
                "64", "usage.missing-value --safe", "usage.missing-value --chain",
            ])
        workspace.environment["SAFE_API_KEY"] = "Bearer secretsecret"
        #expect(try workspace.refusal(fetch + ["base"]) == ["64", "safe-service.bad-key SAFE_API_KEY"])
    }

    @Test("writes nothing, not the transaction either, where a proof cannot be had or proves nothing")
    func unproved() throws {
        let workspace = try SafeWorkspace(StubService([try SampleSafe().confirmed(by: SampleSafe.alice).json]))
        let proved = Self.fetch + ["--nonce", "71", "--proof", "proof.json"]
        #expect(try workspace.refusal(proved) == ["64", "usage.missing-value --rpc"])
        let storage = Array(repeating: #"{"proof":[]}"#, count: 12).joined(separator: ",")
        for (proof, exit, code) in [
            (nil, "22", "node."), (#"{"accountProof":[],"storageProof":[]}"#, "69", "rpc.bad-answer"),
            // The node returns Ethereum's first block. Its header has no base fee, so it has fewer fields than the
            // proof needs.
            (#"{"accountProof":["0x80"],"storageProof":[\#(storage)]}"#, "65", "state-proof.malformed-header"),
        ] as [(String?, String, String)] {
            let node = StubNode(proof: proof).start()
            let refused = try workspace.refusal(proved + ["--rpc", node.url])
            #expect(refused.first == exit, "\(refused)")
            #expect(refused.dropFirst().first?.hasPrefix(code) == true, "\(refused)")
            #expect(try !workspace.scratch.names.contains("proof.json"))
        }
    }
}
