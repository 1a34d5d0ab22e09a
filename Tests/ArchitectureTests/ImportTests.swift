import Foundation
import Testing
import AirlockTestSupport

@Suite("The rooms of the house")
struct ImportTests {
    static let targets = HouseRules.rows.map(\.target)

    @Test("are all on the page, each once, and a row names only rows above it")
    func page() throws {
        #expect(Set(Self.targets).count == Self.targets.count)
        for folder in try SourceTree.folders(in: "Sources") { #expect(Self.targets.contains(folder)) }
        for (index, row) in HouseRules.rows.enumerated() {
            #expect(row.allowed.isSubset(of: Self.targets[..<index]), "\(row.target)")
        }
    }

    @Test("import what the page allows them, and nothing of Foundation", arguments: HouseRules.rows.map(\.target))
    func allowed(target: String) throws {
        let row = try #require(HouseRules.rows.first { $0.target == target })
        for (module, file) in try SourceTree.imports(of: "Sources/\(target)") {
            #expect(
                row.allowed.union(HouseRules.free).contains(module),
                "\(target) may not import \(module), as \(file) does")
        }
    }

    @Test("have no way to what they are kept apart from", arguments: HouseRules.apart.map(\.target))
    func apart(target: String) throws {
        let never = try #require(HouseRules.apart.first { $0.target == target }).never
        let reached = try Self.reach(of: target)
        #expect(reached.isDisjoint(with: never), "\(target) reaches \(reached.intersection(never).sorted())")
    }

    /// Returns the target and all modules that it imports, either directly or through other modules.
    static func reach(of target: String) throws -> Set<String> {
        var reached: Set<String> = [target]
        var waiting = [target]
        while let next = waiting.popLast() {
            for module in try SourceTree.imports(of: "Sources/\(next)").keys where reached.insert(module).inserted {
                waiting.append(module)
            }
        }
        return reached
    }

    @Test("depend in Package.swift on what they import, and on nothing else")
    func manifest() throws {
        let targets = try SourceTree.targets()
        let known = try Set(targets.map(\.name)).union(SourceTree.folders(in: "Sources"))
            .union(SourceTree.folders(in: "Tests"))
        #expect(targets.count > 20)
        for target in targets {
            let imported = Set(try SourceTree.imports(of: target.folder).keys).intersection(known)
            let missing = imported.subtracting(target.dependencies)
            let needless = target.dependencies.subtracting(imported).subtracting(target.unimported)
            #expect(missing.isEmpty, "\(target.name) imports \(missing.sorted()) and does not say so")
            #expect(needless.isEmpty, "\(target.name) depends on \(needless.sorted()) and does not import it")
        }
        let declared = Set(targets.map(\.folder))
        for folder in try SourceTree.folders(in: "Sources") where !folder.hasPrefix("C") || folder == "CommandLineTool"
        {
            #expect(declared.contains("Sources/\(folder)"), "\(folder) is not in Package.swift")
        }
        for folder in try SourceTree.folders(in: "Tests") where folder.hasSuffix("Tests") {
            #expect(declared.contains("Tests/\(folder)"), "\(folder) is not in Package.swift")
        }
    }

    @Test("where tests live start processes through ToolSupport, and none through Foundation, which has crashed there")
    func processes() throws {
        let files = try SourceTree.files(under: "Tests")
        #expect(files.count > 100)
        for (name, text) in files {
            #expect(!text.contains(/\bProcess\s*(\.init|\.run)?\s*\(/), "\(name) starts a process by itself")
        }
    }

    @Test("are found by every form of an import")
    func forms() throws {
        let folder = try Scratch()
        let text = """
            import A
            public import B
              internal import struct C.Part
            @testable import D
            @_implementationOnly private import E
            // import F
            let important = "import G"
            import H.I
            """
        folder.file("a.swift", text)
        let path = String(repeating: "../", count: PackageRoot.url.pathComponents.count) + folder.path
        #expect(try SourceTree.imports(of: path).keys.sorted() == ["A", "B", "C", "D", "E", "H"])
    }
}
