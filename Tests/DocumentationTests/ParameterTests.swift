import Foundation
import Testing
import AirlockTestSupport

/// What `make docs` would refuse, seen without building anything: DocC wants all parameters documented, or none.
@Suite("The documentation of a public function")
struct ParameterTests {
    @Test("names all of its parameters, or none")
    func whole() throws {
        // A comment that documents parameters, and the start of the declaration under it.
        let documented = #/((?:\n */{3}.*)*\n */{3} +- Parameter.*(?:\n */{3}.*)*)(?:\n *@\w+)*\n *public /#
        let folder = PackageRoot.url.appending(path: "Sources")
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        var count = 0
        for name in names where name.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            for match in text.matches(of: documented) {
                count += 1
                let said = match.1.matches(of: /- (?:Parameter )?(\w+):/).map { String($0.1) }
                let parameters = Self.parameters(of: String(text[match.range.upperBound...].prefix(2000)))
                #expect(said.filter { $0 != "Parameters" }.sorted() == parameters.sorted(), "\(name)")
            }
        }
        #expect(count > 0)
    }

    /// The parameters of a declaration by the names that its body knows them by.
    static func parameters(of declaration: String) -> [String] {
        guard let open = declaration.firstIndex(of: "(") else { return [] }
        var (depth, names, before) = (0, [String](), Character(","))
        for place in declaration[open...].dropFirst().indices {
            if before == ",", depth == 0, let match = declaration[place...].prefixMatch(of: /\s*(?:\w+ )?(\w+):/) {
                names.append(String(match.1))
            }
            let character = declaration[place]
            if "([<{".contains(character) { depth += 1 }
            if ")]}".contains(character) || character == ">" && before != "-" { depth -= 1 }
            if depth < 0 { break }
            before = character
        }
        return names
    }

    @Test(
        "has the parameters that stand there",
        arguments: [
            ("init(_ path: String, creating: Bool) throws(E) { f(a: 1) }", ["path", "creating"]),
            ("func f<T>(at place: Int,\n _ body: (inout A, B) -> Void = { _ in }, c: [D: E])", ["place", "body", "c"]),
            ("var x: Int", []),
        ])
    func parser(declaration: String, names: [String]) {
        #expect(Self.parameters(of: declaration) == names)
    }
}
