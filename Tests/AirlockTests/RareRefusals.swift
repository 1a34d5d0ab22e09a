import Foundation
import Testing
import AirlockToolSupport
import AirlockSamples

/// Refusals of wrong command lines and wrong input, mostly by commands that do not sign a payment.
@Suite("What is refused beside payments")
struct RareRefusals {
    /// Each case has the arguments, the standard input, the exit code, and the first problem.
    private static let table: [([String], BuiltTool.Input, Int32, Refusal)] = [
        (["explain", "no.such"], .nothing, 64, .init("usage.unknown-code", nil)),
        (["keccak", "--json", "--hex"], .nothing, 64, .init("usage.option-without-value", "--hex")),
        (["decode-error", "0x12345678"], .nothing, 65, .init("contract-error.unknown", nil)),
        (["inspect", "payment.json"], .nothing, 64, .init("operand.file-name", nil)),
        (["describe", "0xc9800101808080018080"], .nothing, 65, .init("transaction.no-target", nil)),
        (["tx", "encode", "tx.json"], .nothing, 65, .init("transaction.type-not-encoded", "/type")),
        (
            ["keccak", "--lines", "--hex", "0x00"], .nothing, 64,
            .init("usage.conflicting-options", "--hex")
        ),
        (["selector", "--lines"], .file("/"), 66, .init("input.unreadable", nil)),
        (["selector", "--lines"], .file("long"), 10, .init("input.line-too-long", nil)),
    ]

    @Test("has its code, its place and its exit", arguments: table.indices)
    func refused(index: Int) throws {
        let (words, input, exit, problem) = Self.table[index]
        let workspace = try Workspace()
        workspace.write("tx.json", #"{"type":"3"}"#)
        workspace.write("long", String(repeating: "a", count: 1 << 20 + 1))
        let there = if case .file("long") = input { BuiltTool.Input.file(workspace.path("long")) } else { input }
        let all = words.contains("--json") ? words : words + ["--json"]
        let outcome = try BuiltTool("airlock").run(
            all, in: workspace.path("."), input: there, environment: workspace.environment)
        #expect(outcome.exit == exit)
        #expect(try Refusal.problems(in: outcome.out).first == problem)
    }

    @Test("is a policy of one's own that is a link to nowhere: that is not the same as none")
    func lostPolicy() throws {
        let workspace = try Workspace()
        workspace.drop("--policy")
        workspace.set("--json")
        try FileManager.default.createDirectory(
            atPath: workspace.path(".config/airlock"), withIntermediateDirectories: true)
        let path = workspace.path(".config/airlock/policy.json")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
        let outcome = try workspace.run()
        #expect(outcome.exit == 66)
        #expect(try Refusal.problems(in: outcome.out) == [Refusal("file.missing", path)])
    }

    @Test(
        "repeats nothing of a file that is something else, such as a mnemonic",
        arguments: ["inspect", "rlp decode", "decode-error", "verify", "tx encode", "describe"])
    func silent(command: String) throws {
        let words = command.split(separator: " ").map(String.init) + ["-"]
        let workspace = try Workspace()
        for secret in ["legal winner thank year wave sausage", "8675309112", "\"hunter2hunter2\""] {
            let outcome = try BuiltTool("airlock").run(words, in: workspace.path("."), input: .text(secret + "\n"))
            let said = outcome.out + outcome.err
            #expect([64, 65].contains(outcome.exit))
            #expect(!["legal", "sausage", "8675", "hunter"].contains { said.contains($0) }, "\(said)")
        }
    }

    @Test(
        "names the file, even if the whole file is wrong",
        arguments: [
            "verify empty.json", "describe empty.json", "policy check empty.json", "tx encode empty.json",
            "typed-data hash empty.json", "descriptors hash empty.json", "review empty.json",
        ])
    func wholeFile(command: String) throws {
        let workspace = try Workspace()
        workspace.write("empty.json", "")
        let outcome = try workspace.tool(command.split(separator: " ").map(String.init))
        #expect([65, 78].contains(outcome.exit) && outcome.err.contains(" (empty.json)\n"), "\(outcome.err)")
    }

    @Test("is a file of another kind in place of a key")
    func otherKey() throws {
        let workspace = try Workspace()
        workspace.write("other.json", try workspace.content("charge.json"), mode: 0o600)
        let words = ["key", "address", "other.json"]
        let outcome = try workspace.tool(words)
        #expect(outcome.exit == 65)
        #expect(outcome.err.contains("other.json is a charge; a keystore is expected"), "\(outcome.err)")
        workspace.write("other.json", "{}", mode: 0o600)
        #expect(try workspace.tool(words).err.contains(" (other.json#/version)\n"))
    }

    @Test("is said in words where no option can ask for a document")
    func words() throws {
        // usage.no-command: no command is named, so no command can take the option --json.
        let nothing = try BuiltTool("airlock").run([], in: "/")
        #expect(nothing.exit == 64 && nothing.err.contains("airlock: error: no command given\n"))
        let workspace = try Workspace()
        let shell = try #require(BuiltTool.installed("sh"))
        // usage.not-utf8: a Swift string cannot contain an argument that is not UTF-8. The test therefore runs the tool
        // from a shell, which can make such an argument.
        let word = try shell.run(
            ["-c", "\(BuiltTool("airlock").path) keccak --json --text \"$(printf '\\377')\""], in: workspace.path("."))
        #expect(try word.exit == 64 && Refusal.problems(in: word.out).map(\.code) == ["usage.not-utf8"])
        // output.not-written: standard output cannot be written, so the JSON document with this error code cannot be
        // written either.
        let full = try shell.run(
            ["-c", "\(BuiltTool("airlock").path) keccak --text x --json >/dev/full"], in: workspace.path("."))
        #expect(full.exit == 74 && full.err.hasPrefix("airlock: error: the result could not be written"))
    }
}
