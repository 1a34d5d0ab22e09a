import Foundation
import Testing
import AirlockToolSupport

/// `make build`, `relay` and `static` end with this script; here it is seen to be able to say no, and no to what.
@Suite("The check of a release's hardening")
struct HardeningTests {
    private static func check(_ words: [String]) throws -> (exit: Int32, lacking: Set<String>)? {
        guard BuiltTool.installed("readelf") != nil else {
            print("note: there is no readelf here, and the check was not tried: install binutils")
            return nil
        }
        let script = try #require(BuiltTool(at: SourceTree.root.appending(path: "scripts/check-hardening").path))
        let outcome = try script.run(words, in: "/", environment: ["PATH": "/usr/bin:/bin"])
        let lines = outcome.err.split(separator: "\n").map { line in
            String(line.split(separator: ": ", maxSplits: 2).last ?? line)
        }
        return (outcome.exit, Set(lines))
    }

    @Test("finds what a build for tests lacks, and nothing in a release")
    func tool() throws {
        guard let found = try Self.check([BuiltTool("airlock").path]) else { return }
        // The tests look at a release where AIRLOCK_BINARIES names one.
        let isRelease = ProcessInfo.processInfo.environment["AIRLOCK_BINARIES"]?.isEmpty == false
        #expect(found.exit == (isRelease ? 0 : 1))
        let lacking: Set = [
            "symbols are bound while it runs", "it names folders to look for libraries in", "it is not stripped",
        ]
        #expect(found.lacking == (isRelease ? [] : lacking))
    }

    @Test("takes nothing for static that needs a loader and libraries")
    func dynamic() throws {
        guard let found = try Self.check(["--static", "/proc/self/exe"]) else { return }
        #expect(found.exit == 1)
        #expect(found.lacking.isSuperset(of: ["it needs a loader", "it needs libraries"]))
    }

    @Test("finds a program that is neither position-independent nor read-only after relocation, with a stack to run")
    func weak() throws {
        let clang = ["/usr/bin/clang", "/usr/bin/cc", "/usr/bin/gcc"].lazy.compactMap { BuiltTool(at: $0) }.first
        guard let clang else { return print("note: there is no C compiler here, and no weak program was made") }
        let folder = FileManager.default.temporaryDirectory.appending(path: "airlock-weak-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("int main(void) { return 0; }\n".utf8).write(to: folder.appending(path: "weak.c"))
        let flags = ["-no-pie", "-z", "execstack", "-z", "norelro", "-z", "lazy", "-Wl,-rpath,/tmp"]
        let made = try clang.run(
            flags + ["-o", "weak", "weak.c"], in: folder.path, environment: ["PATH": "/usr/bin:/bin"])
        try #require(made.exit == 0, "\(made.err)")
        guard let found = try Self.check([folder.appending(path: "weak").path]) else { return }
        #expect(
            found.lacking == [
                "it is not position-independent", "nothing is read-only after relocation",
                "symbols are bound while it runs", "its stack can be run",
                "it names folders to look for libraries in", "it is not stripped",
            ])
    }
}
