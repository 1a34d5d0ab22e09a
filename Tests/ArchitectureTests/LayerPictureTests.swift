import Foundation
import Testing
import AirlockTestSupport

/// docs/layers.svg is drawn by `make picture`, from the manifest.
@Suite("The picture of the layers")
struct LayerPictureTests {
    /// Returns the names of the nodes and edges. graphviz writes each name into a `<title>` element of the picture.
    private static func titles() throws -> [String] {
        let text = try String(contentsOf: PackageRoot.url("docs/layers.svg"), encoding: .utf8)
        return text.matches(of: /<title>([^<]*)<\/title>/).map {
            String($0.1).replacing("&#45;", with: "-").replacing("&gt;", with: ">")
        }
    }

    /// Returns, for each node of a graph, all nodes that can be reached from it. `needs` contains the edges from each
    /// node.
    private static func reach(_ needs: [String: Set<String>]) -> [String: Set<String>] {
        needs.mapValues { below in
            var (found, waiting) = (below, Array(below))
            while let next = waiting.popLast() {
                for one in needs[next] ?? [] where found.insert(one).inserted { waiting.append(one) }
            }
            return found
        }
    }

    @Test("has every layer, a line only where the manifest has a dependency, and a way for each of these")
    func current() throws {
        let layers = try SourceTree.targets().filter { $0.folder.hasPrefix("Sources/") }
        let names = Set(layers.map(\.name))
        let needs = Dictionary(uniqueKeysWithValues: layers.map { ($0.name, $0.dependencies.intersection(names)) })
        #expect(names.count > 30)
        let titles = try Self.titles()
        var drawn = Dictionary(uniqueKeysWithValues: names.map { ($0, Set<String>()) })
        for edge in titles where edge.contains("->") {
            let ends = edge.split(separator: "->").map(String.init)
            #expect(needs[ends[0]]?.contains(ends[1]) == true, "docs/layers.svg is out of date (make picture): \(edge)")
            drawn[ends[0], default: []].insert(ends[1])
        }
        #expect(Set(titles.filter { !$0.contains("->") }).subtracting(["layers"]) == names)
        #expect(Self.reach(drawn) == Self.reach(needs), "docs/layers.svg is out of date: make picture")
    }
}
