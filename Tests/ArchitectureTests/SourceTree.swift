import Foundation
import Testing

/// The package as it lies on the disk.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folders in one of the package's.
    static func folders(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            at: root.appending(path: name), includingPropertiesForKeys: [.isDirectoryKey]
        )
        .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
        .map(\.lastPathComponent).sorted()
    }

    /// The Swift files under a folder, and what stands in them.
    static func files(under folder: String) throws -> [(name: String, text: String)] {
        let url = root.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.map {
            ($0, try String(contentsOf: url.appending(path: $0), encoding: .utf8))
        }
    }

    /// The modules that the Swift files of a folder import, each with one of the files; ours by their folders' names.
    static func imports(of folder: String) throws -> [String: String] {
        var found: [String: String] = [:]
        let statement =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
            .anchorsMatchLineEndings()
        for (name, text) in try files(under: folder) {
            for match in text.matches(of: statement) {
                found[String(match.1.hasPrefix("Airlock") ? match.1.dropFirst(7) : match.1)] = name
            }
        }
        return found
    }

    /// A target as the manifest declares it.
    struct Target {
        let name: String
        let folder: String
        /// Those that it names; of a layer's tests, the layer too.
        let dependencies: Set<String>
        /// Those that it need not import: what tests are for, and tools that are there to be run.
        let unimported: Set<String>
    }

    /// Reads the manifest's own short words: `layer`, `drawing`, `tool`, `tests`, `suite`, `support` and `supportTool`.
    static func manifest() throws -> [Target] {
        let text = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        let call =
            /\b(layer|drawing|tool|tests|suite|support|supportTool)\(\s*"([^"]+)"(?:,\s*"([^"]+)")?(?:,\s*\[([^\]]*)\])?(?:,\s*(?:with|running):\s*\[([^\]]*)\])?(?:,\s*embedding:\s*\[[^\]]*\])?\s*\)/
        let calls = text.matches(of: call).map { match in
            (
                word: String(match.1), name: String(match.2), folder: match.3.map(String.init),
                named: Set("\(match.4 ?? "")\(match.5 ?? "")".matches(of: /"([^"]+)"/).map { String($0.1) })
            )
        }
        let tools = Set(calls.filter { $0.word == "tool" || $0.word == "supportTool" }.map(\.name))
        return calls.map { call in
            switch call.word {
            case "layer", "drawing", "tool":
                Target(name: call.name, folder: "Sources/\(call.name)", dependencies: call.named, unimported: [])
            case "tests":
                Target(
                    name: "\(call.name)Tests", folder: "Tests/\(call.name)Tests",
                    dependencies: call.named.union([call.name]), unimported: tools.union([call.name]))
            default:
                Target(
                    name: call.name, folder: "Tests/\(call.folder ?? call.name)", dependencies: call.named,
                    unimported: tools)
            }
        }
    }
}
