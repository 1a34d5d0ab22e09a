import AirlockClearSigning
import AirlockEthereumTypes
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTypedData
import Testing

@Suite("An attestation of a descriptor")
struct AttestationTests {
    private static let descriptor = Hash.keccak([1, 2, 3])
    private static let now = Timestamp(seconds: 1_773_217_849)
    private static let schema = "0xe023eef113c1670774801c34b377fdf612dd8a4d2fa92fe382e15bd91fafb5c2"

    /// An attestation that is signed by a key that everybody knows, its digest made by the reader of typed data.
    private static func text(
        data: String = "\(descriptor)", expiration: UInt64 = 0, schema: String = schema, version: String = "0.26"
    ) throws -> String {
        let zero = "0x\(String(repeating: "0", count: 64))"
        let salt = Hash.keccak([9])
        let fields = [
            ("version", "uint16"), ("schema", "bytes32"), ("recipient", "address"), ("time", "uint64"),
            ("expirationTime", "uint64"), ("revocable", "bool"), ("refUID", "bytes32"), ("data", "bytes"),
            ("salt", "bytes32"),
        ]
        let types = fields.map { "{\"name\":\"\($0.0)\",\"type\":\"\($0.1)\"}" }.joined(separator: ",")
        let message = """
            {"version":2,"schema":"\(schema)","recipient":"0x0000000000000000000000000000000000000000",
            "time":"1773000000","expirationTime":"\(expiration)","revocable":true,"refUID":"\(zero)","data":"\(data)",
            "salt":"\(salt)"}
            """
        let domain = """
            {"name":"EAS Attestation","version":"\(version)","chainId":"1",
            "verifyingContract":"0xA1207F3BBa224E2c9c3c6D5aF63D0eb1582Ce587"}
            """
        let typed = try TypedData(
            Array(
                """
                {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},
                {"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],"Attest":[\(types)]},
                "primaryType":"Attest","domain":\(domain),"message":\(message)}
                """.utf8))
        let signature = try SampleKey.operator.sign(typed.digest)
        var packed: [UInt8] = [0, 2] + Array(schema.utf8) + Array(repeating: 0, count: 40)
        packed += UInt256(1_773_000_000).word.bytes.suffix(8) + UInt256(expiration).word.bytes.suffix(8)
        packed += try [1] + Array(repeating: 0, count: 32) + Hex.decode(data) + salt.bytes + [0, 0, 0, 0]
        return """
            {"sig":{"version":2,"uid":"\(Hash.keccak(packed))","domain":\(domain),"primaryType":"Attest",
            "message":\(message),"types":{"Attest":[\(types)]},
            "signature":{"v":\(27 + signature.yParity),"r":"\(signature.r)","s":"\(signature.s)"}},
            "signer":"\(SampleKey.operator.address)"}
            """
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
    /// Without the space that stands before an empty pointer.
    fileprivate var trimmingSpaces: String { String(reversed().drop { $0 == " " }.reversed()) }
}
