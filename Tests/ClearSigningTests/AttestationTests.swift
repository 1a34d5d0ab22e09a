import AirlockClearSigning
import AirlockEthereumTypes
import AirlockSamples
import Testing

@Suite("An attestation of a descriptor")
struct AttestationTests {
    private static let descriptor = Hash.keccak([1, 2, 3])
    private static let now = Timestamp(seconds: 1_773_217_849)

    private static func text(
        data: String = "\(descriptor)", expiration: UInt64 = 0, schema: String = SampleAttestation.schema,
        version: String = "0.26"
    ) throws -> String {
        try SampleAttestation.text(data: data, expiration: expiration, schema: schema, version: version)
    }

    private static func read(_ text: String) throws -> Attestation {
        try Attestation(Array(text.utf8), of: descriptor, at: now)
    }

    @Test("says who vouches for which descriptor, and until when")
    func holds() throws {
        let attestation = try Self.read(Self.text(expiration: 1_773_217_850))
        #expect(attestation.attester == SampleKey.operator.address && attestation.descriptor == Self.descriptor)
        #expect(attestation.time == Timestamp(seconds: 1_773_000_000))
        #expect(attestation.expires == Timestamp(seconds: 1_773_217_850))
        #expect(try Self.read(Self.text()).expires == nil)
    }

    @Test("does not hold with one byte altered")
    func altered() throws {
        let bytes = Array(try Self.text().utf8)
        for place in bytes.indices {
            for mask: UInt8 in [0x01, 0x20] {
                var altered = bytes
                altered[place] ^= mask
                let found = codes { _ = try Attestation(altered, of: Self.descriptor, at: Self.now) }
                if found.isEmpty { Issue.record("byte \(place) altered by \(mask)") }
            }
        }
    }

    @Test("is refused where it is another's, has expired or is of another form")
    func refused() throws {
        let text = try Self.text()
        let cases: [(String, String)] = [
            (try Self.text(data: "\(Hash.keccak([4]))"), "attestation.other-descriptor /sig/message/data"),
            (try Self.text(expiration: Self.now.seconds), "attestation.expired /sig/message/expirationTime"),
            (try Self.text(schema: "\(Hash.keccak([4]))"), "attestation.schema /sig/message/schema"),
            (try Self.text(version: "0.27"), "attestation.domain /sig/domain/version"),
            (try Self.text(data: "0x00"), "attestation.form /sig/message/data"),
            (
                text.replacing("\"v\":27", with: "\"v\":29").replacing("\"v\":28", with: "\"v\":29"),
                "attestation.signature /sig/signature"
            ),
            (
                text.replacing("\(SampleKey.operator.address)", with: "\(SampleKey.payer.address)"),
                "attestation.other-signer /signer"
            ),
            (text.replacing("1773000000", with: "1773000001"), "attestation.identifier /sig/uid"),
            (text.replacing("\"name\":\"salt\"", with: "\"name\":\"pepper\""), "attestation.form /sig/types/Attest"),
            (text.replacing("{\"sig\"", with: "{\"more\":1,\"sig\""), "attestation.form"),
            (text.replacing("\"revocable\":true", with: "\"revocable\":1"), "attestation.form /sig/message/revocable"),
        ]
        for (altered, code) in cases {
            #expect(codes { _ = try Self.read(altered) }.map { $0.trimmingSpaces } == [code])
        }
    }
}

extension String {
    /// The text without spaces at its end. The tests write a problem as its code, a space, and its JSON pointer. If the
    /// pointer is empty, the text ends with a space.
    fileprivate var trimmingSpaces: String { String(reversed().drop { $0 == " " }.reversed()) }
}
