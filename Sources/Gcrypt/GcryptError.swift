internal import AirlockCGcrypt
public import AirlockDiagnostics

/// The rules of libgcrypt's wrapper.
public enum GcryptRule: String, Rule {
    case fipsMode = "gcrypt.fips-mode"
    case noSecureMemory = "gcrypt.no-secure-memory"
    case secureMemoryExhausted = "gcrypt.secure-memory-exhausted"
    case noRandomness = "gcrypt.no-randomness"
    case wrongLength = "gcrypt.wrong-length"
    case failed = "gcrypt.failed"

    public var meaning: String {
        switch self {
        case .fipsMode: "libgcrypt runs in FIPS mode, which knows neither scrypt nor secp256k1"
        case .noSecureMemory: "the kernel does not lock memory for secrets"
        case .secureMemoryExhausted: "the locked memory for secrets is used up"
        case .noRandomness: "the kernel gives no random bytes"
        case .wrongLength: "a value for libgcrypt has the wrong length"
        case .failed: "libgcrypt failed"
        }
    }
}

/// What libgcrypt, or the kernel below it, refused. Never holds a byte of what it was asked to work on.
public struct GcryptError: RuleBroken, Hashable, Sendable {
    public let rule: GcryptRule
    /// What was refused, in our own words or libgcrypt's fixed ones.
    public let detail: String?

    init(_ rule: GcryptRule, _ detail: String? = nil) {
        self.rule = rule
        self.detail = detail
    }

    /// Throws when libgcrypt did not answer 0.
    static func check(_ error: gcry_error_t, _ rule: GcryptRule = .failed) throws(GcryptError) {
        guard error != 0 else { return }
        throw GcryptError(rule, unsafe String(cString: gcry_strerror(error)))
    }

    /// Throws when a value has none of the lengths that it may have.
    static func check(_ name: String, of count: Int, in allowed: Set<Int>) throws(GcryptError) {
        guard allowed.contains(count) else { throw GcryptError(.wrongLength, "a \(name) of \(count) bytes") }
    }

    public var problems: [Problem] { [Problem(rule, detail: detail)] }
}
