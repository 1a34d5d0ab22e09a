import Foundation
import AirlockTestSupport
import AirlockToolSupport

/// The Swift compiler, asked what it thinks of a few lines that use the modules as they were built for the tests.
struct Compiler {
    /// What the compiler says of one line: the errors, by the number of the line.
    struct Verdict {
        let exit: Int32
        let errors: [Int: [String]]
        /// All that was said.
        let output: String
    }

    /// How far it looks.
    enum Depth: CaseIterable, Sendable {
        case types
        /// Also how each value is made, owned and used up; nothing is said of that while a type is wrong.
        case ownership
    }

    private let arguments: [String]

    init() throws {
        let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        // The modules of C that ours are made of: the maps of the system's libraries, and the one that the build wrote.
        let sources = PackageRoot.url("Sources")
        let system = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
        let built = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        // A build folder keeps what an older commit built there, under names that modules have no longer.
        let current = built.filter { $0.lastPathComponent.hasPrefix("Airlock") }
        let maps = (system + current).map { $0.appending(path: "module.modulemap").path }
            .filter { FileManager.default.fileExists(atPath: $0) }
        // A caller outside the package, by the strictest rules that it could choose.
        arguments =
            [
                "swiftc", "-swift-version", "6", "-enable-upcoming-feature", "MemberImportVisibility",
                "-diagnostic-style", "llvm", "-no-color-diagnostics", "-I", folder.appending(path: "Modules").path,
            ] + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
    }

    func verdict(on source: String, _ depth: Depth) throws -> Verdict {
        let scratch = try Scratch()
        let path = scratch.file("Snippets.swift", source)
        let mode = depth == .types ? ["-typecheck"] : ["-emit-sil", "-parse-as-library", "-o", "/dev/null"]
        // What the compiler puts beside its work goes with it.
        let outcome = try BuiltTool.runSwift(
            arguments + mode + ["-module-cache-path", scratch("modules"), path], in: scratch.path,
            environment: ["TMPDIR": scratch.path])
        let output = outcome.out + outcome.err
        var errors: [Int: [String]] = [:]
        for line in output.split(separator: "\n") where line.hasPrefix(path) {
            // path:line:column: error: message
            let parts = line.dropFirst(path.count + 1).split(separator: ":", maxSplits: 3)
            guard parts.count == 4, let number = Int(parts[0]), parts[2] == " error" else { continue }
            errors[number, default: []].append(parts[3].trimmingCharacters(in: .whitespaces))
        }
        return Verdict(exit: outcome.exit, errors: errors, output: output)
    }
}
