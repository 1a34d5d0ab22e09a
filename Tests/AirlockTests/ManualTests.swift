import Foundation
import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("The manual pages")
struct ManualTests {
    private static func page(_ tool: String) throws -> String {
        let outcome = try BuiltTool(tool).run(["manual"], in: "/")
        #expect(outcome.exit == 0 && outcome.err.isEmpty)
        return outcome.out
    }

    @Test(
        "hold every command with its options, and every topic", arguments: ["airlock", "airlock-relay"])
    func complete(tool: String) throws {
        // The manual page. The escapes for hyphens and apostrophes are replaced by the characters themselves.
        let page = try Self.page(tool).replacing("\\-", with: "-").replacing("\\(aq", with: "'")
        let built = try BuiltTool(tool)
        let list = try built.run(["help"], in: "/").out
        let (commands, topics) = (HelpTests.names(in: list, of: "Commands"), HelpTests.names(in: list, of: "Topics"))
        #expect(commands.count > 5 && topics.count > 5)
        for command in commands {
            #expect(page.contains("\n.SS \(command)"), "\(command)")
            let help = try built.run(command.split(separator: " ").map(String.init) + ["--help"], in: "/").out
            let options = help.split(separator: "\n").filter { $0.hasPrefix("  -") }
            for option in options {
                let usage = option.dropFirst(2).split(separator: "  ")[0]
                #expect(page.contains("\n.B \(usage)\n"), "\(command) \(usage)")
            }
        }
        for topic in topics {
            let name = topic == "exit-codes" ? "EXIT STATUS" : topic.uppercased().replacing("-", with: " ")
            #expect(page.contains("\n.SH \(name)\n"), "\(topic)")
        }
        #expect(page.contains("\n.SH SEE ALSO\n.BR airlock"))
        #expect(page.contains("\\%data.web3_data.transfer_intent"))
    }

    @Test(
        "and the help of every command have examples that the tool understands",
        arguments: ["airlock", "airlock-relay"])
    func examples(tool: String) throws {
        let built = try BuiltTool(tool)
        let page = try Self.page(tool).replacing("\\-", with: "-").replacing("\\(ti", with: "~")
            .replacing("\\(dq", with: "\"")
        let sh = try #require(BuiltTool.installed("sh"))
        let commands = HelpTests.names(in: try built.run(["help"], in: "/").out, of: "Commands")
        for command in commands {
            let help = try built.run(command.split(separator: " ").map(String.init) + ["--help"], in: "/").out
            let section = help.components(separatedBy: "\nExamples:\n").dropFirst().first ?? ""
            // A long example continues on the next line, which is indented further.
            let lines = section.components(separatedBy: "\n\n")[0].replacing("\n      ", with: " ")
            let examples = lines.split(separator: "\n").map { $0.drop { $0 == " " } }
            #expect((1...3).contains(examples.count), "\(command)")
            for example in examples {
                #expect(example.hasPrefix("\(tool) \(command)"), "\(example)")
                // The command runs in an almost empty folder, so it can fail because a file is missing. But the tool
                // must accept the command line.
                let scratch = try Scratch()
                scratch.file("lines.jsonl", "")
                scratch.file("raw.hex", "")
                let words = example.split(separator: " > ")[0].split(separator: " | ")[0]
                let outcome = try sh.run(
                    ["-c", "\(words)"], in: scratch.path,
                    environment: [
                        "PATH": "\(BuiltTool.folder):/usr/bin:/bin", "HOME": scratch.path,
                        "OPENROUTER_BASE_URL": "http://127.0.0.1:1", "OPENROUTER_API_KEY": "sk-or-of-no-use",
                    ])
                let isUnderstood = outcome.exit != 64 || outcome.err.contains("terminal")
                #expect(isUnderstood, "\(example): \(outcome.err)")
                let first = example.split(separator: " '")[0].split(separator: " <")[0]
                #expect(page.contains("\(first)"), "\(example)")
            }
        }
    }

    @Test("are shown by man at any width without a warning", .needs("man"), arguments: ["airlock", "airlock-relay"])
    func rendered(tool: String) throws {
        let man = try #require(BuiltTool.installed("man"))
        let scratch = try Scratch()
        scratch.file("page.1", try Self.page(tool))
        for width in ["60", "80"] {
            let outcome = try man.run(
                ["--warnings", "-l", "page.1"], in: scratch.path,
                environment: ["MANWIDTH": width, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"])
            #expect(outcome.exit == 0 && outcome.err.isEmpty, "\(outcome.err)")
            #expect(outcome.out.contains("EXIT STATUS") && outcome.out.contains(tool))
        }
    }

    @Test(
        "are right to mandoc, but for a date that they do not have", .needs("mandoc"),
        arguments: ["airlock", "airlock-relay"])
    func linted(tool: String) throws {
        let mandoc = try #require(BuiltTool.installed("mandoc"))
        let scratch = try Scratch()
        scratch.file("page.1", try Self.page(tool))
        let outcome = try mandoc.run(["-T", "lint", "page.1"], in: scratch.path)
        let complaints = outcome.out.split(separator: "\n").filter { !$0.contains("missing date") }
        #expect(complaints == [] && outcome.out.contains("missing date"))
    }
}
