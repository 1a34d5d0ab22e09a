public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockKeccak
import AirlockSecp256k1
public import AirlockStrictJSON

/// The signature (EIP-191) by which an approver approves a request that another key is going to sign. The approver
/// signs the hash of the review. Both the approver and the signer have seen this review.
public struct ApprovalFile: Hashable, Sendable {
    /// The hash of the review that the approver approves.
    public let hash: Hash
    public let approver: Address
    /// The values r, s and v of the signature. v is 27 or 28.
    public let signature: [UInt8]

    public static let kind = "approval"

    public init(hash: Hash, approver: Address, signature: [UInt8]) {
        self.hash = hash
        self.approver = approver
        self.signature = signature
    }

    /// Reads an approval file. Call ``verify()`` to check the signature.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        self = try AirlockFile.read(bytes) { reader in
            AirlockFile.readHead(&reader, kind: Self.kind)
            let hash = reader.string("hash") { try Hash(hex: $0) }
            let approver = reader.string("approver") { try Address($0) }
            let signature = reader.string("signature") { text throws(ValueError) in
                let bytes = try Hex.decode(text)
                guard bytes.count == 65 else { throw ValueError(.wrongLength, saw: text, expected: "65 bytes") }
                return bytes
            }
            guard let hash, let approver, let signature else { return nil }
            return ApprovalFile(hash: hash, approver: approver, signature: signature)
        }
    }

    /// Returns the digest that the approver signs (EIP-191). The signed text begins with `airlock approval 1`, so the
    /// signature of a text that does not say so cannot count as an approval.
    public static func digest(of hash: Hash) -> Hash {
        let text = Array("airlock approval 1\n\(hash)".utf8)
        return .keccak(Array("\u{19}Ethereum Signed Message:\n\(text.count)".utf8) + text)
    }

    /// Checks that the approver made the signature.
    public func verify() throws(ProblemList) {
        let found: Address
        do throws(SignatureError) {
            let signature = try Signature(signature, accepting: .only27Or28)
            try signature.requireLowS()
            found = try signature.recoverAddress(digest: Self.digest(of: hash))
        } catch {
            throw ProblemList(error.problems.map { $0.at("/signature") }) ?? ProblemList(error)
        }
        guard found == approver else {
            throw ProblemList(
                Problem(PaymentFileRule.signerMismatch, at: "/signature", saw: "\(found)", expected: "\(approver)"))
        }
    }

    public var json: JSONOutput {
        .object(
            AirlockFile.head(Self.kind) + [
                ("hash", .string("\(hash)")), ("approver", .string("\(approver)")),
                ("signature", .string(Hex.encode(signature))),
            ])
    }
}
