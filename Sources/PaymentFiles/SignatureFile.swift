public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockSecp256k1
public import AirlockStrictJSON

/// A file with one signature. It contains the kind of request that was signed, the signed digest, the signer, and the
/// comparison code that both machines show. The file travels from the offline machine to the online machine.
public struct SignatureFile: Hashable, Sendable {
    /// The kind of request that was signed, such as `message`.
    public let request: String
    /// The chain on which the signature is valid; `nil` if the request specifies no chain.
    public let chain: Chain?
    /// The Safe whose transaction or message an owner signed; `nil` for a message of the signer's own account.
    public let safe: Address?
    /// The nonce of the Safe's transaction; `nil` for any other request.
    public let safeNonce: UInt64?
    /// The digest that was signed.
    public let digest: Hash
    public let signer: Address
    /// The values r, s and v of the signature. v is 27 or 28.
    public let signature: [UInt8]
    public let code: String

    public static let kind = "signature"

    public init(
        request: String, chain: Chain?, safe: Address? = nil, safeNonce: UInt64? = nil, digest: Hash, signer: Address,
        signature: [UInt8], code: String
    ) {
        self.request = request
        self.chain = chain
        self.safe = safe
        self.safeNonce = safeNonce
        self.digest = digest
        self.signer = signer
        self.signature = signature
        self.code = code
    }

    /// Reads a signature file. Call ``verify()`` to check the signature.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        self = try AirlockFile.read(bytes) { reader in
            AirlockFile.readHead(&reader, kind: Self.kind)
            let request = reader.string("request")
            let chain = reader.optionalString("chainId") { Chain(id: try Quantity.uint64($0)) }
            let isOfSafe = request == "safe"
            let safe =
                isOfSafe
                ? reader.string("safe") { try Address($0) } : reader.optionalString("safe") { try Address($0) }
            let nonce = isOfSafe ? reader.string("nonce", Quantity.uint64) : nil
            let digest = reader.string("digest") { try Hash(hex: $0) }
            let signer = reader.string("signer") { try Address($0) }
            let signature = reader.string("signature") { text throws(ValueError) in
                let bytes = try Hex.decode(text)
                guard bytes.count == 65 else { throw ValueError(.wrongLength, saw: text, expected: "65 bytes") }
                return bytes
            }
            let code = reader.string("code")
            guard let request, let digest, let signer, let signature, let code else { return nil }
            if isOfSafe, safe == nil || nonce == nil { return nil }
            return SignatureFile(
                request: request, chain: chain, safe: safe, safeNonce: nonce,
                digest: digest, signer: signer, signature: signature, code: code)
        }
    }

    /// Checks that the signer made the signature, and that the comparison code matches the digest.
    public func verify() throws(ProblemList) {
        var problems: [Problem] = []
        do throws(SignatureError) {
            let signature = try Signature(signature, accepting: .only27Or28)
            try signature.requireLowS()
            let found = try signature.recoverAddress(digest: digest)
            if found != signer {
                problems.append(
                    Problem(
                        PaymentFileRule.signerMismatch, at: "/signature", saw: "\(found)", expected: "\(signer)"))
            }
        } catch { problems += error.problems.map { $0.at("/signature") } }
        let expected = ComparisonCode.code(over: [digest])
        if code != expected {
            problems.append(Problem(PaymentFileRule.codeMismatch, at: "/code", saw: code, expected: expected))
        }
        if let all = ProblemList(problems) { throw all }
    }

    public var json: JSONOutput {
        var members = AirlockFile.head(Self.kind) + [("request", .string(request))]
        if let chain { members.append(("chainId", .string("\(chain.id)"))) }
        if let safe { members.append(("safe", .string("\(safe)"))) }
        if let safeNonce { members.append(("nonce", .string("\(safeNonce)"))) }
        members += [
            ("digest", .string("\(digest)")), ("signer", .string("\(signer)")),
            ("signature", .string(Hex.encode(signature))), ("code", .string(code)),
        ]
        return .object(members)
    }
}
