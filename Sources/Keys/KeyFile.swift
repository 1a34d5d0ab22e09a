import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockFiles
public import AirlockGcrypt
public import AirlockSecretKeys

/// A key that was unlocked from a file.
public struct KeyFile: ~Copyable {
    public let secret: SecretKey
    /// The fingerprint of the master key that it was derived from (BIP-32); `nil` for a key that was not derived.
    public let sourceFingerprint: UInt32?
    /// The file, which no output may replace.
    public let identity: FileIdentity

    /// The type of the key, for modules that hold one without importing `SecretKeys`.
    public typealias Secret = SecretKey

    public var address: Address { secret.address }

    /// The key alone, for callers that keep it longer than the file.
    public consuming func take() -> SecretKey { secret }
}

/// A file that holds one key in one of three forms. The file has been read; the key is not unlocked yet.
public struct KeySource: ~Copyable {
    /// The form of the file's content.
    public enum Form: Sendable {
        /// Hexadecimal digits, alone on their line.
        case digits
        /// BIP-39 words on one line.
        case mnemonic
        /// An encrypted key.
        case keystore(Keystore)
    }

    public let form: Form
    private let file: SecretFile

    /// The file, which no output may replace.
    public var identity: FileIdentity { file.facts.identity }

    /// Reads a file, which must be regular, owned by this user and readable by nobody else.
    public init(_ path: String) throws {
        let file = try SecretFile.read(path)
        self.form = try file.withBytes(Self.form)
        self.file = file
    }

    private static func form(_ bytes: Span<UInt8>) throws(ProblemList) -> Form {
        let text = bytes.text
        let first = text.first { ![0x20, 0x09, 0x0A, 0x0D].contains(bytes[$0]) }
        if let first, bytes[first] == UInt8(ascii: "{") { return .keystore(try Keystore(text.map { bytes[$0] })) }
        // Words have white space between them, or letters that are not ASCII. A key has neither.
        let isWords = text.contains { bytes[$0] >= 0x80 || [0x20, 0x09, 0x0A, 0x0D].contains(bytes[$0]) }
        // Several keys in one file have white space, too, and digits.
        let hasDigits = text.contains { UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[$0] }
        return isWords && !hasDigits ? .mnemonic : .digits
    }

    /// The key's address, if it is known without a password: that of an unencrypted key, or the one that a keystore
    /// states, which is verified on unlocking. `nil` if it is not known yet.
    public var address: Address? {
        get throws {
            switch form {
            case .digits: try file.withBytes { bytes in try SecretKey(hex: bytes.extracting(bytes.text)).address }
            case .mnemonic: nil
            case .keystore(let keystore): keystore.address
            }
        }
    }

    /// Unlocks the key.
    ///
    /// - Parameters:
    ///   - password: called if the file is a keystore.
    ///   - passphrase: called if the file holds a mnemonic.
    ///   - path: which key of a mnemonic.
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

    /// The public half of an account of a mnemonic.
    public borrowing func account(passphrase: () throws -> SecureBytes, at path: DerivationPath) throws -> Account {
        try ExtendedKey.account(seed: seed(passphrase()), at: path)
    }

    private borrowing func seed(_ passphrase: consuming SecureBytes) throws -> SecureBytes {
        try file.withBytes { bytes in try Mnemonic(bytes.extracting(bytes.text)) }.seed(passphrase: passphrase)
    }
}

/// Makes keys.
public enum NewKey {
    /// A new key from the kernel's random bytes.
    public static func random() throws -> SecretKey { try SecretKey.random() }
}
