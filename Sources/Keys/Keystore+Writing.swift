public import AirlockEthereumTypes
public import AirlockGcrypt
public import AirlockSecretKeys
import AirlockFiles

extension Keystore {
    /// Locks a key into a file of its own: 0600, whole or not at all, and never in another key's place.
    ///
    /// The very bytes that are written have unlocked before, so that no key is ever lost to a file that does not open,
    /// and they are read back and unlocked afterwards.
    ///
    /// Without a `path` the file stands in the current folder and is named for the address. `replacing` says that the
    /// file at `path` is the same key's, whose password changes.
    public static func write(
        _ key: borrowing SecretKey, to path: String?, password: borrowing SecureBytes, _ strength: Strength = .standard,
        replacing: Bool = false
    ) throws -> (address: Address, path: String) {
        let file = try Keystore(locking: key, password: password, strength).file()
        let address = try Keystore(file).unlock(password).address
        let path = path ?? "\(address).json"
        _ = try OutputFile.write(
            file.span, to: path, replacing: replacing, rewriting: replacing ? FileIdentity(of: path) : nil)
        let kept = try SecretFile.read(path).withBytes { bytes in bytes.indices.map { bytes[$0] } }
        return (try Keystore(kept).unlock(password).address, path)
    }
}
