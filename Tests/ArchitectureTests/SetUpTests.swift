import Foundation
import Testing
import AirlockToolSupport

/// What `make` finds out before it compiles anything.
@Suite("The set-up")
struct SetUpTests {
    /// Runs a script of the package where nothing but the system's own programs, and these, can be found.
    private static func run(
        _ script: String, _ words: [String], programs: [String: String] = [:]
    ) throws -> (outcome: Outcome, folder: URL) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "airlock-set-up-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        for (name, text) in programs {
            let file = folder.appending(path: name)
            try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file.path)
        }
        let tool = try #require(BuiltTool(at: SourceTree.root.appending(path: "scripts/\(script)").path))
        let outcome = try tool.run(
            words.map { $0.replacing("FOLDER", with: folder.path) }, in: SourceTree.root.path,
            environment: ["PATH": "\(folder.path):/usr/bin:/bin"])
        return (outcome, folder)
    }

    @Test("says in one sentence that there is no Swift, or that it is too old")
    func toolchain() throws {
        let (missing, nothing) = try Self.run("check-toolchain", ["swift-of-nowhere"])
        defer { try? FileManager.default.removeItem(at: nothing) }
        #expect(missing.exit == 1)
        #expect(missing.err.hasPrefix("error: there is no swift-of-nowhere on the PATH: "))
        #expect(missing.err.split(separator: "\n").count == 1)
        let (old, programs) = try Self.run(
            "check-toolchain", ["swift-of-old"], programs: ["swift-of-old": "echo 'Swift version 6.1.2'"])
        defer { try? FileManager.default.removeItem(at: programs) }
        #expect(old.exit == 1 && old.err.hasPrefix("error: Swift 6.2 or newer is needed, "))
    }

    @Test("makes no link to a libstdc++.a that the compiler does not find")
    func libraries() throws {
        // As clang answers where there is no such file.
        let (outcome, folder) = try Self.run(
            "link-static", ["FOLDER/static", "swift-of-here"],
            programs: ["swift-of-here": "", "clang": "echo libstdc++.a"])
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(outcome.exit == 1)
        #expect(outcome.err.hasPrefix("error: the compiler finds no libstdc++.a\n"))
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "static").path))
    }

    @Test("installs what the link needs, and no build advises to install what it does not use")
    func packages() throws {
        let makefile = try String(contentsOf: SourceTree.root.appending(path: "Makefile"), encoding: .utf8)
        let offline = try #require(makefile.split(separator: "\n").first { $0.hasPrefix("OFFLINE_PACKAGES := ") })
        #expect(offline.split(separator: " ").contains("libstdc++-12-dev"))
        let manifest = try String(contentsOf: SourceTree.root.appending(path: "Package.swift"), encoding: .utf8)
        #expect(!manifest.contains("pkgConfig:") && !manifest.contains("providers:"))
    }
}
