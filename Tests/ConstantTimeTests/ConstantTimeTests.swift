import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("The time that work with a key takes")
struct ConstantTimeTests {
    /// Whether the nonce can be used, and whether r and s came out as numbers that a signature may have: libsecp256k1
    /// says of both that they are no secret (secp256k1_declassify in its ecdsa_sign_inner). Its inner functions have no
    /// names in Debian's build.
    private static let suppression = """
        {
           declassified by libsecp256k1
           Memcheck:Cond
           obj:*/libsecp256k1.so*
           fun:secp256k1_ecdsa_sign_recoverable
        }
        """

    /// Runs the probe under valgrind; nothing, and a word about it, where that cannot be done.
    private func watch(_ arguments: String...) throws -> Outcome? {
        let scratch = try Scratch()
        guard let valgrind = BuiltTool.installed("valgrind"), let strip = BuiltTool.installed("strip"),
            let probe = try? BuiltTool("constant-time-probe")
        else {
            print("note: no valgrind, strip or probe, so no time was looked at")
            return nil
        }
        // valgrind cannot read all that Swift says of a debug build.
        try #require(strip.run(["-o", "probe", probe.path], in: scratch.path).exit == 0)
        scratch.file("known", Self.suppression)
        let outcome = try valgrind.run(
            ["-v", "--error-exitcode=9", "--suppressions=known", scratch("probe")] + arguments, in: scratch.path)
        guard outcome.exit != 3 else {
            print("note: the probe was built without valgrind's headers, so no time was looked at")
            return nil
        }
        return outcome
    }

    @Test("does not depend on the key: reading, decrypting, its address, signing")
    func independent() throws {
        guard let outcome = try watch() else { return }
        #expect(outcome.exit == 0, "\(outcome.err)")
        // Both of libsecp256k1's own, and no other.
        let used = outcome.err.split(separator: "\n").filter { $0.contains("used_suppression:") }
        #expect(used.contains { $0.contains(" 2 declassified by libsecp256k1") }, "\(used)")
    }

    @Test("is seen to depend on it where it does", arguments: ["branch", "lookup"])
    func leak(kind: String) throws {
        guard let outcome = try watch(kind) else { return }
        #expect(outcome.exit == 9)
        #expect(outcome.err.contains("depends on uninitialised value") || outcome.err.contains("Use of uninitialised"))
    }
}
