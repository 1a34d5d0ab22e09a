public import AirlockSecretKeys

/// A key that is made.
public enum NewKey {
    /// A fresh key from the kernel's random bytes.
    public static func random() throws -> SecretKey { try SecretKey.random() }
}
