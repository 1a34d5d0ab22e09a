internal import AirlockCGcrypt
public import AirlockDiagnostics

/// The one start of libgcrypt in a process.
public enum GcryptLibrary {
    /// Starts libgcrypt and its secure memory, once; every later call, from any thread, has the first one's outcome.
    ///
    /// Everything in this module calls it, so call it only to fail early or to tell a person whether the machine is fit.
    public static func start() throws(GcryptError) { try outcome.get() }

    /// Enough for some hundred secrets at once, and the 64 KiB that even old kernels let every user lock.
    private static let poolSize: UInt32 = 1 << 16

    /// The manual's order (Libgcrypt 1.10, 2.4 "Initializing the library"): version, secure memory, finished.
    ///
    /// Secure memory is not left for later: the manual puts it before "finished", and a pool that was not asked for
    /// is made by the first allocation that wants one, half this size, with a mere warning when it cannot be locked.
    private static let outcome = Result { () throws(GcryptError) in
        // First of all: any other call before it makes libgcrypt complain to syslog, over a socket.
        _ = unsafe gcry_check_version(nil)
        guard airlock_gcry_fips_mode_active() == 0 else { throw GcryptError(.fipsMode) }
        // The return code below says it better than libgcrypt's line on stderr, and it alone is true:
        // gcry_is_secure still answers yes for a pool that could not be locked.
        try GcryptError.check(airlock_gcry_disable_secmem_warning())
        guard airlock_gcry_init_secmem(poolSize) == 0 else { throw GcryptError(.noSecureMemory) }
        try GcryptError.check(airlock_gcry_initialization_finished())
    }
}

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
