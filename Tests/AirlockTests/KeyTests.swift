import Foundation
import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockToolSupport
import AirlockSamples

/// A folder with key files, in which the tool is run.
struct KeyWorkspace {
    let scratch: Scratch

    static let password = "a Password for tests"
    static let mnemonic = String(repeating: "test ", count: 11) + "junk"
    static let mnemonicAddress = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

    init() throws {
        scratch = try Scratch()
        scratch.file("password", Self.password + "\n", mode: 0o600)
        scratch.file("other", "another Password\n", mode: 0o600)
        scratch.file("empty", mode: 0o600)
        scratch.file("short", "seven 7\n", mode: 0o600)
        scratch.file("key.hex", SamplePayment.payerKey + "\n", mode: 0o600)
        scratch.file("words", Self.mnemonic + "\n", mode: 0o600)
    }

    /// Runs the tool without a terminal.
    func run(_ words: String...) throws -> Outcome {
        try BuiltTool("airlock").run(words, in: scratch.path, environment: ["HOME": scratch.path])
    }

    func terminal(_ words: String...) throws -> Terminal {
        try Terminal(BuiltTool("airlock"), words, in: scratch.path, environment: ["HOME": scratch.path])
    }

    /// Writes a keystore with the payer's key. The option `--light` is used to make the key derivation fast.
    func keystore(_ name: String = "key.json") throws {
        let outcome = try run("key", "import", "key.hex", "--light", "--password-file", "password", "-o", name)
        #expect(outcome.exit == 0, "\(outcome.err)")
    }

    /// Returns the problems that a command reports, each as its error code and its field.
    static func refusal(_ outcome: Outcome) throws -> [String] {
        try Refusal.problems(in: outcome.out).map(\.description)
    }
}

@Suite("A key, made and kept")
struct KeyTests {
    let workspace: KeyWorkspace

    init() throws { workspace = try KeyWorkspace() }

    @Test("is new every time, in a keystore of its own that nobody else can read and only its password opens")
    func new() throws {
        let first = try workspace.run("key", "new", "--light", "--password-file", "password", "-o", "first.json")
        #expect(first.exit == 0 && first.err.contains("--light: a stolen copy"))
        let second = try workspace.run("key", "new", "--light", "--password-file", "password", "--json")
        let document = try JSONDocument(Array(second.out.utf8)).root
        let address = try #require(document["address"]?.string)
        #expect(document["file"]?.string == "\(address).json")
        #expect(!first.out.contains(address))
        for name in ["first.json", "\(address).json"] {
            let mode =
                try FileManager.default.attributesOfItem(atPath: workspace.scratch(name))[.posixPermissions]
                as? NSNumber
            #expect(mode?.uint32Value == 0o600)
        }
        #expect(try workspace.run("key", "address", "first.json", "--password-file", "password").out == first.out)
        let wrong = try workspace.run("key", "address", "first.json", "--password-file", "other", "--json")
        #expect(wrong.exit == 77)
        #expect(try KeyWorkspace.refusal(wrong) == ["keystore.wrong-password at no place"])
    }

    @Test("has scrypt's usual work where nothing else is asked for")
    func standard() throws {
        let outcome = try workspace.run("key", "import", "key.hex", "--password-file", "password", "-o", "key.json")
        #expect(outcome.exit == 0 && outcome.out == "\(SamplePayment.payer)\n")
        #expect(!outcome.err.contains("--light"))
        #expect(try workspace.scratch.content("key.json").contains("\"n\":262144,\"p\":1,\"r\":8"))
    }

    @Test("is imported from a mnemonic by its path, and from a keystore under another password")
    func imported() throws {
        let words = try workspace.run(
            "key", "import", "words", "--light", "--passphrase-file", "empty", "--password-file", "password", "--path",
            "m/44h/60h/0h/0/1")
        #expect(words.out == "0x70997970C51812dc3A010C7d01b50e0d17dc79C8\n")
        try workspace.keystore()
        let again = try workspace.run(
            "key", "import", "key.json", "--light", "--password-file", "password", "--new-password-file", "other", "-o",
            "again.json")
        #expect(again.exit == 0 && again.out == "\(SamplePayment.payer)\n")
        #expect(try workspace.run("key", "address", "again.json", "--password-file", "other").out == again.out)
    }

    @Test("is locked with a short password only where that is said, and one below 12 characters is warned of")
    func weak() throws {
        let warning = "warn: the password is shorter than 12 characters"
        for (password, options, warns) in [
            ("seven 7", ["--weak-password"], true), ("8 letter", [], true), ("12 letters -", [], false),
        ] as [(String, [String], Bool)] {
            workspace.scratch.file("new", password, mode: 0o600)
            let words = [
                "key", "import", "key.hex", "--light", "--password-file", "new", "-o", "\(password.count).json",
            ]
            let outcome = try BuiltTool("airlock").run(
                words + options, in: workspace.scratch.path, environment: ["HOME": workspace.scratch.path])
            #expect(outcome.exit == 0 && outcome.err.contains(warning) == warns, "\(outcome.err)")
            // The tool warns of a short password when it writes a keystore, but not when it unlocks one.
            let unlocked = try workspace.run("key", "address", "\(password.count).json", "--password-file", "new")
            #expect(unlocked.exit == 0 && !unlocked.err.contains("warn"))
        }
    }

