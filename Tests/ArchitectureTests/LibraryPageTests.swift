import Foundation
import Testing
import AirlockTestSupport

/// docs/Airlock.docc has a page for each library product.
@Suite("The pages of the libraries")
struct LibraryPageTests {
    /// The Debian package of each system library that a library product can need.
    private static let packages = [
        "CSecp256k1": "libsecp256k1-dev", "CGcrypt": "libgcrypt20-dev", "CCurl": "libcurl4-openssl-dev",
        "CPQ": "libpq-dev", "CSQLite": "libsqlite3-dev",
    ]

    @Test("are one for each library, and name the Debian packages that the manifest makes it need")
    func needs() throws {
        let targets = try SourceTree.targets()
        let needs = Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0.dependencies) })
        let products = try SourceTree.libraries()
        #expect(products.count > 30)
        let makefile = try String(contentsOf: PackageRoot.url("Makefile"), encoding: .utf8)
        for product in products {
            var (reached, waiting): (Set<String>, [String]) = ([], [product])
            while let next = waiting.popLast() {
                for one in needs[next] ?? [] where reached.insert(one).inserted { waiting.append(one) }
            }
            let wanted = reached.compactMap { Self.packages[$0] }.sorted()
            for package in wanted { #expect(makefile.contains(" \(package)"), "\(package) is not installed") }
            let page = PackageRoot.url("docs/Airlock.docc/Airlock\(product).md")
            let said = try String(contentsOf: page, encoding: .utf8)
            let words = wanted.isEmpty ? "none" : wanted.map { "`\($0)`" }.joined(separator: ", ")
            #expect(said.contains("\nDebian packages: \(words).\n"), "\(product)")
            #expect(said.contains(" stable"), "\(product) does not say what is stable")
        }
    }
}
