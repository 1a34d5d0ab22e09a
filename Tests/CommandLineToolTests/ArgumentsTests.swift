import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockStrictJSON
import Synchronization
import Testing

@Suite("The command line")
struct ArgumentsTests {
    static let conditions = Option("--conditions", "-c", value: "FILE", help: "what prepare measured")
    static let yes = Option("--yes", help: "do not ask")
    static let rpc = Option("--rpc", value: "URL", repeatable: true, help: "a node")

    /// Returns a tool whose commands report the arguments that they were given.
    static func tool() -> Tool {
        let run: @Sendable (Arguments) throws -> ExitCode = { arguments in
            let given = [
                arguments.operands.joined(separator: "+"), arguments.value(conditions) ?? "-",
                arguments.has(yes) ? "yes" : "no", arguments.values(rpc).joined(separator: "+"),
            ]
            throw Problem(UsageRule.conflict, detail: given.joined(separator: " "))
        }
        let options = [conditions, yes, rpc]
        return Tool(
            "sample", version: "1.2.3", summary: "a sample",
            commands: [
                Command("sign", "signs a charge", operands: ["CHARGE", "[OTHER]"], options: options, run: run),
                Command("rlp encode", "encodes", operands: ["JSON"], options: options, run: run),
                Command("rlp decode", "decodes", operands: ["HEX"], options: options, run: run),
            ])
    }

    /// Runs the tool. Returns its standard output, its standard error, and its exit code.
    static func run(_ words: [String]) -> (out: String, err: String, exit: ExitCode) {
        let out = Mutex("")
        let err = Mutex("")
        let console = Console(
            write: { text in out.withLock { $0 += text } }, note: { text in err.withLock { $0 += text } },
            ask: { _ in nil }, hasTerminal: false)
        let exit = tool().run(words, console: console)
        return (out.withLock { $0 }, err.withLock { $0 }, exit)
    }

