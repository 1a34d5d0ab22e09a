import Foundation
import Testing
import AirlockToolSupport

/// Tests of what the tools show to a person who has never used them before.
@Suite("The first minutes")
struct FirstMinutesTests {
    @Test("begin with one screen, in any window and in a pipe", arguments: ["airlock", "airlock-relay"])
    func greeting(name: String) throws {
        let tool = try BuiltTool(name)
        let piped = try tool.run([], in: "/")
        #expect(piped.exit == 64 && piped.out.isEmpty)
        #expect(piped.err.contains("airlock sign transfer.json -c conditions.json -k key.json -o payment.json\n"))
        #expect(piped.err.contains("\(name): error: no command given\nhint: "))
        for columns in [60, 80] as [UInt16] {
            let shown = try Terminal(tool, [], in: "/", columns: columns).finish().err.split { $0.isNewline }
            #expect(shown.count < 24 && shown.allSatisfy { $0.utf8.count <= columns })
        }
    }

    @Test("can be spent in a window of 60 columns", arguments: ["airlock", "airlock-relay"])
    func narrow(name: String) throws {
        let tool = try BuiltTool(name)
        let list = try tool.run(["help"], in: "/").out
        let names = HelpTests.names(in: list, of: "Commands") + HelpTests.names(in: list, of: "Topics")
        for words in [[]] + names.map({ $0.split(separator: " ").map(String.init) }) {
            let help = try Terminal(tool, ["help"] + words, in: "/", columns: 60).finish()
            #expect(help.exit == 0 && help.err.isEmpty && !help.out.contains("\u{1B}"), "\(words)")
            let lines = help.out.split(separator: "\n")
            // The tool cannot break a single long word, such as a part of an example. So only lines with several words
            // must fit into the width of the window.
            let broken = lines.filter { $0.drop { $0 == " " }.contains(" ") }
            #expect(lines.count > 2 && broken.allSatisfy { $0.utf8.count <= 60 }, "\(words)")
        }
    }

    @Test(
        "forgive what is mistyped, or meant for the other machine",
        arguments: [
            ("airlock", "sgin", "expected sign\nhint: did you mean airlock sign? "),
            ("airlock", "key nwe", "expected key new\nhint: did you mean airlock key new? "),
            ("airlock", "help sign extra", "too many operands; saw extra\nhint: airlock help lists all commands\n"),
            ("airlock", "help sgin", "expected sign\nhint: did you mean airlock sign? "),
            (
                "airlock", "sign x --passwrd-file",
                "expected --password-file (--passwrd-file)\nhint: airlock sign --help shows what it takes\n"
            ),
            ("airlock", "explain charge.expird", "expected charge.expired\n"),
            (
                "airlock", "explain send.mixed",
                "\nhint: run explain without a code to see all codes; airlock-relay explain send.mixed may know it\n"
            ),
            (
                "airlock-relay", "explain keystore.mac",
                "\nhint: run explain without a code to see all codes; airlock explain keystore.mac may know it\n"
            ),
            ("airlock", "explain nonsense", "\nhint: run explain without a code to see all codes\n"),
            (
                "airlock", "sign",
                "an operand is missing: REQUEST | FOLDER (REQUEST | FOLDER)\nhint: airlock sign --help "
            ),
            ("airlock-relay", "perpare", "expected prepare\nhint: did you mean airlock-relay prepare? "),
        ])
    func mistyped(name: String, words: String, says: String) throws {
        let outcome = try BuiltTool(name).run(words.split(separator: " ").map(String.init), in: "/")
        #expect(outcome.exit == 64 && outcome.out.isEmpty)
        #expect(outcome.err.contains(says), "\(outcome.err)")
        #expect(outcome.err.split(separator: "\n").count == 2)
    }

    @Test("know each other's commands", arguments: [("airlock", "airlock-relay"), ("airlock-relay", "airlock")])
    func sibling(name: String, other: String) throws {
        func words(_ tool: String) throws -> Set<String> {
            let list = try BuiltTool(tool).run(["help"], in: "/").out
            return Set(HelpTests.names(in: list, of: "Commands").map { String($0.prefix { $0 != " " }) })
        }
        let foreign = try words(other).subtracting(words(name))
        #expect(!foreign.isEmpty)
        for word in foreign {
            let outcome = try BuiltTool(name).run([word], in: "/")
            #expect(outcome.err.contains("\nhint: \(word) is a command of \(other), "), "\(outcome.err)")
        }
    }

