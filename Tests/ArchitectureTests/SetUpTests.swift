import Foundation
import Testing
import AirlockToolSupport
import AirlockTestSupport

/// Tests of what `make` checks and prepares before it compiles anything.
@Suite("The set-up")
struct SetUpTests {
    /// Runs a script of the package. The script finds only the system's programs and the given programs.
    private static func run(
        _ script: String, _ words: [String], programs: [String: String] = [:]
    ) throws -> (outcome: Outcome, folder: Scratch) {
        let folder = try Scratch()
        for (name, text) in programs { folder.file(name, "#!/bin/sh\n\(text)\n", mode: 0o700) }
        let tool = try #require(BuiltTool(at: PackageRoot.url.appending(path: "scripts/\(script)").path))
        let outcome = try tool.run(
            words.map { $0.replacing("FOLDER", with: folder.path) }, in: PackageRoot.url.path,
            environment: ["PATH": "\(folder.path):/usr/bin:/bin"])
        return (outcome, folder)
    }

    @Test("says in one sentence that there is no Swift, or that it is too old")
    func toolchain() throws {
        let (missing, _) = try Self.run("check-toolchain", ["swift-of-nowhere"])
        #expect(missing.exit == 1)
        #expect(missing.err.hasPrefix("error: there is no swift-of-nowhere on the PATH: "))
        #expect(missing.err.split(separator: "\n").count == 1)
        let (old, _) = try Self.run(
            "check-toolchain", ["swift-of-old"], programs: ["swift-of-old": "echo 'Swift version 6.1.2'"])
        #expect(old.exit == 1 && old.err.hasPrefix("error: Swift 6.2 or newer is needed, "))
    }

    @Test("makes no link to a libstdc++.a that the compiler does not find")
    func libraries() throws {
        // `clang -print-file-name` prints the file's path if clang finds the file. If clang does not find it, only the
        // name is printed.
        let (outcome, folder) = try Self.run(
            "link-static", ["FOLDER/static", "swift-of-here"],
            programs: ["swift-of-here": "", "clang": "echo libstdc++.a"])
        #expect(outcome.exit == 1)
        #expect(outcome.err.hasPrefix("error: the compiler finds no libstdc++.a\n"))
        #expect(!FileManager.default.fileExists(atPath: folder("static")))
    }

    @Test("installs what the link needs, and no build advises to install what it does not use")
    func packages() throws {
        let makefile = try String(contentsOf: PackageRoot.url.appending(path: "Makefile"), encoding: .utf8)
        let offline = try #require(makefile.split(separator: "\n").first { $0.hasPrefix("OFFLINE_PACKAGES := ") })
        #expect(offline.split(separator: " ").contains("libstdc++-12-dev"))
        let manifest = try String(contentsOf: PackageRoot.url.appending(path: "Package.swift"), encoding: .utf8)
        #expect(!manifest.contains("pkgConfig:") && !manifest.contains("providers:"))
    }
}
