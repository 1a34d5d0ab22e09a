public import AirlockDiagnostics

/// The rules of secret keys. None of them shows any part of one.
public enum SecretKeyRule: String, Rule {
    case wrongLength = "key.wrong-length"
    case outOfRange = "key.out-of-range"
    case notHex = "key.not-hex"
    case engineFailed = "key.engine-failed"

    public var meaning: String {
        switch self {
        case .wrongLength: "a secret key has 32 bytes"
        case .outOfRange: "the key is zero, or not below the order of the curve"
        case .notHex: "the key is not 64 hexadecimal digits"
        case .engineFailed: "the signing engine failed"
        }
    }
}
