import AirlockABI
import AirlockEthereumTypes
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockToolSupport
import AirlockTypedData
import Foundation
import Testing

/// The vectors of other people's libraries, signed by the tool under a policy that lists them.
@Suite("Conformance: messages that are signed", .needsVectors)
struct MessageVectors {
    /// Signs one message, and says with which signature.
    private static func sign(_ content: [UInt8], _ key: String, _ policy: String) throws -> Outcome {
        let desk = try Desk()
        desk.write("key.hex", key, mode: 0o600)
        desk.write("policy.json", policy)
        desk.write("message", String(decoding: content, as: UTF8.self))
        desk.operands = ["message"]
        desk.drop("-c")
        desk.set("--raw")
        // Before any of the deadlines.
        desk.set("--now", "2020-01-01T00:00:00Z")
        return try desk.run()
    }

    /// A policy that lists the domain and type of a message, and what an understood one lets take.
    private static func policy(for data: TypedData) -> String {
        let chain = data.domain.chainId.map { "\($0)" } ?? "1"
        // Every value that is written like an address.
        let texts = data.members.compactMap { $0.value?.json.text }.filter { $0.hasPrefix("\"0x") }
        let addresses = texts.filter { $0.utf8.count == 44 }.map { String($0.dropFirst().dropLast()) }
        let known = Set(addresses)
        let recipients = known.map { "\"\($0)\":\"known\"" }.joined(separator: ",")
        let currencies = known.map {
            "\"\($0)\":{\"symbol\":\"TOK\",\"decimals\":\"0\",\"perPayment\":\"\(UInt256.max)\"}"
        }
        .joined(separator: ",")
        return """
            {"airlock":1,"kind":"policy","text":true,"chains":{"\(chain)":{"recipients":{\(recipients)},
            "currencies":{\(currencies)},"messages":[{"domainSeparator":"\(data.domainSeparator)",
            "types":["\(data.primaryType)"],"name":"vector"}]}}}
            """
    }

    private static let key = String(repeating: "69", count: 32)

    /// Signs typed data by a key, and compares digest and signature.
    private static func check(_ data: TypedData, _ content: [UInt8], _ key: String, _ expected: String?) throws {
        let outcome = try sign(content, key, policy(for: data))
        guard outcome.exit == 0 else { throw Failure("ended with \(outcome.exit): \(outcome.err)") }
        let text = outcome.out.trimmingCharacters(in: .whitespacesAndNewlines)
        if let expected { try same("the signature", text, expected) }
        let signature = try Signature(Hex.decode(text), accepting: .only27Or28)
        try same("the signer", "\(try signature.recoverAddress(digest: data.digest))", address(of: key))
    }

    private static func address(of key: String) throws -> String {
        let desk = try Desk()
        desk.write("key.hex", key, mode: 0o600)
        return try BuiltTool("airlock").run(["key", "address", "key.hex"], in: desk.path(".")).out
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test("Permit2 typehash_signatures")
    func permit2() throws {
        conform("permit2 signed", try Vectors.json("permit2/typehash_signatures.json").cases()) { value in
            let typed = try value.member("typedData")
            let data = try TypedData(typed)
            let isSigners = try value.member("recovers_to_signer").boolean == true
            let key = String(try value.text("privateKey").dropFirst(2))
            try Self.check(data, typed.output.bytes, key, isSigners ? value.text("signature") : nil)
        }
    }

    @Test("ethers typed-data")
    func ethers() throws {
        let cases = try #require(Vectors.json("ethers-sample/typed-data.json.gz").elements)
        conform("ethers-sample/typed-data signed", cases.map { ($0["name"]?.string ?? "", $0) }) { value in
            let content = try TypedDataVectors.whole(value).bytes
            try Self.check(TypedData(content), content, Self.key, nil)
        }
    }

    @Test("eth-account's fixtures")
    func ethAccount() throws {
        let files = try Vectors.files(under: "eth-account/fixtures").filter { $0.contains("/valid_") }
        let cases = try files.map { ($0, try Vectors.bytes($0)) }
        let readable = cases.compactMap { name, bytes in (try? TypedData(bytes)).map { (name, ($0, bytes)) } }
        #expect(readable.count >= 3)
        conform("eth-account signed", readable) { data, bytes in try Self.check(data, bytes, Self.key, nil) }
    }

    @Test("MetaMask's personal_sign, of those that are texts")
    func personalSign() throws {
        let all = try Vectors.json("metamask/personal_sign.json").cases()
        let texts = try all.filter { try String(validating: $0.1.bytes("message"), as: UTF8.self) != nil }
        #expect(!texts.isEmpty)
        let policy = "{\"airlock\":1,\"kind\":\"policy\",\"text\":true,\"chains\":{}}"
        conform("metamask/personal_sign signed", texts) { value in
            let outcome = try Self.sign(
                value.bytes("message"), String(value.text("privateKey").dropFirst(2)), policy)
            guard outcome.exit == 0 else { throw Failure("ended with \(outcome.exit): \(outcome.err)") }
            try same(
                "the signature", outcome.out.trimmingCharacters(in: .whitespacesAndNewlines), value.text("signature"))
        }
    }
}
