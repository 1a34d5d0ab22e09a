import AirlockClearSigning
import AirlockDescriptorCases
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockStrictJSON
import AirlockTypedData
import Foundation
import Testing

@Suite("Conformance: clear signing", .needsVectors)
struct ClearSigningVectors {
    private static func tree() throws -> FolderTree {
        FolderTree(try #require(Vectors.folder).appendingPathComponent("erc7730-registry").path)
    }

    /// Cases for which Airlock must not show a description, each with the reason. The reason begins with the error code
    /// of the refusal.
    private static let refused = [
        "registry/permit/testsv2/eip712-permit-avalanche_c_chain-yetiswap.tests.json 0 Authorize spending of tokens":
            "json.missing-field: the domain lacks the version that its type has, so that there is no digest to sign",
        "registry/weth/testsv2/calldata-weth.tests.json 0 Wrap - chain 1":
            "descriptor.call-data: bytes follow the call data of deposit(), and no description covers them",
    ]

    @Test("ERC-7730 registry: intents, sentences, labels and values")
    func registry() throws {
        let tree = try Self.tree()
        let library = try DescriptorCases.library(of: tree)
        let files = try tree.files().filter { $0.hasSuffix(".tests.json") }
        let cases = try files.flatMap { try DescriptorCases($0, in: tree, library: library).cases }
        #expect(cases.count >= 118)
        conform("erc7730-registry", cases, skipped: Self.refused) { try $0.check() }
        // The call of `conform` skips the cases in `refused`. Each of these cases must be refused by the rule in its
        // reason.
        for (name, value) in cases {
            guard let reason = Self.refused[name] else { continue }
            let error = #expect(throws: (any Error).self) { try value.describe() }
            #expect(reason.hasPrefix((error as? any RuleBroken)?.problems[0].code ?? "?"))
        }
    }

    @Test(
        "ERC-7730 messages of the first schema's tests: each is described by the one descriptor that is for it, or by none"
    )
    func messages() throws {
        let library = try DescriptorCases.library(of: Self.tree())
        var described = 0
        conform("erc7730/typed_data", try Vectors.json("erc7730/typed_data.json").cases()) { value in
            let message = try TypedData(value.member("typedData"))
            guard let description = try library.describe(message, signer: nil, names: NoNames()) else { return }
            described += 1
            try same("the facts", description.facts.signature, message.encodeType)
        }
        #expect(described >= 20)
    }

    @Test("ERC-8176: all attestations hold for their descriptors")
    func attestations() throws {
        let tree = try Self.tree()
        let cases = try tree.files().filter { $0.contains("/sigs/") }.map { ($0, $0) }
        #expect(cases.count == 11)
        let now = try Timestamp("2026-11-01T00:00:00Z")
        conform("erc7730-registry/sigs", cases) { path in
            let name = try #require(path.split(separator: "/").last?.split(separator: ".eip155").first)
            let folder = path.split(separator: "/").dropLast(2).joined(separator: "/")
            let descriptor = try CanonicalJSON.hash(JSONDocument(tree.read("\(folder)/\(name).json")).root)
            let bytes = try tree.read(path)
            let attestation = try Attestation(bytes, of: descriptor, at: now)
            try same("the attester", "\(attestation.attester)", "0x3846c3A30E62075Fa916216b35EF04B8F53931f6")
            for place in stride(from: 0, to: bytes.count, by: 13) {
                var altered = bytes
                altered[place] ^= 1
                if (try? Attestation(altered, of: descriptor, at: now)) != nil {
                    throw Failure("holds with byte \(place) altered")
                }
            }
        }
    }

    @Test("ERC-8213 parity_vectors: digests of call data")
    func callData() throws {
        let json = try Vectors.json("erc8213/parity_vectors.json")
        conform("erc8213 call data", try json.cases("calldataDigest")) { value in
            try same("the digest", SigningDigests.callData(value.bytes("input")).description, value.text("digest"))
        }
    }

    @Test("ERC-8213 parity_vectors: hashes of messages")
    func messageHashes() throws {
        let json = try Vectors.json("erc8213/parity_vectors.json")
        conform("erc8213 messages", try json.cases("eip712")) { value in
            let digests = SigningDigests.Message(try TypedData(value.member("doc")))
            try same("the domain's hash", digests.domainHash.description, value.text("domainHash"))
            try same("the message's hash", digests.messageHash.description, value.text("messageHash"))
            try same("the digest", digests.digest.description, value.text("digest"))
        }
    }
}

private struct NoNames: DisplayNames {}
