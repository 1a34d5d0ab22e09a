import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockToolSupport
import Testing

/// A program that imports a library module has no command line of Airlock. So only the modules of the tools may name
/// commands and options.
@Suite("The words of the tools")
struct ToolWordTests {
    static let tools: Set = [
        "CommandLineTool", "Presentation", "QRCodes", "RequestWriting", "OfflineTool", "RelayTool", "airlock",
        "airlock-relay",
    ]

    /// Files of other modules that are allowed to name commands or options, each with the reason. A file is given by
    /// its path or by the end of its path.
    static let others = [
        "+Help.swift": "a kind of request brings its own part of the tools' help",
        "Evidence/EvidencePage.swift": "it names the command that proves it; names of CSS begin so",
        "Signing/Review+Text.swift": "the page that sign shows names the tool that shows the same code",
    ]

    /// Prefixes of data that is hashed or written to a file. They contain `airlock` and another word, but they name no
    /// command.
    private static let tags = [
        #""airlock approval 1"#, #""airlock ledger index "#, #""airlock reference 1"#, #""airlock built-in pins"#,
    ]

    /// Whether a line contains an option, or a command of one of the tools.
    static func names(_ line: Substring) -> Bool {
        guard !line.drop(while: { $0 == " " }).hasPrefix("//") else { return false }
        return !tags.contains(where: line.contains)
            && (line.contains(/(^|[^-\w])--[a-z]/) || line.contains(/airlock(-relay)? [a-z]/))
    }

    @Test("stand in their modules, and in places that are listed")
    func places() throws {
        var met: Set<String> = []
        for module in try SourceTree.folders(in: "Sources") where !Self.tools.contains(module) {
            for (file, text) in try SourceTree.files(under: "Sources/\(module)") {
                let name = "\(module)/\(file)"
                guard let first = text.split(separator: "\n").first(where: Self.names) else { continue }
                let place = Self.others.keys.first { name.hasSuffix($0) }
                #expect(place != nil, "\(name): \(first)")
                if let place { met.insert(place) }
            }
        }
        #expect(Set(Self.others.keys).subtracting(met) == [], "these are listed for nothing")
    }

    @Test(
        "are told from others",
        arguments: [
            (#"    Problem(rule, at: "--value")"#, true), (#"        with --yes nobody is asked"#, true),
            (#"    "sign it: airlock sign FILE""#, true), (#"    "as airlock-relay shows it""#, true),
            (#"    /// What `--json` says of it."#, false), (#"    Problem(rule, at: .value)"#, false),
            (#"    "a - b -- c""#, false), (#"    Array("airlock ledger index 1\n".utf8)"#, false),
        ])
    func told(line: String, isOne: Bool) { #expect(Self.names(line[...]) == isOne) }

    @Test("are, for what is given beside a request, options of sign or prepare")
    func options() throws {
        let commands = [("airlock", "sign"), ("airlock-relay", "prepare")]
        let words = try Set(
            commands.flatMap { tool, command in
                try BuiltTool(tool).run(["help", command], in: "/").out.split { " ,\n".contains($0) }.map(String.init)
            })
        for argument in ArgumentPlace.allCases where argument != .approveGas {
            #expect(words.contains(argument.option), "\(argument)")
        }
        #expect(Set(ArgumentPlace.allCases.map(\.option)).count == ArgumentPlace.allCases.count)
    }
}
