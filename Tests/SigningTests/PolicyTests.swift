import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import AirlockStrictJSON
import Testing

@Suite("A policy")
struct PolicyTests {
    @Test("is refused for just this, at just this place, as a malformed configuration", arguments: RefusedPolicies.all)
    func refuse(policy: RefusedPolicy) {
        let found = problems { _ = try Policy(policy.bytes, origin: "policy.json") }
        #expect(found.map { Refusal($0) } == policy.refusals)
    }

    @Test("says what its file says")
    func members() throws {
        let policy = try Policy(SampleFile.policy.bytes, origin: "/etc/policy.json")
        #expect(policy.origin == "/etc/policy.json")
        #expect(policy.hash == .keccak(SampleFile.policy.bytes))
        #expect(policy.maxConditionsAge == 3600)
        #expect(Array(policy.chains.keys) == [.base])
        let rules = try #require(policy.chains[.base])
        #expect(rules.lists["contracts"] == [transfers: ""])
        #expect(rules.lists["operators"] == [SampleKey.operator.address: ""])
        #expect(rules.recipients == [SampleCharge.recipient: "OpenRouter"])
        #expect(Set(rules.currencies.keys) == [.zero, usdc, wrapped])
        #expect(rules.currencies[usdc]?.symbol == "USDC")
        #expect(rules.currencies[usdc]?.decimals == 6)
        #expect(rules.currencies[usdc]?.perPayment == 2_000_000)
        #expect(rules.currencies[usdc]?.perDay == 5_000_000)
        #expect(rules.currencies[.zero]?.perPayment == 500_000_000_000_000_000)
        #expect(rules.maxNativeValue == 500_000_000_000_000_000)
        #expect(rules.maxNetworkFee == 10_000_000_000_000_000)
        #expect(rules.maxNativePerToken == 400_000_000_000_000)
        #expect(rules.wrappedNative == wrapped)
        #expect(!policy.allowsTexts && policy.descriptors.isEmpty && policy.attesters.isEmpty)
    }