    /// Mistakes that a user can make, each with the end of the expected error message.
    static let mistakes: [(name: String, says: String, change: @Sendable (Workspace) throws -> Void)] = [
        (
            "a charge that is not there",
            "airlock: error: there is no such file: No such file or directory (chrage.json)\nhint: check the path\n",
            { $0.operands = ["chrage.json"] }
        ),
        (
            "a charge that does not know its payer",
            """
            airlock: error: the charge has no transfer intent yet (charge.json#/data/web3_data/transfer_intent)
            hint: ask the service again with the payer's address as sender

            """,
            { $0.write("charge.json", #"{"data":{"id":"1","web3_data":{"transfer_intent":null}}}"#) }
        ),
        (
            "a policy that is a folder",
            "airlock: error: this is not a regular file (.)\nhint: name a file, or give `-` and pipe the content in\n",
            { $0.set("--policy", ".") }
        ),
        (
            "a key that others can read",
            "hint: chmod 600 key.hex\n",
            { $0.write("key.hex", SamplePayment.payerKey, mode: 0o644) }
        ),
    ]

    @Test("have a way out of each mistake", arguments: mistakes.indices)
    func mistake(index: Int) throws {
        let mistake = Self.mistakes[index]
        let workspace = try Workspace()
        try mistake.change(workspace)
        let outcome = try workspace.run()
        #expect(outcome.exit != 0 && outcome.out.isEmpty)
        #expect(outcome.err.hasSuffix(mistake.says), "\(mistake.name): \(outcome.err)")
        #expect(outcome.err.split(separator: "\n").count == 2)
    }

    @Test("name a word that is no command, also where a topic has its family's name")
    func misspelt() throws {
        for (words, next) in [
            (["descriptors", "hsah"], "descriptors hash"), (["rlp", "encoed"], "rlp encode"),
            (["key", "nwe"], "key new"),
        ] {
            let outcome = try BuiltTool("airlock").run(words, in: "/")
            #expect(outcome.exit == 64)
            #expect(
                outcome.err == """
                    airlock: error: there is no such command; saw \(words.joined(separator: " ")); expected \(next)
                    hint: did you mean airlock \(next)? airlock help lists all commands

                    """)
        }
    }

    @Test(
        "of the relay have a way out of plain http, of an address without its beginning, and of none",
        arguments: [
            (
                ["--rpc", "http://node.example"],
                """
                the value of an option is invalid: plain http is allowed for this machine only (--rpc)
                hint: use https://, or a node on 127.0.0.1, ::1 or localhost
                """
            ),
            (
                ["--rpc", "localhost:8545"],
                """
                the value of an option is invalid: this is not a URL that starts with https:// (or with http://, for \
                this machine) (--rpc)
                hint: give the whole address, such as https://example.org/rpc or http://127.0.0.1:8545
                """
            ),
            (
                [],
                """
                a value is missing: the node to ask (--rpc)
                hint: name it with --rpc, or in the environment variable AIRLOCK_RPC_URL
                """
            ),
        ] as [([String], String)])
    func node(options: [String], says: String) throws {
        let workspace = try Workspace()
        let outcome = try BuiltTool("airlock-relay").run(
            ["prepare", "charge.json"] + options, in: workspace.path("."), environment: workspace.environment)
        #expect(outcome.exit == 64)
        #expect(outcome.err == "airlock-relay: error: \(says)\n")
    }

    @Test("of somebody without rights to the policy's file say which file it is")
    func unreadable() throws {
        let workspace = try Workspace()
        workspace.write("policy.json", "{}", mode: 0o000)
        let words = [try BuiltTool("airlock").path, "policy", "check", "policy.json"]
        // The superuser can read every file. If the superuser runs this test, the tool is run as another user, nobody.
        let nobody = geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"] : []
        let tool = try #require(BuiltTool(at: (nobody + words)[0]))
        let outcome = try tool.run(
            Array((nobody + words).dropFirst()), in: workspace.path("."), environment: workspace.environment)
        #expect(outcome.exit == 66)
        #expect(
            outcome.err.hasPrefix("airlock: error: the file cannot be read: Permission denied (policy.json)\nhint: "),
            "\(outcome.err)")
    }
}
