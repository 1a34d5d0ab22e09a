import AirlockGcrypt
import Glibc
import AirlockDiagnostics
import Testing

@Suite("The start of libgcrypt")
struct GcryptLibraryTests {
    @Test("happens once, from however many threads")
    func concurrent() async throws {
        await #expect(processExitsWith: .success) {
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<32 { group.addTask { (try? SecureBytes.random(count: 16).count) == 16 } }
                for await succeeded in group where !succeeded { exit(EXIT_FAILURE) }
            }
        }
    }

    @Test("fails when the kernel does not lock memory, and stays failed")
    func noSecureMemory() async {
        await #expect(processExitsWith: .success) {
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            #expect(unsafe setrlimit(__rlimit_resource_t(8), &none) == 0)  // RLIMIT_MEMLOCK
            // The limit does not apply to the superuser, so the process becomes an unprivileged user.
            if geteuid() == 0 { #expect(setuid(65534) == 0) }
            for _ in 0..<2 {
                let error = #expect(throws: GcryptError.self) { try GcryptLibrary.start() }
                #expect(error?.rule == .noSecureMemory)
            }
            let error = #expect(throws: GcryptError.self) { _ = try SecureBytes(count: 1).count }
            #expect(error?.rule == .noSecureMemory)
        }
    }

    @Test("fails in FIPS mode")
    func fipsMode() async {
        await #expect(processExitsWith: .success) {
            #expect(unsafe setenv("LIBGCRYPT_FORCE_FIPS_MODE", "1", 1) == 0)
            let error = #expect(throws: GcryptError.self) { try GcryptLibrary.start() }
            #expect(error?.rule == .fipsMode)
        }
    }

    @Test(
        "says each failure as a problem with its code",
        arguments: [
            (GcryptRule.fipsMode, "gcrypt.fips-mode"),
            (.noSecureMemory, "gcrypt.no-secure-memory"),
            (.secureMemoryExhausted, "gcrypt.secure-memory-exhausted"),
            (.noRandomness, "gcrypt.no-randomness"),
            (.wrongLength, "gcrypt.wrong-length"),
            (.failed, "gcrypt.failed"),
        ])
    func rules(rule: GcryptRule, code: String) {
        #expect(rule.rawValue == code)
    }
}
