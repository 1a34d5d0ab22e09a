public import AirlockEthereumTypes
import AirlockSecp256k1
import AirlockSecretKeys
import AirlockTypedData

/// Attestations of descriptors (ERC-8176). They are signed with the operator's key, which is public.
public enum SampleAttestation {
    public static let schema = "0xe023eef113c1670774801c34b377fdf612dd8a4d2fa92fe382e15bd91fafb5c2"
    public static let attester = SampleKey.operator.address

    /// Returns the content of an attestation file. `TypedData` computes the digest that is signed.
    public static func text(
        data: String, expiration: UInt64 = 0, schema: String = schema, version: String = "0.26"
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
}
