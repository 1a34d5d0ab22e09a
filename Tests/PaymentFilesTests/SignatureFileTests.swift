import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON
import Testing

@Suite("A signature file")
struct SignatureFileTests {
    private static let digest = Hash.keccak([1])

    private static func file() throws -> SignatureFile {
        SignatureFile(
            request: "message", chain: .base, digest: digest, signer: SampleKey.payer.address,
            signature: try SampleKey.payer.sign(digest).bytes, code: ComparisonCode.code(over: [digest]))
    }

    /// Changes of a valid signature file, and the problems that each change must cause.
    static let alterations: [(old: String, new: String, refusals: [Refusal])] = [
        (
            "\(SampleKey.payer.address)", "\(SampleKey.stranger.address)",
            [Refusal("signature.other-signer", "/signature")]
        ),
        (
            "\(digest)", "\(Hash.keccak([2]))",
            [Refusal("signature.other-signer", "/signature"), Refusal("payment.code-mismatch", "/code")]
        ),
        (ComparisonCode.code(over: [digest]), "0000-0000-0000", [Refusal("payment.code-mismatch", "/code")]),
    ]

    @Test("is read again as it was written, and holds")
    func holds() throws {
        let file = try Self.file()
        let again = try SignatureFile(file.json.bytes)
        #expect(again == file)
        try again.verify()
    }

    @Test("is refused when it is another's, of something else, or has another code", arguments: alterations.indices)
    func altered(index: Int) throws {
        let (old, new, expected) = Self.alterations[index]
        let file = try SignatureFile(Array(Self.file().json.text.replacing(old, with: new).utf8))
        #expect(refusals { try file.verify() } == expected)
    }
}
