public import AirlockDiagnostics

/// The error codes for signatures and public keys that are not valid.
public enum SignatureRule: String, Rule {
    case wrongLength = "signature.wrong-length"
    case wrongRecoveryByte = "signature.wrong-recovery-byte"
    case rOutOfRange = "signature.r-out-of-range"
    case sOutOfRange = "signature.s-out-of-range"
    case highS = "signature.high-s"
    case unrecoverable = "signature.unrecoverable"
    case notPublicKey = "signature.not-a-public-key"

    public var meaning: String {
        switch self {
        case .wrongLength: "the signature is not 65 bytes long"
        case .wrongRecoveryByte: "the last byte of the signature is not one that says which key signed"
        case .rOutOfRange: "r of the signature is zero, or not below the order of the curve"
        case .sOutOfRange: "s of the signature is zero, or not below the order of the curve"
        case .highS: "s of the signature is in the upper half, where anyone can move it"
        case .unrecoverable: "no public key can have made this signature"
        case .notPublicKey: "the bytes are not a point of the curve"
        }
    }
}

/// The error for a signature or public key that is not valid.
public struct SignatureError: RuleBroken, Hashable, Sendable {
    public let rule: SignatureRule

    public init(_ rule: SignatureRule) { self.rule = rule }

    public var problems: [Problem] { [Problem(rule)] }
}

/// The error codes for secret keys. No error message contains any part of a key.
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