    @Test("names the descriptors and attesters that are trusted, and says whether texts may be signed")
    func descriptors() throws {
        let hash = "0x" + String(repeating: "ab", count: 32)
        let auditor = SampleKey.operator.address
        let file = SampleFile.policy.with("descriptors", "[\(quoted(hash))]").with("text", "true")
            .with("attesters", "{\(quoted(auditor)):\"Auditor\\u0007\"}")
        let policy = try Policy(file.bytes, origin: "policy.json")
        #expect(policy.allowsTexts)
        #expect(policy.descriptors == [try Hash(hex: hash)])
        #expect(policy.attesters == [auditor: "Auditor\u{7}"])
        #expect(
            policy.sentences.suffix(3) == [
                "Texts (EIP-191) may be signed.",
                "Trusted descriptors of calls and messages: those with the hash \(hash).",
                "Trusted descriptors of calls and messages: those that Auditor\\u{7} (\(auditor)) attested.",
            ])
        let silent = try Policy(SampleFile.policy.with("text", "false").bytes, origin: "policy.json")
        #expect(!silent.allowsTexts && silent.sentences.last?.hasPrefix("Conditions") == true)
    }

    @Test(
        "tells absent recipients, which pin nobody, from an empty list, which allows nobody",
        arguments: [(nil, nil), ("null", nil), ("{}", [:])] as [(String?, [Address: String]?)])
    func recipients(json: String?, expected: [Address: String]?) throws {
        let rules = SampleFile.rules.with("recipients", json)
        let policy = try Policy(
            SampleFile.policy.with("chains", "{\"8453\":\(rules.json)}").bytes, origin: "policy.json")
        #expect(policy.chains[.base]?.recipients == expected)
    }

    @Test("of a chain without any rules lists nothing, caps nothing and pins nobody")
    func empty() throws {
        let text = #"{"airlock":1,"kind":"policy","chains":{"8453":{}}}"#
        let rules = try #require(try Policy(Array(text.utf8), origin: "").chains[.base])
        #expect(rules.lists == ["contracts": [:], "operators": [:]] && rules.currencies.isEmpty)
        #expect(rules.recipients == nil && rules.maxNativeValue == nil && rules.maxNetworkFee == nil)
    }

    @Test(
        "to begin with can be read, and allows nothing until it is filled in",
        arguments: [1, 137, 8453, 11_155_111, 84_532, 10] as [UInt64])
    func start(chain: UInt64) throws {
        let (file, toFillIn) = Policy.start(for: Chain(id: chain))
        let policy = try Policy(file.bytes, origin: "policy.json")
        #expect(policy.chains[Chain(id: chain)]?.recipients == [:])
        #expect(toFillIn.contains { $0.hasPrefix("recipients") })
        #expect(policy.sentences.contains { $0.contains("no recipient is allowed") })
        let symbol = chain == 10 ? "NATIVE" : Chain(id: chain).nativeSymbol
        #expect(policy.chains[Chain(id: chain)]?.currencies[.zero]?.symbol == symbol)
        #expect(policy.sentences.contains { $0.hasSuffix(" may send at most 0.05 \(symbol).") })
        #expect(toFillIn.contains { $0.contains("NATIVE") } == (chain == 10))
    }

    @Test("says which typed data may be signed, and which may not whatever it lists")
    func messages() throws {
        func sentences(_ messages: String?) throws -> [String] {
            let rules = SampleFile.rules.with("messages", messages)
            let policy = SampleFile.policy.with("chains", "{\"8453\":\(rules.json)}")
            return try Policy(policy.bytes, origin: "policy.json").sentences
        }
        let known =
            "On base (8453) permits and transfer authorizations of the currencies may be signed where their domain is known."
        #expect(
            try sentences(nil).contains {
                $0.hasPrefix("On base (8453) the policy refuses")
                    && $0.contains("all typed data, since it has no messages")
            })
        #expect(try sentences("[]").contains(known))
        #expect(try !sentences("[]").contains { $0.contains("typed data") })
        let hash = "0x" + String(repeating: "ab", count: 32)
        func pin(_ types: String) -> String {
            "[{\"domainSeparator\":\"\(hash)\",\"types\":[\(types)],\"name\":\"Safe\"}]"
        }
        let both = try sentences(pin("\"SafeTx\",\"Order\""))
        #expect(both.contains("On base (8453) messages of Safe may be signed: Order in the domain \(hash)."))
        let refused =
            "On base (8453) SafeTx of Safe is refused all the same: Safe transactions have rules of their own."
        #expect(both.contains(refused))
        let alone = try sentences(pin("\"SafeTx(address to)\""))
        #expect(alone.contains(refused) && !alone.contains { $0.contains("messages of Safe") })
        let signed = try Policy(
            SampleFile.policy.with(
                "chains",
                "{\"8453\":\(SampleFile.rules.with("messages", "[]").with("requesters", "{\(quoted(usdc)):\"S\"}").json)}"
            ).bytes, origin: "policy.json"
        ).sentences
        #expect(!signed.contains(known))
    }

    @Test("says in sentences what it allows, with every foreign word escaped")
    func sentences() throws {
        let rules = SampleFile.rules.with("recipients", "{\(quoted(usdc)):\"shop\\u001b[31m\"}")
        let policy = try Policy(
            SampleFile.policy.with("chains", "{\"8453\":\(rules.json)}").bytes, origin: "policy.json")
        let text = policy.sentences.joined(separator: "\n")
        #expect(text.contains("only shop\\u{1b}[31m (\(usdc)) may be paid"))
        #expect(text.contains("payments in USDC (\(usdc)) may be at most 2 USDC each, and 5 USDC in 24 hours"))
        #expect(text.contains("A transaction on base (8453) may send at most 0.5 ETH."))
        #expect(text.contains("3600 seconds"))
        #expect(policy.sentences.allSatisfy { $0.hasSuffix(".") })
        let nothing = try Policy(Array(#"{"airlock":1,"kind":"policy","chains":{}}"#.utf8), origin: "")
        #expect(nothing.sentences.first == "Nothing may be paid on any chain.")
    }
}
