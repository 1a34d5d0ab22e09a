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

    public var next: String {
        switch self {
        case .wrongLength, .outOfRange, .notHex: "check that the file holds the key, whole and alone"
        case .engineFailed: "run airlock doctor, and report it"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .wrongLength, .outOfRange, .notHex: .malformedInput
        case .engineFailed: .bug
        }
    }
}

/// Why a key cannot be used.
public struct SecretKeyError: RuleBroken, Hashable, Sendable {
    public let rule: SecretKeyRule
    private let cause: Problem?

    init(_ rule: SecretKeyRule) {
        self.rule = rule
        self.cause = nil
    }

    /// The secure memory or the randomness failed.
    init(_ cause: Problem?) {
        self.rule = .engineFailed
        self.cause = cause
    }

    public var problems: [Problem] { [cause ?? Problem(rule)] }
}
