public import AirlockEthereumTypes
public import AirlockFiles
public import AirlockSecretKeys

/// A key that came out of a file.
public struct KeyFile: ~Copyable {
    public let secret: SecretKey
    /// The fingerprint of the master key that it was derived from (BIP-32); `nil` of a key that was not.
    public let sourceFingerprint: UInt32?
    /// The file, which no output may replace.
    public let identity: FileIdentity

    /// A key, for who may hold one without knowing what it can do.
    public typealias Secret = SecretKey

    public var address: Address { secret.address }

    /// The key alone, for who keeps it longer than the file.
    public consuming func take() -> SecretKey { secret }
}
