import AirlockABI
import AirlockEthereumTypes
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTokens
import AirlockToolSupport
import AirlockTypedData
import Foundation
import Testing

/// Messages from the test vectors of other libraries. `airlock` signs them under a policy that lists them.
@Suite("Conformance: messages that are signed", .needsVectors)
struct MessageVectors {
    /// Signs one message with `airlock`. Returns the outcome, whose output is the signature.
    private static func sign(_ content: [UInt8], _ key: String, _ policy: String) throws -> Outcome {
        let workspace = try Workspace()
        workspace.write("key.hex", key, mode: 0o600)
        workspace.write("policy.json", policy)
        try Data(content).write(to: URL(fileURLWithPath: workspace.path("message")))
        workspace.operands = ["message"]
        workspace.drop("-c")
        workspace.set("--raw")
        // The test signs as if it were 2020, which is before the deadline of every message.
        workspace.set("--now", "2020-01-01T00:00:00Z")
        return try workspace.run()
    }

    /// Returns a policy that lists the domain and the type of a message. If Airlock understands the message, it also
    /// checks recipients and currencies. So the policy lists every address in the message both as a recipient and as a
    /// currency, with the highest possible limit.
    private static func policy(for data: TypedData) -> String {
        let chain = data.domain.chainId.map { "\($0)" } ?? "1"
        // All values of the message that have the form of an address.
        let texts = data.members.compactMap { $0.value?.json.text }.filter { $0.hasPrefix("\"0x") }
        let addresses = texts.filter { $0.utf8.count == 44 }.map { String($0.dropFirst().dropLast()) }
        let known = Set(addresses)
        let recipients = known.map { "\"\($0)\":\"known\"" }.joined(separator: ",")
        let currencies = known.map { text in
            let address = (try? Address(text)) ?? .zero
            let decimals = (try? Chain(decimal: chain)).flatMap { KnownTokens.decimals(of: address, on: $0) } ?? 0
            let most = Amount.format(.max, decimals: decimals)
            return "\"\(text)\":{\"symbol\":\"TOK\",\"decimals\":\"\(decimals)\",\"perPayment\":\"\(most)\"}"
        }
        .joined(separator: ",")
        return """
            {"airlock":1,"kind":"policy","text":true,"chains":{"\(chain)":{"recipients":{\(recipients)},
            "currencies":{\(currencies)},"messages":[{"domainSeparator":"\(data.domainSeparator)",
            "types":["\(data.primaryType)"],"name":"vector"}]}}}
            """
    }

    private static let key = String(repeating: "69", count: 32)

    /// Signs typed data with a key. Compares the digest and the signature with the expected values, and checks that the
    /// signer is recovered.
    private static func check(_ content: [UInt8], _ key: String, digest: String?, signature expected: String?) throws {
        let data = try TypedData(content)
        if let digest { try same("the digest", "\(data.digest)", digest) }
        let outcome = try sign(content, key, policy(for: data))
        guard outcome.exit == 0 else { throw Failure("ended with \(outcome.exit): \(outcome.err)") }
        let text = outcome.out.trimmingCharacters(in: .whitespacesAndNewlines)
        if let expected { try same("the signature", text, expected) }
        let signature = try Signature(Hex.decode(text), accepting: .only27Or28)
        try same("the signer", "\(try signature.recoverAddress(digest: data.digest))", address(of: key))
    }

    private static func address(of key: String) throws -> String {
        let workspace = try Workspace()
        workspace.write("key.hex", key, mode: 0o600)
        return try BuiltTool("airlock").run(["key", "address", "key.hex"], in: workspace.path(".")).out
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test("Permit2 typehash_signatures")
    func permit2() throws {
        conform("permit2 signed", try Vectors.json("permit2/typehash_signatures.json").cases()) { value in
            let typed = try value.member("typedData")
            // In some vectors, the signature was made with a key that is not the key of the vector. Airlock cannot make
            // such a signature, so the test does not compare it.
            let isSigners = try value.member("recovers_to_signer").boolean == true
            let key = String(try value.text("privateKey").dropFirst(2))
            let signature = try isSigners ? value.text("signature") : nil
            try Self.check(typed.output.bytes, key, digest: nil, signature: signature)
        }
    }

    @Test("ethers typed-data")
    func ethers() throws {
        let cases = try #require(Vectors.json("ethers-sample/typed-data.json.gz").elements)
        conform("ethers-sample/typed-data signed", cases.map { ($0["name"]?.string ?? "", $0) }) { value in
            let content = try TypedDataVectors.whole(value).bytes
            try Self.check(content, Self.key, digest: value.text("digest"), signature: nil)
        }
    }

    /// Returns all messages of eth-account with their names.
    private static func ethAccountMessages() throws -> [(name: String, case: (name: String, content: [UInt8]))] {
        let lists = try ["valid_for_all", "invalid", "one_arg_invalid"].flatMap { file in
            try Vectors.json("eth-account/eip712/\(file).json").namedCases().map {
                ("eip712 \($0.name)", ($0.name, $0.case.output.bytes))
            }
        }
        let files = try Vectors.files(under: "eth-account/fixtures").map { path in
            let name = String(path.split(separator: "/").last?.dropLast(5) ?? "")
            return ("fixtures \(name)", (name, try Vectors.bytes(path)))
        }
        return lists + files
    }

    @Test("eth-account's messages: those that are valid are signed, and all others refused as malformed")
    func ethAccount() throws {
        conform("eth-account signed", try Self.ethAccountMessages()) { name, content in
            if let digest = TypedDataVectors.digests[name] {
                return try Self.check(content, Self.key, digest: "0x\(digest)", signature: nil)
            }
            guard TypedDataVectors.refusals[name] != nil else { throw Failure("it is in no list") }
            let outcome = try Self.sign(content, Self.key, Self.texts)
            try same("the exit", outcome.exit, 65)
            try same("what is put out", outcome.out, "")
        }
    }

    private static let texts = "{\"airlock\":1,\"kind\":\"policy\",\"text\":true,\"chains\":{}}"

    /// The messages of MetaMask that must be refused, keyed by their index, each with the reason.
    private static let refused = [
        "1": "32 bytes of a hash: no text, and whoever signs them cannot know what they say",
        "2": "the same, of another key",
    ]

    @Test("MetaMask's personal_sign: texts are signed, and bytes that are none are refused")
    func personalSign() throws {
        let all = try Vectors.json("metamask/personal_sign.json").cases().map { ($0.name, ($0.name, $0.case)) }
        #expect(Set(Self.refused.keys).isSubset(of: all.map(\.0)))
        conform("metamask/personal_sign signed", all) { name, value in
            let key = String(try value.text("privateKey").dropFirst(2))
            let outcome = try Self.sign(value.bytes("message"), key, Self.texts)
            if Self.refused[name] != nil {
                try same("the exit", outcome.exit, 65)
                return try same("what is put out", outcome.out, "")
            }
            guard outcome.exit == 0 else { throw Failure("ended with \(outcome.exit): \(outcome.err)") }
            try same(
                "the signature", outcome.out.trimmingCharacters(in: .whitespacesAndNewlines), value.text("signature"))
        }
    }
}
