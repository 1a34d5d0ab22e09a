public import AirlockEthereumTypes
import AirlockGcrypt
public import AirlockSecp256k1
public import AirlockSecretKeys

/// A secret key for tests. It is not really secret, because it is computed from its name.
public final class SampleKey: Sendable {
    public let secret: SecretKey

    /// Creates the key whose bytes are the Keccak-256 hash of the name.
    public init(_ name: String) {
        do { secret = try SecretKey(SecureBytes(copying: Self.bytes(name).inline.span)) } catch {
            preconditionFailure("\(name) makes no key: \(error)")
        }
    }

    /// Returns the bytes of the key with this name.
    public static func bytes(_ name: String) -> Hash { .keccak(Array(name.utf8)) }

    /// The payer's key. The sample charges are made for its account.
    public static let payer = SampleKey("payer")
    /// The operator's key, which signs the sample charges.
    public static let `operator` = SampleKey("operator")
    /// A key that has no role in the sample charges.
    public static let stranger = SampleKey("stranger")

    public var address: Address { secret.address }

    public func sign(_ digest: Hash) throws -> Signature { try secret.sign(digest) }
}
