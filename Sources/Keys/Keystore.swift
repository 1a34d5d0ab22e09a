public import AirlockEthereumTypes
public import AirlockGcrypt
import AirlockDiagnostics
public import AirlockSecretKeys

/// A secret key, encrypted with a password: Web3 Secret Storage, version 3, the keystore of geth and everybody since.
public struct Keystore: Sendable {
    let derivation: KeystoreDerivation
    let counter: [UInt8]
    let ciphertext: [UInt8]
    /// The message authentication code.
    let code: Hash
    /// Whose key it says it is; optional, and nobody has checked it until it is unlocked.
    public let address: Address?

    /// How much work a password is.
    public enum Strength: Sendable {
        /// scrypt with N = 2^18, r = 8, p = 1: 256 MiB and half a second for each guess.
        case standard
        /// scrypt with N = 2^12, r = 8, p = 6: 4 MiB, for machines that have no more.
        case light

        var function: KeystoreDerivation.Function {
            switch self {
            case .standard: .scrypt(logarithmOfN: 18, r: 8, p: 1)
            case .light: .scrypt(logarithmOfN: 12, r: 8, p: 6)
            }
        }
    }

    init(derivation: KeystoreDerivation, counter: [UInt8], ciphertext: [UInt8], code: Hash, address: Address?) {
        self.derivation = derivation
        self.counter = counter
        self.ciphertext = ciphertext
        self.code = code
        self.address = address
    }

    /// Encrypts a key with a password, a fresh salt and a fresh counter.
    public init(
        locking key: borrowing SecretKey, password: borrowing SecureBytes, _ strength: Strength = .standard
    ) throws {
        let derivation = KeystoreDerivation(function: strength.function, salt: try randomBytes(32))
        let counter = try randomBytes(16)
        let derived = try derivation.key(password)
        let secret = try key.withBytes { key in
            try derived.withBytes { try AES.counterMode(key: $0.extracting(first: 16), counter: counter.span, key) }
        }
        let ciphertext = secret.withBytes { bytes in bytes.indices.map { bytes[$0] } }
        self.init(
            derivation: derivation, counter: counter, ciphertext: ciphertext,
            code: try Self.code(derived, ciphertext), address: key.address)
    }

    /// How many times longer a password takes than that of a usual keystore, at least 1.
    public var effort: Int { derivation.effort }

    /// Decrypts the key, which must be the one of the address that the keystore says.
    public func unlock(_ password: borrowing SecureBytes) throws -> SecretKey {
        let derived = try derivation.key(password)
        let expected = try Self.code(derived, ciphertext)
        guard expected.inline.span.isSame(as: code.inline.span) else { throw Problem(KeystoreRule.wrongPassword) }
        let secret = try derived.withBytes {
            try AES.counterMode(key: $0.extracting(first: 16), counter: counter.span, ciphertext.span)
        }
        var padded = try SecureBytes(count: 32)
        padded.withMutableBytes { padded in secret.withBytes { padded.copy($0, at: 32 - $0.count) } }
        let key = try SecretKey(padded)
        if let address, address != key.address {
            throw Problem(KeystoreRule.addressMismatch, saw: "\(address)", expected: "\(key.address)")
        }
        return key
    }

    /// The Keccak-256 hash of the second half of the derived key and the ciphertext.
    private static func code(_ derived: borrowing SecureBytes, _ ciphertext: [UInt8]) throws(GcryptError) -> Hash {
        var message = try SecureBytes(count: 16 + ciphertext.count)
        message.withMutableBytes { message in
            derived.withBytes { message.copy($0.extracting(16..<32), at: 0) }
            message.copy(ciphertext.span, at: 16)
        }
        return message.withBytes { .keccak($0) }
    }
}

/// Random bytes that are no secret.
func randomBytes(_ count: Int) throws(GcryptError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try Randomness.fill(&span)
    return bytes
}
