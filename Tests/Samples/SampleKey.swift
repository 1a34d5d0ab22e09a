public import AirlockEthereumTypes
import AirlockGcrypt
public import AirlockSecp256k1
public import AirlockSecretKeys

/// A secret key that is no secret, which tests may share.
public final class SampleKey: Sendable {
    public let secret: SecretKey

    /// The key that the hash of a name makes.
    public init(_ name: String) {
        do { secret = try SecretKey(SecureBytes(copying: Self.bytes(name).inline.span)) } catch {
            preconditionFailure("\(name) makes no key: \(error)")
        }
    }

    /// The bytes of the key of that name.
    public static func bytes(_ name: String) -> Hash { .keccak(Array(name.utf8)) }

    /// Whose account the charges are made for.
    public static let payer = SampleKey("payer")
    /// Who signs the charges.
    public static let `operator` = SampleKey("operator")
    /// Somebody who has no business here.
    public static let stranger = SampleKey("stranger")

    public var address: Address { secret.address }

    public func sign(_ digest: Hash) throws -> Signature { try secret.sign(digest) }
}
