internal import AirlockCGcrypt
public import AirlockDiagnostics

/// Initializes libgcrypt.
public enum GcryptLibrary {
    /// Initializes libgcrypt and its secure memory once. Later calls, from any thread, have the same result as the
    /// first call.
    ///
    /// Every function of this module that uses libgcrypt calls `start` first. Call `start` directly only to fail early,
    /// or to find out whether the machine is suitable.
    public static func start() throws(GcryptError) { try outcome.get() }

    /// The size of the secure memory in bytes. 64 KiB is enough for hundreds of secrets at once. Even old kernels let
    /// every user lock this much memory.
    private static let poolSize: UInt32 = 1 << 16

    /// Initializes libgcrypt. The steps have the order that the manual requires (Libgcrypt 1.10, 2.4 "Initializing the
    /// library"). First comes the version check, then the secure memory, and then the end of the initialization.
    ///
    /// If the secure memory were not initialized here, libgcrypt would create a pool of half this size when secure
    /// memory is first needed. If that pool could not be locked, libgcrypt would only print a warning.
    private static let outcome = Result { () throws(GcryptError) in
        // gcry_check_version must be the first call. If another call came first, libgcrypt would write a warning to
        // syslog, over a socket.
        _ = unsafe gcry_check_version(nil)
        guard airlock_gcry_fips_mode_active() == 0 else { throw GcryptError(.fipsMode) }
        // If the secure memory cannot be locked, libgcrypt writes a warning to stderr. This call turns the warning off,
        // because the return code of gcry_init_secmem below reports the failure. gcry_is_secure cannot report the
        // failure, because it returns true even for a pool that could not be locked.
        try GcryptError.check(airlock_gcry_disable_secmem_warning())
        guard airlock_gcry_init_secmem(poolSize) == 0 else { throw GcryptError(.noSecureMemory) }
        try GcryptError.check(airlock_gcry_initialization_finished())
    }
}

/// The reasons why a function of this module throws an error. For example, a value has the wrong length, or secure
/// memory is not available.
public enum GcryptRule: String, Rule {
    case fipsMode = "gcrypt.fips-mode"
    case noSecureMemory = "gcrypt.no-secure-memory"
    case secureMemoryExhausted = "gcrypt.secure-memory-exhausted"
    case noRandomness = "gcrypt.no-randomness"
    case wrongLength = "gcrypt.wrong-length"
    case failed = "gcrypt.failed"

    public var meaning: String {
        switch self {
        case .fipsMode: "libgcrypt runs in FIPS mode, which supports neither scrypt nor secp256k1"
        case .noSecureMemory: "the kernel does not lock memory for secrets"
        case .secureMemoryExhausted: "the locked memory for secrets is used up"
        case .noRandomness: "the kernel provides no random bytes"
        case .wrongLength: "a value for libgcrypt has the wrong length"
        case .failed: "libgcrypt failed"
        }
    }
}

/// An error of libgcrypt or of the kernel. The error never contains any of the input, because the input may be secret.
public struct GcryptError: RuleBroken, Hashable, Sendable {
    public let rule: GcryptRule
    /// The cause of the error, as text from this module or from libgcrypt.
    public let detail: String?

    init(_ rule: GcryptRule, _ detail: String? = nil) {
        self.rule = rule
        self.detail = detail
    }

    /// Throws unless the return code of libgcrypt is 0.
    static func check(_ error: gcry_error_t, _ rule: GcryptRule = .failed) throws(GcryptError) {
        guard error != 0 else { return }
        throw GcryptError(rule, unsafe String(cString: gcry_strerror(error)))
    }

    /// Throws unless the length of a value is one of the allowed lengths.
    static func check(_ name: String, of count: Int, in allowed: Set<Int>) throws(GcryptError) {
        guard allowed.contains(count) else { throw GcryptError(.wrongLength, "a \(name) of \(count) bytes") }
    }

    public var problems: [Problem] { [Problem(rule, detail: detail)] }
}
