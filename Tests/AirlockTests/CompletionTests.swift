import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockToolSupport
import AirlockSamples

/// Tests that run the completion scripts of both tools in bash, fish and zsh.
@Suite("Completion on the command line")
struct CompletionTests {
    /// An unfinished command line, and the words that can complete it. `isAll` says whether `expected` contains all of
    /// these words, or only some of them.
    struct Line: Sendable, CustomTestStringConvertible {
        let text: String
        let expected: Set<String>
        let isAll: Bool

        init(_ text: String, _ expected: Set<String>, all: Bool = true) {
            (self.text, self.expected, self.isAll) = (text, expected, all)
        }

        var testDescription: String { text }
        var words: [String] { text.split(separator: " ", omittingEmptySubsequences: false).map(String.init) }

        func check(_ found: some Sequence<String>) {
            let found = Set(found)
            #expect(isAll ? found == expected : found.isSuperset(of: expected), "\(text): \(found.sorted())")
        }
    }

    static let lines = [
        Line("airlock si", ["sign"]),
        Line("airlock ", ["sign", "key", "rlp", "help", "completions"], all: false),
        Line("airlock key n", ["new"]),
        Line("airlock rlp ", ["encode", "decode"]),
        Line("airlock sign --pass", ["--password-file", "--passphrase-file"]),
        Line("airlock key new --l", ["--light"]),
        Line("airlock sign --chain p", ["polygon"]),
        Line("airlock sign -m unwrapAndTransferP", ["unwrapAndTransferPreApproved"]),
        Line("airlock sign cha", ["charge one.json", "charge.json"]),
        Line("airlock sign charge.json -k ke", ["key.hex"]),
        Line("airlock sign --nonce c", []),
        Line("airlock ledger export --format ", ["csv", "json"]),
        Line("airlock explain charge.null-", ["charge.null-operator", "charge.null-recipient"]),
        Line("airlock completions z", ["zsh"]),
        Line("airlock help air", ["air-gap"]),
        Line("airlock-relay prepare --quo", ["--quoter"]),
        Line("airlock-relay send cha", ["charge one.json", "charge.json"]),
        Line("airlock-relay journal ", ["copy", "export", "migrate", "prune"]),
    ]

    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for name in ["charge.json", "charge one.json", "key.hex"] { scratch.file(name) }
        for tool in ["airlock", "airlock-relay"] {
            for shell in ["bash", "zsh", "fish"] {
                let outcome = try BuiltTool(tool).run(["completions", shell], in: "/")
                #expect(outcome.exit == 0 && outcome.err.isEmpty)
                scratch.file(shell == "zsh" ? "_\(tool)" : "\(tool).\(shell)", outcome.out)
            }
        }
    }

    /// Finds a shell. Skips the rest of the test if the shell is not installed.
    private func shell(_ name: String) throws -> BuiltTool {
        guard let shell = BuiltTool.installed(name) else { try Test.cancel("there is no \(name)") }
        return shell
    }

    private var environment: [String: String] { ["HOME": scratch.path, "PATH": "/usr/bin:/bin"] }

    @Test("is read by its shell without complaint", arguments: ["bash", "zsh", "fish"])
    func parsed(name: String) throws {
        let shell = try shell(name)
        for tool in ["airlock", "airlock-relay"] {
            let file = name == "zsh" ? "_\(tool)" : "\(tool).\(name)"
            let outcome = try shell.run(["-n", file], in: scratch.path, environment: environment)
            #expect(outcome.exit == 0 && outcome.out.isEmpty && outcome.err.isEmpty, "\(outcome.err)")
        }
    }

    @Test("offers in bash what can come next", arguments: lines)
    func bash(line: Line) throws {
        let bash = try shell("bash")
        let script = """
            tool=$1; shift; . "./$tool.bash"
            COMP_WORDS=("$tool" "$@"); COMP_CWORD=$#
            "_${tool//-/_}"
            for word in "${COMPREPLY[@]}"; do echo "$word"; done
            """
        let outcome = try bash.run(
            ["--norc", "-c", script, "bash"] + line.words, in: scratch.path, environment: environment)
        #expect(outcome.exit == 0 && outcome.err.isEmpty, "\(outcome.err)")
        line.check(outcome.out.split(separator: "\n").map(String.init))
    }

    @Test("takes a value in bash after an equals sign, which is a word of its own there")
    func bashEquals() throws {
        let bash = try shell("bash")
        for (last, count) in [("'=' ba", 4), ("'='", 3)] {
            let script =
                ". ./airlock.bash; COMP_WORDS=(airlock sign --chain \(last)); COMP_CWORD=\(count); _airlock;"
                + "echo ${COMPREPLY[*]}"
            let outcome = try bash.run(["--norc", "-c", script], in: scratch.path, environment: environment)
            let all = "ethereum polygon base sepolia base-sepolia\n"
            #expect(outcome.out == (count == 4 ? "base base-sepolia\n" : all), "\(outcome.err)")
        }
    }

    @Test("offers in fish what can come next", arguments: lines)
    func fish(line: Line) throws {
        let fish = try shell("fish")
        let script = "source airlock.fish; source airlock-relay.fish; complete --do-complete \"$argv\""
        let outcome = try fish.run(
            ["--no-config", "-c", script, line.text], in: scratch.path, environment: environment)
        #expect(outcome.exit == 0 && outcome.err.isEmpty, "\(outcome.err)")
        line.check(
            outcome.out.split(separator: "\n").map { row in
                // In fish's output, a tab and a description follow each word. A backslash precedes each character of
                // the word that is special to the shell.
                row.prefix { $0 != "\t" }.filter { $0 != "\\" }
            }.map { String($0) })
    }

    @Test(
        "completes in zsh what has one way to go on",
        arguments: [
            ("airlock si", "airlock sign"), ("airlock key n", "airlock key new"),
            ("airlock sign --passw", "airlock sign --password-file"),
            ("airlock sign --chain p", "airlock sign --chain polygon"),
            ("airlock sign charge.json -k ke", "airlock sign charge.json -k key.hex"),
            ("airlock help air", "airlock help air-gap"),
            ("airlock-relay prepare --quo", "airlock-relay prepare --quoter"),
            ("airlock-relay journal e", "airlock-relay journal export"),
        ])
    func zsh(typed: String, whole: String) throws {
        let zsh = try shell("zsh")
        let terminal = try Terminal(
            zsh, ["-f", "-i"], in: scratch.path, environment: environment.merging(["TERM": "dumb"]) { $1 })
        terminal.type("fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; echo rea\"\"dy >&2\n")
        try terminal.wait(for: "ready\r\n")
        terminal.type(typed + "\t")
        // The tab key makes the shell complete the command line. The test never presses Enter, so the shell does not
        // run the command line.
        try terminal.wait(for: whole)
    }

    @Test("is known of no other shell, and is a document where that is asked for")
    func refused() throws {
        let tool = try BuiltTool("airlock")
        let unknown = try tool.run(["completions", "csh", "--json"], in: "/")
        #expect(unknown.exit == 64)
        #expect(try Refusal.problems(in: unknown.out).map(\.code) == ["usage.unknown-shell"])
        let known = try document(tool.run(["completions", "bash", "--json"], in: "/").out)
        #expect(known["text"]?.string == (try scratch.content("airlock.bash")))
    }
}
