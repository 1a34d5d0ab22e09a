import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockTestSupport
import AirlockSamples

@Suite("What the tool says of itself")
struct HelpTests {
    static func run(_ words: String..., input: BuiltTool.Input = .nothing) throws -> Outcome {
        try BuiltTool("airlock").run(words, in: "/", input: input, environment: ["NO_COLOR": "1"])
    }

    /// Returns the names in the first column of a table in the help of a tool.
    static func names(in help: String, of heading: String) -> [String] {
        let table = help.components(after: "\(heading):\n", before: "\n\n") ?? ""
        let names = table.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
        return names.map { line in
            line.dropFirst(2).split(separator: " ", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
                .joined(separator: " ")
        }
    }

    @Test("lists its commands, each with a help that fits 80 columns and names the options of every command")
    func help() throws {
        let commands = try Self.names(in: Self.run("--help").out, of: "Commands")
        #expect(Set(["sign", "review", "verify", "inspect", "keccak", "explain"]).isSubset(of: commands))
        for command in commands {
            let words = command.split(separator: " ").map(String.init)
            let outcome = try BuiltTool("airlock").run(words + ["--help"], in: "/")
            #expect(outcome.exit == 0 && outcome.err.isEmpty, "\(command)")
            #expect(outcome.out.contains("Usage: airlock \(command) "), "\(command)")
            #expect(outcome.out.contains("  --json") && outcome.out.contains("  -h, --help"), "\(command)")
            #expect(outcome.out.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 }, "\(command)")
            #expect(try BuiltTool("airlock").run(["help"] + words, in: "/").out == outcome.out)
        }
        #expect(try Self.run("--help").out.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 })
        #expect(try Self.run("-h").out == Self.run("help").out)
    }

    @Test("names every option that INTERFACE.md promises for signing and reviewing")
    func options() throws {
        let shared = [
            "-c, --conditions FILE", "--nonce N", "--gas N", "--max-fee AMOUNT", "--priority-fee AMOUNT",
            "--chain CHAIN", "-m, --method NAME", "--value AMOUNT", "--pool-fee N", "--policy FILE", "--now TIME",
            "--json", "-h, --help",
        ]
        let signing = ["-k, --key FILE", "--yes", "-o, --output FILE", "--force", "--raw"]
        let sign = try Self.run("sign", "--help").out
        let review = try Self.run("review", "--help").out
        for option in shared + signing { #expect(sign.contains("  \(option)"), "\(option)") }
        for option in shared { #expect(review.contains("  \(option)"), "\(option)") }
        for option in signing { #expect(!review.contains("  \(option)"), "\(option)") }
    }

    @Test("says of an option what it does for this command")
    func ownOptions() throws {
        let policy = try Self.run("policy", "init", "--help").out
        #expect(policy.contains("write the policy") && !policy.contains("payment") && !policy.contains("charge"))
        for command in [["tx", "encode"], ["typed-data", "sign"]] {
            let help = try BuiltTool("airlock").run(command + ["--help"], in: "/").out
            #expect(help.contains("--yes") && !help.contains("a policy that"))
        }
    }

    @Test("tells its version, and is helpful when it is told nothing or nonsense")
    func usage() throws {
        let version = try Self.run("--version")
        #expect(version.exit == 0 && version.err.isEmpty)
        #expect(version.out.wholeMatch(of: /airlock [0-9]+\.[0-9]+\.[0-9]+\nsandbox: on\n/) != nil)
        let nothing = try Self.run()
        #expect(nothing.exit == 64 && nothing.out.isEmpty)
        #expect(nothing.err.hasPrefix("airlock - ") && nothing.err.contains("airlock: error: no command given\nhint: "))
        let nonsense = try Self.run("broadcast")
        #expect(nonsense.exit == 64 && nonsense.out.isEmpty)
        #expect(nonsense.err.contains("there is no such command; saw broadcast; expected one of sign, review"))
        let missing = "airlock: error: an operand is missing: REQUEST | FOLDER (REQUEST | FOLDER)\n"
        #expect(try Self.run("sign").err.contains(missing))
    }

    @Test("shows what is foreign as printable ASCII, cut to a length")
    func escaped() throws {
        let outcome = try Self.run("\u{1B}[31mred\u{202E}\(String(repeating: "a", count: 300))")
        #expect(outcome.err.contains("saw \\u{1b}[31mred\\u{202e}aaa"))
        #expect(outcome.err.unicodeScalars.allSatisfy { $0 == "\n" || " "..."~" ~= $0 })
        #expect(outcome.err.utf8.count < 700)
        #expect(outcome.err.contains(" more); expected ") && !outcome.err.contains(String(repeating: "a", count: 80)))
    }

    @Test("explains every one of its codes, each of which stands there once")
    func explain() throws {
        let listed = try Self.run("explain")
        let codes = listed.out.split(separator: "\n").map { $0.prefix { $0 != ":" }.description }
        #expect(listed.exit == 0 && Set(codes).count == codes.count && codes.count > 100)
        let all = try document(Self.run("explain", "--json").out)["codes"]?.elements ?? []
        #expect(all.compactMap { $0["code"]?.string } == codes)
        let exits: Set = [
            "10", "11", "64", "65", "66", "69", "70", "73", "74", "75", "77", "78", "130", "20", "21", "22", "23", "24",
            "25", "30",
        ]
        for entry in all {
            let code = try #require(entry["code"]?.string)
            #expect(code.wholeMatch(of: /[a-z0-9-]+(\.[a-z0-9-]+)+/) != nil, "\(code)")
            #expect(exits.contains(entry["exit"]?.number ?? ""), "\(code)")
            let one = try Self.run("explain", code)
            #expect(one.exit == 0 && one.out.hasPrefix("\(code)\n\nMeaning  "), "\(code)")
            #expect(one.out.contains("\nTo do    ") && one.out.contains("\nExit     "), "\(code)")
        }
        #expect(try Self.run("explain", "no.such-code").exit == 64)
    }

    @Test("says what was probably meant by too many operands")
    func surplus() throws {
        let array = #"hint: the arguments are one JSON array, such as '["0x...","1000"]'; "#
        for (words, hint) in [
            (["abi", "encode", "f(uint256,uint256)", "1", "2"], array),
            (["request", "call", "f(uint256,uint256)", "1", "2"], array),
            (["sign", "--lines", "pay.jsonl"], "hint: with --lines the lines come from standard input: < FILE; "),
            (["sign", "a.json", "b.json"], "hint: airlock sign --help"),
        ] {
            let outcome = try BuiltTool("airlock").run(words, in: "/", environment: [:])
            #expect(outcome.exit == 64 && outcome.err.contains(hint), "\(outcome.err)")
        }
    }

    @Test("hashes and inspects what it is given, from a word, a file or a pipe")
    func looking() throws {
        let empty = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470\n"
        #expect(try Self.run("keccak", "--text", "").out == empty)
        #expect(try Self.run("keccak", "--hex", "0x").out == empty)
        #expect(try Self.run("keccak", "/dev/null").exit == 66)
        let missing = try Self.run("keccak", "hello")
        #expect(missing.exit == 66 && missing.err.contains("hint: check the path; --text hashes a text"))
        #expect(try Self.run("keccak", "-").out == empty)
        #expect(
            try document(Self.run("keccak", "--text", "a", "--json").out)["hash"]?.string
                == Self.run("keccak", "-", input: .text("a")).out.split(separator: "\n").first.map(String.init))

        let raw = try Workspace().run().out
        let shown = try Self.run("inspect", "-", input: .text(raw))
        #expect(shown.exit == 0 && shown.out.contains("from                  \(SamplePayment.payer)"))
        #expect(try Self.run("inspect", raw.dropFirst(2).uppercased().trimmed).out == shown.out)
        let junk = try Self.run("inspect", "-", "--json", input: .text(raw + raw))
        #expect(try junk.exit == 65 && Refusal.problems(in: junk.out).map(\.code) == ["value.not-hex"])
        let wrapped = try Self.run(
            "inspect", "0xb9\(String(raw.utf8.count / 2 - 1, radix: 16).padded)\(raw.trimmed.dropFirst(2))", "--json")
        #expect(try Refusal.problems(in: wrapped.out).map(\.code) == ["transaction.wrapped-in-string"])
        let cut = try Self.run("inspect", String(raw.trimmed.dropLast(2)), "--json")
        #expect(cut.exit == 65)
    }

    @Test("breaks no hash and no address, in a pipe nor in a narrow window, which COLUMNS says")
    func wholeWords() throws {
        let raw = try Workspace().run().out
        let shown = try Self.run("inspect", "-", input: .text(raw)).out
        let hash = try #require(document(Self.run("inspect", "-", "--json", input: .text(raw)).out)["hash"]?.string)
        // `inspect` writes each field and its value on one line, however long the line is. So grep finds the whole
        // value.
        #expect(shown.contains("\nhash                  \(hash)\n"))
        #expect(!shown.contains("\n" + String(repeating: " ", count: 10)))
        let narrow = try BuiltTool("airlock").run(
            ["inspect", "-"], in: "/", input: .text(raw), environment: ["COLUMNS": "60"])
        #expect(narrow.out.contains("\nhash\n\(hash)\n"))
        for line in narrow.out.split(separator: "\n") where line.utf8.count > 60 {
            #expect(line.split(separator: " ").count == 1, "\(line)")
        }
    }

    @Test("decodes a text into printable ASCII alone, in its own form, in JSON and in lines")
    func printable() throws {
        let hostile = "\u{9b}31m\u{202e}\u{7f}\u{1f680}"
        let escaped = #""\u009b31m\u202e\u007f\ud83d\ude80""#
        let encoded = try Self.run("abi", "encode", "(string)", "[\"\(hostile)\"]").out.trimmed
        #expect(try Self.run("abi", "decode", "(string)", encoded).out == "[\(escaped)]\n")
        #expect(try Self.run("abi", "decode", "(string)", encoded, "--json").out.contains(escaped))
        let line = #"{"types":"(string)","data":"\#(encoded)"}"# + "\n"
        #expect(try Self.run("abi", "decode", "--lines", input: .text(line)).out.contains(escaped))
    }

    /// The tool hashes up to 64 lines together. This test has more lines, and they have different lengths.
    @Test("hashes lines of any length in their order, and a bad one spoils no other")
    func manyLines() throws {
        let messages = (0..<180).map { [UInt8](repeating: UInt8($0), count: $0 * 83 % 290) }
        var lines = messages.map { "\"\(Hex.encode($0))\"" }
        lines[70] = "\"0x0\""
        lines[71] = "no JSON"
        let outcome = try Self.run("keccak", "--lines", input: .text(lines.joined(separator: "\n")))
        #expect(outcome.exit == 10)
        let answers = try outcome.out.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
        #expect(answers.count == 180)
        for (place, answer) in answers.enumerated() {
            let hash = place == 70 || place == 71 ? nil : Hash.keccak(messages[place]).description
            #expect(answer["hash"]?.string == hash, "line \(place + 1)")
        }
        #expect(answers[70]["error"]?["code"]?.string == "value.not-hex")
        #expect(answers[71]["error"]?["code"]?.string?.hasPrefix("json.") == true)
    }
}

extension String {
    fileprivate var trimmed: String { String(prefix { $0 != "\n" }) }

    fileprivate var padded: String { String(repeating: "0", count: max(0, 4 - utf8.count)) + self }

    /// Returns the text between the first `start` and the next `end`; `nil` if one of them is missing.
    fileprivate func components(after start: String, before end: String) -> Substring? {
        guard let from = firstRange(of: start)?.upperBound, let to = self[from...].firstRange(of: end)?.lowerBound
        else { return nil }
        return self[from..<to]
    }
}
