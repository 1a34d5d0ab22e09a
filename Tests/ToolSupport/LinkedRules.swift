public import AirlockDiagnostics
import Foundation

/// The rules of the modules that a tool is linked from. They are found by the symbols of the tool's binary.
public struct LinkedRules {
    /// The enum types that define the rules. The tests are linked from the same modules, so the test process contains
    /// these types too.
    public let types: [any Rule.Type]
    /// The names of the types for which the tool has advice.
    public let advised: Set<String>

    public init(of tool: String) throws {
        guard let shell = BuiltTool.installed("sh"), BuiltTool.installed("nm") != nil else {
            throw ToolFailure("there is no nm: install binutils")
        }
        let path = try BuiltTool(tool).path
        let line = "nm --defined-only '\(path)' | grep -E '(OMn|7Advised.*Mc)$'"
        let outcome = try shell.run(["-c", line], in: "/", environment: ["PATH": "/usr/bin:/bin"])
        let symbols = outcome.out.split(separator: "\n").compactMap { $0.split(separator: " ").last }
            .filter { $0.hasPrefix("$s") }.map { $0.dropFirst(2) }
        // The symbol of a nominal type descriptor is the mangled name of the type, followed by Mn.
        let found = symbols.filter { $0.hasSuffix("Mn") }.compactMap { symbol in
            let mangled = String(symbol.dropLast(2))
            return (_typeByName(mangled) as? any Rule.Type).map { (mangled, $0) }
        }
        let conformances = symbols.filter { $0.hasSuffix("Mc") }
        types = found.map(\.1)
        advised = Set(
            found.filter { mangled, _ in conformances.contains { $0.hasPrefix(mangled) } }
                .map { String(describing: $0.1) })
    }

    /// Returns all rules of a type.
    public static func rules(of type: any Rule.Type) -> [any Rule] {
        func all<R: Rule>(_ type: R.Type) -> [any Rule] { Array(type.allCases) }
        return all(type)
    }
}
