import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("The options of retries")
struct RetryOptionsTests {
    @Test("hold for nodes too, of which nothing is asked twice unless they say so")
    func nodes() throws {
        let busy = ScriptedService.Answer("503 X", "")
        for (words, requests, code) in [
            ([], 1, "rpc.status"), (["--retry", "none"], 1, "rpc.status"),
            (["--retry", "backoff", "--retry-initial", "1ms", "--retry-max", "1ms"], 3, "rpc.bad-answer"),
        ] {
            let service = ScriptedService(busy, busy, .init("no node"))
            let workspace = try RelayWorkspace(service)
            workspace.scratch.file("charge.json", try SamplePayment().charge())
            let outcome = try workspace.run(["prepare", "charge.json", "--json", "--rpc", service.base] + words)
            #expect(outcome.exit == 69 && outcome.out.contains(#""code":"\#(code)""#), "\(outcome.out)")
            #expect(service.requests.count == requests)
        }
    }

    @Test("say that they need backoff where none is asked for, and that none excludes them, once")
    func idle() throws {
        let workspace = try RelayWorkspace(ScriptedService(.init("{}")))
        workspace.scratch.file("charge.json", try SamplePayment().charge())
        for (words, code, hint) in [
            ("", "usage.missing-value", "add --retry backoff, or leave --retry-initial, --retry-max out"),
            (" --retry none", "usage.conflicting-options", "leave out the option, or what it conflicts with"),
        ] {
            let line = "prepare charge.json --json --rpc http://127.0.0.1:1 --retry-max 1s --retry-initial 1s\(words)"
            let outcome = try workspace.run(line.split(separator: " ").map(String.init))
            let root = try JSONDocument(Array(outcome.out.utf8)).root
            #expect(outcome.exit == 64 && root["errors"] == nil)
            #expect(root["error"]?["code"]?.string == code && root["error"]?["hint"]?.string == hint)
        }
    }

    @Test(
        "stand in the help of every command that asks somebody, with the rule that holds there",
        arguments: [
            ("charge create", "--retry is none by default"), ("credits", "--retry is backoff by default"),
            ("prepare", "Failed requests are repeated"), ("send", "for as long as the wait lasts"),
            ("resume", "for as long as the wait lasts"), ("cancel", "for as long as the wait lasts"),
        ])
    func help(command: String, rule: String) throws {
        let words = command.split(separator: " ").map(String.init) + ["--help"]
        let outcome = try BuiltTool("airlock-relay").run(words, in: "/")
        #expect(outcome.exit == 0 && outcome.out.contains(rule))
        for name in ["", "-initial", "-max", "-exponent", "-elapsed", "-codes", "-connection-errors"] {
            #expect(outcome.out.contains("\n  --retry\(name)"), "\(name)")
        }
        #expect(outcome.out.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 })
    }
}
