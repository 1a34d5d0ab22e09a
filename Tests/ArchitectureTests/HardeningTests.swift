import Foundation
import Testing
import AirlockToolSupport
import AirlockTestSupport

/// `make build`, `make relay` and `make static` end with the script check-hardening. These tests show that the script
/// can fail, and what it reports.
@Suite("The check of a release's hardening", .needs("readelf"))
struct HardeningTests {
    private static func check(_ words: [String]) throws -> (exit: Int32, lacking: Set<String>) {
        let script = try #require(BuiltTool(at: PackageRoot.url.appending(path: "scripts/check-hardening").path))
        let outcome = try script.run(words, in: "/", environment: ["PATH": "/usr/bin:/bin"])
        let lines = outcome.err.split(separator: "\n").map { line in
            String(line.split(separator: ": ", maxSplits: 2).last ?? line)
        }
        return (outcome.exit, Set(lines))
    }

    @Test("finds what a build for tests lacks, and nothing in a release")
    func tool() throws {
        let found = try Self.check([BuiltTool("airlock").path])
        // If AIRLOCK_BINARIES is set, it names the folder of a release, and the tests run the tools of this release.
        let isRelease = ProcessInfo.processInfo.environment["AIRLOCK_BINARIES"]?.isEmpty == false
        #expect(found.exit == (isRelease ? 0 : 1))
        let lacking: Set = [
            "symbols are bound while it runs", "it names folders to look for libraries in", "it is not stripped",
        ]
        #expect(found.lacking == (isRelease ? [] : lacking))
    }

    @Test("takes nothing for static that needs a loader and libraries")
    func dynamic() throws {
        let found = try Self.check(["--static", "/proc/self/exe"])
        #expect(found.exit == 1)
        #expect(found.lacking.isSuperset(of: ["it needs a loader", "it needs libraries"]))
    }

    @Test(
        "finds a program that is neither position-independent nor read-only after relocation, with a stack to run",
        .needs("cc"))
    func weak() throws {
        let compiler = try #require(BuiltTool.installed("cc"))
        let folder = try Scratch()
        folder.file("weak.c", "int main(void) { return 0; }\n")
        let flags = ["-no-pie", "-z", "execstack", "-z", "norelro", "-z", "lazy", "-Wl,-rpath,/tmp"]
        let made = try compiler.run(
            flags + ["-o", "weak", "weak.c"], in: folder.path, environment: ["PATH": "/usr/bin:/bin"])
        try #require(made.exit == 0, "\(made.err)")
        let found = try Self.check([folder("weak")])
        #expect(
            found.lacking == [
                "it is not position-independent", "nothing is read-only after relocation",
                "symbols are bound while it runs", "its stack can be run",
                "it names folders to look for libraries in", "it is not stripped",
            ])
    }
}
