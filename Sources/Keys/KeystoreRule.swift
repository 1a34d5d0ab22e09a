public import AirlockDiagnostics

/// The rules of keystores (Web3 Secret Storage, version 3), checked before any work is done where they can be.
public enum KeystoreRule: String, Rule {
    case version = "keystore.version"
    case cipher = "keystore.cipher"
    case counter = "keystore.iv"
    case ciphertext = "keystore.ciphertext"
    case code = "keystore.mac"
    case address = "keystore.address"
    case derivation = "keystore.kdf"
    case keyLength = "keystore.dklen"
    case salt = "keystore.salt"
    case scryptN = "keystore.scrypt-n"
    case scryptR = "keystore.scrypt-r"
    case scryptP = "keystore.scrypt-p"
    case tooMuchWork = "keystore.too-much-work"
    case iterations = "keystore.pbkdf2-c"
    case pseudorandomFunction = "keystore.pbkdf2-prf"
    case wrongPassword = "keystore.wrong-password"
    case addressMismatch = "keystore.address-mismatch"
    case notKeystore = "keystore.not-a-keystore"

    public var meaning: String {
        switch self {
        case .version: "the keystore is not of version 3"
        case .cipher: "the keystore's cipher is not aes-128-ctr"
        case .counter: "the keystore's iv is not 16 bytes of hexadecimal digits"
        case .ciphertext: "the keystore does not hold the 30 to 32 bytes of a key"
        case .code: "the keystore's mac is not 32 bytes of hexadecimal digits"
        case .address: "the keystore's address is not 20 bytes of hexadecimal digits"
        case .derivation: "the keystore's kdf is neither scrypt nor pbkdf2"
        case .keyLength: "the keystore's dklen is not 32"
        case .salt: "the keystore's salt is not 1 to 256 bytes of hexadecimal digits"
        case .scryptN: "scrypt's n is no power of two from 2 to 2^20"
        case .scryptR: "scrypt's r is not from 1 to 128"
        case .scryptP: "scrypt's p is not from 1 to 16"
        case .tooMuchWork: "scrypt's n, r and p together ask for too much work"
        case .iterations: "pbkdf2's c is not from 1 to 10000000"
        case .pseudorandomFunction: "pbkdf2's prf is not hmac-sha256"
        case .wrongPassword: "the password is wrong, or the keystore was altered"
        case .addressMismatch: "the keystore holds the key of another address than it says"
        case .notKeystore: "the file has no password: it holds a bare key, or words"
        }
    }
}
