import Foundation
import Testing
import AirlockTestSupport
import AirlockToolSupport

/// The files of the package on disk.
enum SourceTree {
    /// Returns the names of the folders in a folder of the package.
    static func folders(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            at: PackageRoot.url.appending(path: name), includingPropertiesForKeys: [.isDirectoryKey]
        )
        .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
        .map(\.lastPathComponent).sorted()
    }

    /// Returns the Swift files in a folder and its subfolders, with their contents.
    static func files(under folder: String) throws -> [(name: String, text: String)] {
        let url = PackageRoot.url.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.map {
            ($0, try String(contentsOf: url.appending(path: $0), encoding: .utf8))
        }
    }

    /// Returns the modules that the Swift files of a folder import, each with one file that imports it. A module of the
    /// package is named after its folder.
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

    /// A target of the manifest. Targets are named after their folders, except executables, which keep their names.
    struct Target {
        let name: String
        let folder: String
        let dependencies: Set<String>
        /// Dependencies that the target need not import: the module that a test target is named after, and tools that
        /// the tests run.
        let unimported: Set<String>
    }

    /// Returns the targets that contain Swift code.
    static func targets() throws -> [Target] {
        let targets = try manifest.get().targets
        let folders = Dictionary(
            uniqueKeysWithValues: targets.map { ($0.name, String($0.path.split(separator: "/").last ?? "")) })
        let tools = Set(targets.filter { $0.type == "executable" }.map(\.name))
        return targets.filter { $0.type != "system" && !$0.settings.isEmpty }.map { target in
            let isTest = target.path.hasPrefix("Tests/")
            let name = target.type == "executable" ? target.name : folders[target.name] ?? target.name
            let dependencies = target.dependencies.map {
                tools.contains($0.name) ? $0.name : folders[$0.name] ?? $0.name
            }
            return Target(
                name: name, folder: target.path, dependencies: Set(dependencies),
                unimported: isTest ? tools.union(name.hasSuffix("Tests") ? [String(name.dropLast(5))] : []) : [])
        }
    }

    /// Returns the library products. Each has the name of its module's folder.
    static func libraries() throws -> [String] {
        try manifest.get().products.map(\.name).filter { $0.hasPrefix("Airlock") }.map { String($0.dropFirst(7)) }
    }

    /// The manifest, as `swift package dump-package` prints it.
    private static let manifest = Result {
        let scratch = try Scratch()
        let outcome = try BuiltTool.runSwift(
            ["swift", "package", "--package-path", PackageRoot.path, "--scratch-path", scratch.path, "dump-package"],
            in: scratch.path, environment: ["TMPDIR": scratch.path])
        try #require(outcome.exit == 0, "\(outcome.err)")
        return try JSONDecoder().decode(Manifest.self, from: Data(outcome.out.utf8))
    }

    /// The parts of the manifest's JSON that the tests read.
    private struct Manifest: Decodable {
        let targets: [Target]
        let products: [Product]

        struct Product: Decodable {
            let name: String
        }

        struct Target: Decodable {
            let name: String
            let path: String
            let type: String
            let dependencies: [Dependency]
            let settings: [Setting]
        }

        struct Setting: Decodable {}

        /// A dependency of a target. In the manifest's JSON, a dependency has the form `{"byName":["Name",null]}`. A
        /// dependency with a condition has the form `{"target":["Name",{…}]}`.
        struct Dependency: Decodable {
            let name: String

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Key.self)
                let key = try #require(container.allKeys.first)
                var list = try container.nestedUnkeyedContainer(forKey: key)
                name = try list.decode(String.self)
            }

            struct Key: CodingKey {
                let stringValue: String
                var intValue: Int? { nil }

                init(stringValue: String) { self.stringValue = stringValue }

                init?(intValue: Int) { nil }
            }
        }
    }
}