    @Test("changes its password, and no longer opens with the old one")
    func changed() throws {
        try workspace.keystore()
        let change = try workspace.run(
            "key", "change-password", "key.json", "--light", "--password-file", "password", "--new-password-file",
            "other")
        #expect(change.exit == 0 && change.out == "\(SamplePayment.payer)\n")
        #expect(try workspace.run("key", "address", "key.json", "--password-file", "password").exit == 77)
        #expect(try workspace.run("key", "address", "key.json", "--password-file", "other").out == change.out)
        #expect(try workspace.scratch.names.filter { $0.hasPrefix(".airlock") }.isEmpty)
    }

    @Test("keeps its old password when the one given is wrong")
    func notChanged() throws {
        try workspace.keystore()
        let before = try workspace.scratch.content("key.json")
        let change = try workspace.run(
            "key", "change-password", "key.json", "--password-file", "other", "--new-password-file", "password")
        #expect(change.exit == 77)
        #expect(try workspace.scratch.content("key.json") == before)
    }

    @Test("signs, from a keystore and from a mnemonic")
    func signs() throws {
        try workspace.keystore()
        let signing = try Workspace()
        let direct = try signing.run()
        signing.write("key.json", try workspace.scratch.content("key.json"), mode: 0o600)
        signing.write("password", KeyWorkspace.password, mode: 0o600)
        signing.set("-k", "key.json")
        signing.set("--password-file", "password")
        let outcome = try signing.run()
        #expect(outcome.exit == 0 && outcome.out == direct.out)
    }

    @Test("is listed by what its file says, with what is wrong with the file")
    func listed() throws {
        try workspace.keystore("a.json")
        try workspace.keystore("b.json")
        workspace.scratch.file("c.json", try workspace.scratch.content("a.json"), mode: 0o644)
        // `key address` accepts a keystore with a byte order mark, so the list includes such a keystore.
        workspace.scratch.file("bom.json", "\u{FEFF}" + (try workspace.scratch.content("a.json")), mode: 0o600)
        let lines = try workspace.run("key", "list").out.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.first.map(String.init) == "\(SamplePayment.payer)  a.json")
        #expect(lines.last?.contains("c.json - other users can open the secret file: chmod 600 ") == true)
        let document = try JSONDocument(Array(workspace.run("key", "list", ".", "--json").out.utf8)).root
        let keys = document["keys"]?.elements ?? []
        #expect(keys.compactMap { $0["file"]?.string } == ["a.json", "b.json", "bom.json", "c.json"])
        #expect(keys.map { $0["problem"]?["code"]?.string } == [nil, nil, nil, "file.readable-by-others"])
        #expect(try KeyWorkspace.refusal(workspace.run("key", "list", "none", "--json")) == ["file.missing at none"])
    }

    @Test("is refused, with nothing written and nothing said", arguments: refusals)
    private func refused(words: [String], exit: Int32, problems: [String]) throws {
        try workspace.keystore()
        let before = try workspace.scratch.names
        let outcome = try BuiltTool("airlock").run(
            ["key"] + words + ["--json"], in: workspace.scratch.path, environment: ["HOME": workspace.scratch.path])
        #expect(outcome.exit == exit, "\(outcome.err)")
        #expect(try KeyWorkspace.refusal(outcome) == problems)
        #expect(try workspace.scratch.names == before)
        for secret in [KeyWorkspace.password, SamplePayment.payerKey, "junk"] {
            #expect(!(outcome.out + outcome.err).contains(secret))
        }
    }
}

/// Each case has the arguments, the exit code, and the reported problems.
private let refusals: [([String], Int32, [String])] = [
    (["new", "--password-file", "password", "-o", "key.json"], 73, ["file.exists at key.json"]),
    (["new", "--password-file", "password", "-o", "-"], 64, ["usage.invalid-value at --output"]),
    (["new", "--password-file", "empty", "-o", "x"], 64, ["password.empty at no place"]),
    (["new", "--password-file", "short", "-o", "x"], 64, ["password.too-short at no place"]),
    (["import", "key.hex", "--password-file", "short", "-o", "x"], 64, ["password.too-short at no place"]),
    (
        ["change-password", "key.json", "--password-file", "password", "--new-password-file", "short"], 64,
        ["password.too-short at no place"]
    ),
    (["new", "--password-file", "none", "-o", "x"], 66, ["file.missing at none"]),
    (["new", "-o", "x"], 64, ["password.no-terminal at no place"]),
    (["new", "--mnemonic", "--password-file", "password"], 64, ["password.no-terminal at no place"]),
    (["new", "--mnemonic", "--words", "18"], 64, ["usage.invalid-value at --words"]),
    (["new", "--words", "12"], 64, ["usage.conflicting-options at --words"]),
    (["new", "--path", "m/0"], 64, ["usage.conflicting-options at --path"]),
    (["address", "key.json"], 64, ["password.no-terminal at no place"]),
    (["address", "words"], 64, ["password.no-terminal at no place"]),
    (["address", "words", "--passphrase-file", "empty", "--path", "m/x"], 64, ["path.not-index at --path"]),
    (["address", "key.json", "--path", "m/0"], 64, ["usage.conflicting-options at --path"]),
    (
        ["address", "key.hex", "--passphrase-file", "empty"], 64,
        ["usage.conflicting-options at --passphrase-file"]
    ),
    (["change-password", "key.hex"], 65, ["keystore.not-a-keystore at key.hex"]),
    (["change-password", "words"], 65, ["keystore.not-a-keystore at words"]),
    (["import", "none"], 66, ["file.missing at none"]),
]
