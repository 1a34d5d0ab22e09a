import Foundation
import AirlockDiagnostics
import AirlockStrictJSON
import Testing
import AirlockTestSupport
import AirlockToolSupport

/// Every refusal has an error code, and every error code occurs in a test that shows the refusal.
@Suite("The catalogue of refusals")
struct RefusalCatalogueTests {
    /// Returns the text of each Swift file in a folder, keyed by the file's path inside the folder.
    private static func sources(_ folder: String) throws -> [String: String] {
        let url = PackageRoot.url(folder)
        let names = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
        return try Dictionary(
            uniqueKeysWithValues: names.filter { $0.hasSuffix(".swift") }.map {
                ($0, try String(contentsOf: url.appending(path: $0), encoding: .utf8))
            })
    }

    /// Returns the rules of all modules of both tools.
    private static func declared() throws -> [any Rule] {
        let types = try ["airlock", "airlock-relay"].flatMap { try LinkedRules(of: $0).types }
        let unique = Dictionary(types.map { (String(reflecting: $0), $0) }, uniquingKeysWith: { first, _ in first })
        return unique.sorted { $0.key < $1.key }.flatMap { LinkedRules.rules(of: $0.value) }
    }

    /// Returns the error codes that `explain --json` of a tool prints, each with its JSON object.
    private static func explained(_ tool: String) throws -> [(code: String, entry: JSONValue)] {
        let outcome = try BuiltTool(tool).run(["explain", "--json"], in: "/", environment: [:])
        return try (document(outcome.out)["codes"]?.elements ?? []).map { (try #require($0["code"]?.string), $0) }
    }

    @Test(
        "says of each rule, once, what it means, what to do, and how the process ends",
        arguments: ["airlock", "airlock-relay"])
    func explained(tool: String) throws {
        let entries = try Self.explained(tool)
        #expect(entries.count > 100 && Set(entries.map(\.code)).count == entries.count)
        for (code, entry) in entries {
            #expect(code.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+/) != nil, "\(code)")
            for part in ["meaning", "next"] {
                let text = entry[part]?.string ?? ""
                #expect(text.count > 8 && !text.hasSuffix("."), "\(code): \(text)")
                #expect(text.utf8.allSatisfy { 0x20...0x7e ~= $0 }, "\(code): \(text)")
            }
            #expect(entry["exit"]?.number.flatMap { Int($0) } ?? 0 > 0, "\(code)")
        }
    }

    @Test("holds every rule that any module declares, and no two modules declare the same")
    func complete() throws {
        let declared = try Self.declared()
        #expect(declared.count > 200 && Set(declared.map { $0.rawValue }).count == declared.count)
        let explained = try Set(["airlock", "airlock-relay"].flatMap { try Self.explained($0).map(\.code) })
        #expect(Set(declared.map { $0.rawValue }).symmetricDifference(explained).sorted() == [])
    }

    /// Rules whose error code occurs in no test, each with the reason.
    private static let unshown = [
        "doctor.clock-wrong": "the machine's clock is not a test's to set",
        "doctor.network-up": "it is the machine's: DoctorTests expects what the kernel says of its interfaces",
        "doctor.no-key": "a finding that DoctorTests knows by its subject",
        "doctor.no-landlock":
            "the kernels on which the tests run have it: SealTests takes it away, and shows what is left",
        "doctor.no-policy": "a finding that DoctorTests knows by its subject",
        "doctor.not-sealed": "no kernel on which the tests run refuses the seal",
        "key.engine-failed": "no input is known for which libsecp256k1 fails",
        "mnemonic.wrong-word": "KeyTerminalTests reads it on the terminal, in words",
        "self-check.other-call": "only a mistake of ours reaches it: PermitTests plants one",
        "send.declined": "WatchingTests knows it by its exit code, on the terminal where it is asked",
        "scan.not-text": "standard output is a terminal in no test",
        "output.not-written": "there is no place for its code: RareRefusals reads it in words",
    ]

    @Test("holds no rule that no test shows")
    func shown() throws {
        let tests = try Self.sources("Tests").filter { !#filePath.hasSuffix($0.key) }
        // A test names a rule in one of three ways. The first is the error code in quotes, alone or followed by a space
        // and the field. The second is the name of the rule's enum, a dot, and the case. The third is the short name of
        // the case, but only in the tests of the module that declares the rule.
        let quoted = Set(
            tests.values.flatMap { $0.matches(of: /"([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:"| [^"]*")/).map { String($0.1) } })
        let named = Set(tests.values.flatMap { $0.matches(of: /(\w+Rule)\.`?(\w+)/).map { "\($0.1).\($0.2)" } })
        let short = Dictionary(grouping: tests, by: { $0.key.prefix { $0 != "/" } })
            .mapValues { files in
                Set(files.flatMap { $0.value.matches(of: /[^\w)\]]\.`?(\w+)/).map { String($0.1) } })
            }
        let unshown = try Self.declared().filter { rule in
            let type = String(describing: Swift.type(of: rule))
            let module = String(reflecting: Swift.type(of: rule)).dropFirst("Airlock".count).prefix { $0 != "." }
            return !quoted.contains(rule.rawValue) && !named.contains("\(type).\(rule)")
                && short["\(module)Tests"]?.contains("\(rule)") != true
        }
        #expect(Set(unshown.map { $0.rawValue }).symmetricDifference(Self.unshown.keys).sorted() == [])
    }
}
