import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite(
    "The time that work with a key takes", .needs("valgrind"), .needs("strip"),
    .enabled(if: (try? BuiltTool("constant-time-probe")) != nil, "the probe is not built"))
struct ConstantTimeTests {
    /// A suppression for valgrind. It covers two decisions of libsecp256k1: whether the nonce can be used, and whether
    /// r and s are valid numbers for a signature. libsecp256k1 declares that neither is a secret (secp256k1_declassify
    /// in its ecdsa_sign_inner). The inner functions have no names in Debian's build, so the suppression names the
    /// outer function.
    private static let suppression = """
        {
           declassified by libsecp256k1
           Memcheck:Cond
           obj:*/libsecp256k1.so*
           fun:secp256k1_ecdsa_sign_recoverable
        }
        """

    /// Runs the probe under valgrind. Skips the rest of the test if the probe was built without valgrind's headers.
    private func watch(_ arguments: String...) throws -> Outcome {
        let scratch = try Scratch()
        let valgrind = try #require(BuiltTool.installed("valgrind"))
        let strip = try #require(BuiltTool.installed("strip"))
        let probe = try BuiltTool("constant-time-probe")
        // Debug information is removed, because valgrind cannot read all that Swift writes into a debug build.
        try #require(strip.run(["-o", "probe", probe.path], in: scratch.path).exit == 0)
        scratch.file("known", Self.suppression)
        let outcome = try valgrind.run(
            ["-v", "--error-exitcode=9", "--suppressions=known", scratch("probe")] + arguments, in: scratch.path)
        guard outcome.exit != 3 else { try Test.cancel("the probe was built without valgrind's headers") }
        return outcome
    }

    @Test("does not depend on the key: reading, decrypting, its address, signing")
    func independent() throws {
        let outcome = try watch()
        #expect(outcome.exit == 0, "\(outcome.err)")
        // The suppression was used exactly twice, for the two decisions of libsecp256k1.
        let used = outcome.err.split(separator: "\n").filter { $0.contains("used_suppression:") }
        #expect(used.contains { $0.contains(" 2 declassified by libsecp256k1") }, "\(used)")
    }

    @Test("is seen to depend on it where it does", arguments: ["branch", "lookup"])
    func leak(kind: String) throws {
        let outcome = try watch(kind)
        #expect(outcome.exit == 9)
        #expect(outcome.err.contains("depends on uninitialised value") || outcome.err.contains("Use of uninitialised"))
    }
}
