import Foundation
import Testing
import AirlockTestSupport
import AirlockToolSupport

/// The package as it lies on the disk.
enum SourceTree {
    /// The folders in one of the package's.
    static func folders(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            at: PackageRoot.url.appending(path: name), includingPropertiesForKeys: [.isDirectoryKey]
        )
        .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
        .map(\.lastPathComponent).sorted()
    }

    /// The Swift files under a folder, and what stands in them.
    static func files(under folder: String) throws -> [(name: String, text: String)] {
        let url = PackageRoot.url.appending(path: folder)
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

    /// A target of the manifest. Modules are called as their folders are.
    struct Target {
        let name: String
        let folder: String
        let dependencies: Set<String>
        /// Dependencies that it need not import: the layer that tests are named for, and tools that tests run.
        let unimported: Set<String>
    }

    /// The targets that hold Swift code.
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

    /// The library products, by the names of their modules' folders.
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

    /// What is read of the manifest's JSON.
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

        /// `{"byName":["Name",null]}`, or `{"target":["Name",{…}]}` with a condition.
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
