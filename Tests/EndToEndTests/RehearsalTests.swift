import Foundation
import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    @Suite("The page about a rehearsal")
    struct Rehearsal {
        /// Returns the blocks of shell commands in docs/rehearsal.md, each with its mark. The mark is the word after
        /// `sh` in the first line of the block, such as `refused`. It is empty if there is no such word.
        private static func blocks() throws -> [(mark: String, commands: String)] {
            let page = try String(contentsOfFile: "\(PackageRoot.path)/docs/rehearsal.md", encoding: .utf8)
            return page.components(separatedBy: "\n```sh").dropFirst().map { block in
                let lines = block.components(separatedBy: "\n```")[0].split(
                    separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
                return (lines[0].trimmingCharacters(in: .whitespaces), lines.dropFirst().joined() + "\n")
            }
        }

        @Test("holds commands that work, one after the other, on a chain with Base Sepolia's id")
        func commands() throws {
            let python = try #require(BuiltTool.python).path
            let scratch = try Scratch()
            // Creates the folder in which the commands of docs/rehearsal.md run. The folder looks like a clone of the
            // repository, but it contains only the tools, Python and the devnet, at their usual paths.
            for folder in [".build", ".venv/bin", "Tests"] {
                try FileManager.default.createDirectory(
                    atPath: scratch(folder), withIntermediateDirectories: true)
            }
            scratch.file(".venv/bin/python", "#!/bin/sh\nexec \(python) \"$@\"\n", mode: 0o700)
            for (link, target) in [
                (".build/release", BuiltTool.folder), ("Tests/Devnet", "\(PackageRoot.path)/Tests/Devnet"),
            ] {
                try FileManager.default.createSymbolicLink(
                    atPath: scratch(link), withDestinationPath: target)
            }
            var script = "set -eu\n"
            let blocks = try Self.blocks()
            for (mark, commands) in blocks {
                switch mark {
                case "refused": script += "if \(commands.dropLast()); then echo not refused; exit 99; fi\n"
                default: script += commands
                }
            }
            #expect(Set(blocks.map(\.mark)) == ["", "devnet", "refused"])
            scratch.file("script", script)
            let folder = try Scratch()
            let outcome = try #require(BuiltTool.installed("sh")).run(
                [scratch("script")], in: folder.path,
                environment: [
                    "PATH": "/usr/bin:/bin", "HOME": folder.path, "CLONE": scratch.path,
                    "PYTHONDONTWRITEBYTECODE": "1",
                ], seconds: 240)
            #expect(outcome.exit == 0, "\(outcome.err)")
            let results = outcome.out
            #expect(results.components(separatedBy: "\nsettled 0x").count == 3, "\(results)")
            #expect(outcome.err.contains("AlreadyProcessed(): this intent has been paid already"))
            #expect(results.contains("\nchainId               84532\n"))
        }
    }
}
