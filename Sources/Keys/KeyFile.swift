public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockFiles
public import AirlockGcrypt
public import AirlockSecretKeys

/// The key that was unlocked from a key file.
public struct KeyFile: ~Copyable {
    public let secret: SecretKey
    /// The fingerprint of the master key from which this key was derived (BIP-32). `nil` if the key was not derived.
    public let sourceFingerprint: UInt32?
    /// The identity of the key file. No output is allowed to replace this file.
    public let identity: FileIdentity

    /// Another name for `SecretKey`, for modules that hold a key but do not import `SecretKeys`.
    public typealias Secret = SecretKey

    public var address: Address { secret.address }

    /// Returns the key, and ends the lifetime of this value. Use this method if only the key is needed.
    public consuming func take() -> SecretKey { secret }
}

/// A key file. It holds one key, in one of three formats. The file has already been read, but the key is not unlocked
/// yet.
public struct KeySource: ~Copyable {
    /// The format of a key file.
    public enum Form: Sendable {
        /// A key as hexadecimal digits, alone on one line.
        case digits
        /// A mnemonic: BIP-39 words on one line.
        case mnemonic
        /// A keystore, which is a key encrypted with a password.
        case keystore(Keystore)
    }

    public let form: Form
    private let file: SecretFile

    /// The identity of the key file. No output is allowed to replace this file.
    public var identity: FileIdentity { file.facts.identity }

    /// Reads a key file. It must be a regular file that this user owns and that nobody else can read.
    public init(_ path: String) throws {
        let file = try SecretFile.read(path)
        self.form = try file.withBytes { bytes in try Form(bytes) }
        self.file = file
    }

    /// The address of the key. `nil` if the address is not known before the key is unlocked. For an unencrypted key,
    /// the address is always known. For a mnemonic, it is never known. A keystore can state an address, which is
    /// verified when the key is unlocked.
    public var address: Address? {
        get throws {
            switch form {
            case .digits: try file.withBytes { bytes in try SecretKey(hex: bytes.extracting(bytes.text)).address }
            case .mnemonic: nil
            case .keystore(let keystore): keystore.address
            }
        }
    }

    /// Throws if the file holds no valid key or mnemonic. No password and no passphrase is needed. A keystore is not
    /// unlocked. Its members were checked when the file was read.
    public borrowing func check() throws {
        switch form {
        case .digits: _ = try address
        case .mnemonic: _ = try mnemonic().wordCount
        case .keystore: break
        }
    }

    /// Unlocks the key.
    ///
    /// - Parameters:
    ///   - password: a closure that returns the password. It is called only for a keystore.
    ///   - passphrase: a closure that returns the passphrase. It is called only for a mnemonic.
    ///   - path: the derivation path of the key. It is used only for a mnemonic.
    public consuming func open(
        password: () throws -> SecureBytes, passphrase: () throws -> SecureBytes,
        path: DerivationPath = .firstAccount
    ) throws -> KeyFile {
        var fingerprint: UInt32?
        let secret: SecretKey
        switch form {
        case .digits: secret = try file.withBytes { bytes in try SecretKey(hex: bytes.extracting(bytes.text)) }
        case .mnemonic:
            let seed = try seed(passphrase())
            fingerprint = try ExtendedKey(seed: seed).fingerprint
            secret = try ExtendedKey.key(seed: seed, at: path)
        case .keystore(let keystore): secret = try keystore.unlock(password())
        }
        return KeyFile(secret: secret, sourceFingerprint: fingerprint, identity: identity)
    }

    /// Derives the extended public key of one account. The file must hold a mnemonic.
    public borrowing func account(passphrase: () throws -> SecureBytes, at path: DerivationPath) throws -> Account {
        try ExtendedKey.account(seed: seed(passphrase()), at: path)
    }

    private borrowing func seed(_ passphrase: consuming SecureBytes) throws -> SecureBytes {
        try mnemonic().seed(passphrase: passphrase)
    }

    private borrowing func mnemonic() throws -> Mnemonic {
        try file.withBytes { bytes in try Mnemonic(bytes.extracting(bytes.text)) }
    }
}

extension KeySource.Form {
    /// Determines the format of a key file from its content. Reads a keystore, but does not read any other key. A byte
    /// order mark at the start is skipped.
    public init(_ bytes: Span<UInt8>) throws(ProblemList) {
        let text = bytes.text
        let first = text.first { ![0x20, 0x09, 0x0A, 0x0D].contains(bytes[$0]) }
        if let first, bytes[first] == UInt8(ascii: "{") {
            self = .keystore(try Keystore(text.map { bytes[$0] }))
            return
        }
        // A file with white space, or with letters that are not ASCII, is read as a mnemonic if it has no digits. A
        // mnemonic has white space between its words, and words of another language may have such letters. A single
        // hexadecimal key has neither.
        let isWords = text.contains { bytes[$0] >= 0x80 || [0x20, 0x09, 0x0A, 0x0D].contains(bytes[$0]) }
        // A file with digits is not read as a mnemonic. It might contain several hexadecimal keys, with white space
        // between them.
        let hasDigits = text.contains { UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[$0] }
        self = isWords && !hasDigits ? .mnemonic : .digits
    }
}

/// Creates new keys.
public enum NewKey {
    /// Creates a new key from the kernel's random bytes.
    public static func random() throws -> SecretKey { try SecretKey.random() }
}