    @Test(
        "reads operands, options in all their forms, and what may be repeated",
        arguments: [
            (["sign", "a.json"], "a.json - no "),
            (["sign", "-c", "c.json", "a.json", "--yes"], "a.json c.json yes "),
            (["sign", "--conditions=c=d.json", "a.json"], "a.json c=d.json no "),
            (["sign", "-", "--conditions", "-"], "- - no "),
            (["sign", "--", "--yes", "-c"], "--yes+-c - no "),
            (["sign", "a", "b", "--rpc", "x", "--rpc=y"], "a+b - no x+y"),
            (["rlp", "encode", "[]"], "[] - no "),
        ])
    func reads(words: [String], given: String) {
        let result = Self.run(words)
        #expect(
            result.err.hasPrefix("sample: error: an option conflicts with the rest of the command line: \(given)\n"))
    }

    @Test(
        "refuses what it does not know, each by its rule, all at once",
        arguments: [
            (["pay"], ["usage.unknown-command"]),
            (["rlp"], ["usage.no-command"]),
            (["help", "sign", "extra"], ["usage.surplus-operand"]),
            (["help", "rlp", "encoed"], ["usage.unknown-command"]),
            // After a misspelt option, the tool takes the next word as the value of this option, not as an operand.
            (["sign", "--conditoins", "c.json", "a.json"], ["usage.unknown-option"]),
            (["sign", "--conditoins=c.json", "a.json"], ["usage.unknown-option"]),
            (["sign", "a.json", "--yse"], ["usage.unknown-option"]),
            (["rlp", "x"], ["usage.unknown-command"]),
            (["sign"], ["usage.missing-operand"]),
            (["sign", "a", "b", "c"], ["usage.surplus-operand"]),
            (["sign", "a", "--no"], ["usage.unknown-option"]),
            (["sign", "a", "-y"], ["usage.unknown-option"]),
            (["sign", "a", "--yes", "--yes"], ["usage.repeated-option"]),
            (["sign", "a", "-c", "x", "--conditions", "x"], ["usage.repeated-option"]),
            (["sign", "a", "--yes=1"], ["usage.option-takes-no-value"]),
            (
                ["sign", "--no", "--yes=1"],
                ["usage.unknown-option", "usage.option-takes-no-value", "usage.missing-operand"]
            ),
        ])
    func refuses(words: [String], codes: [String]) throws {
        let result = Self.run(words + ["--json"])
        let document = try JSONDocument(Array(result.out.utf8)).root
        let listed = try document["errors"]?.elements ?? [#require(document["error"])]
        #expect(document["ok"]?.boolean == false)
        #expect(listed.map { $0["code"]?.string } == codes)
        #expect(result.exit == .usage)
        #expect(result.err.isEmpty)
    }

    @Test("refuses an option whose value is missing at the end of the line")
    func missingValue() {
        let result = Self.run(["sign", "a", "-c"])
        #expect(result.exit == .usage)
        #expect(result.err.hasPrefix("sample: error: an option lacks its value: --conditions (--conditions)\n"))
    }

    @Test("without any word shows the help, and that a command is missing")
    func noWords() {
        let result = Self.run([])
        #expect(result.exit == .usage)
        #expect(result.out.isEmpty)
        #expect(result.err.contains("Usage: sample COMMAND"))
        #expect(result.err.contains("sample: error: no command given\nhint: "))
    }

    @Test(
        "shows the help of a command wherever --help stands",
        arguments: [["sign", "--help"], ["sign", "x", "-h"], ["help", "sign"]])
    func help(words: [String]) {
        let result = Self.run(words)
        #expect(result.exit == .done)
        #expect(result.out.hasPrefix("signs a charge\n\nUsage: sample sign CHARGE [OTHER] [options]\n"))
        #expect(result.out.contains("  -c, --conditions FILE  what prepare measured\n"))
    }

    @Test("shows the commands that begin with the same word")
    func family() {
        let result = Self.run(["rlp", "--help"])
        #expect(result.exit == .done)
        #expect(
            result.out
                == "Usage: sample rlp COMMAND [options]\n\nCommands:\n  rlp encode  encodes\n  rlp decode  decodes\n")
    }

    @Test("shows what can follow a word that several commands begin with")
    func wordAlone() {
        let result = Self.run(["rlp"])
        #expect(result.exit == .usage && result.out.isEmpty)
        #expect(result.err.hasPrefix("Usage: sample rlp COMMAND [options]\n"))
        #expect(result.err.contains("sample: error: no command given: rlp has several\n"))
    }

    @Test("tells its help and its version as documents, too, and takes nothing else")
    func documents() throws {
        for words in [["--help"], ["help", "sign"], ["sign", "--help"], ["rlp", "-h"], ["help"]] {
            let told = Self.run(words)
            let document = Self.run(words + ["--json"])
            #expect(told.exit == .done && document.exit == .done && document.err.isEmpty)
            #expect(try JSONDocument(Array(document.out.utf8)).root["help"]?.string == told.out)
        }
        let version = try JSONDocument(Array(Self.run(["--json", "--version"]).out.utf8)).root
        #expect(version["version"]?.string == "1.2.3" && version["ok"]?.boolean == true)
        #expect(Self.run(["--json", "sign", "a.json"]).out == Self.run(["sign", "a.json", "--json"]).out)
        for words in [["--version", "extra"], ["--help", "--bogus"]] {
            let refused = Self.run(words)
            #expect(refused.exit == .usage && refused.err.contains("too many operands; saw \(words[1])"))
        }
    }

    @Test("every help text fits 80 columns and names every option")
    func helpFits() {
        let tool = Self.tool()
        for command in tool.commands {
            let text = tool.help(of: command)
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
            for option in command.allOptions { #expect(text.contains(option.name)) }
        }
        #expect(tool.help().split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("says its version")
    func version() {
        for word in ["--version", "-V", "version"] { #expect(Self.run([word]).out == "sample 1.2.3\n") }
    }
}
