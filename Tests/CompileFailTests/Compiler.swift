import Foundation
import AirlockTestSupport
import AirlockToolSupport

/// The Swift compiler. It compiles a few lines that import the modules as they were built for the tests.
struct Compiler {
    /// The result of a compilation. `errors` contains the errors, keyed by line number.
    struct Verdict {
        let exit: Int32
        let errors: [Int: [String]]
        /// The whole output of the compiler.
        let output: String
    }

    /// What the compiler checks in the source.
    enum Depth: CaseIterable, Sendable {
        case types
        /// The compiler also checks how each value is made, owned and consumed. It does this only if there are no type
        /// errors.
        case ownership
    }

    private let arguments: [String]

    init() throws {
        let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        // Compiling a snippet requires the module maps of the C modules. The module maps of system libraries are in
        // Sources. All others are in the build folder.
        let sources = PackageRoot.url("Sources")
        let system = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
        let built = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        // The build folder can still contain modules of an older commit, under names that are no longer used. So only
        // names that begin with Airlock are taken.
        let current = built.filter { $0.lastPathComponent.hasPrefix("Airlock") }
        let maps = (system + current).map { $0.appending(path: "module.modulemap").path }
            .filter { FileManager.default.fileExists(atPath: $0) }
        // The snippets are compiled like a program outside the package, with the strictest rules that such a program
        // can choose.
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
        // The compiler writes its temporary files into the scratch folder, so they are removed together with this
        // folder.
        let outcome = try BuiltTool.runSwift(
            arguments + mode + ["-module-cache-path", scratch("modules"), path], in: scratch.path,
            environment: ["TMPDIR": scratch.path])
        let output = outcome.out + outcome.err
        var errors: [Int: [String]] = [:]
        for line in output.split(separator: "\n") where line.hasPrefix(path) {
            // An error has the form `path:line:column: error: message`.
            let parts = line.dropFirst(path.count + 1).split(separator: ":", maxSplits: 3)
            guard parts.count == 4, let number = Int(parts[0]), parts[2] == " error" else { continue }
            errors[number, default: []].append(parts[3].trimmingCharacters(in: .whitespaces))
        }
        return Verdict(exit: outcome.exit, errors: errors, output: output)
    }
}
