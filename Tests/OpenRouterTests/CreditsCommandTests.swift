import Foundation
import AirlockOpenRouter
import AirlockStrictJSON
import Testing
import AirlockToolSupport

@Suite("airlock-relay credits")
struct CreditsCommandTests {
    private static let answer = ScriptedService.Answer(CreditsTests.body("100.5", "1e-05"))

    private static func document(_ outcome: Outcome) throws -> JSONValue {
        try JSONDocument(Array(outcome.out.utf8)).root
    }

    @Test("shows total, used and balance, to the last digit")
    func shown() throws {
        let workspace = try RelayWorkspace(ScriptedService(Self.answer))
        let outcome = try workspace.run(["credits"])
        #expect(outcome.exit == 0 && outcome.err.isEmpty)
        #expect(outcome.out == "total    100.5 USD\nused     0.00001 USD\nbalance  100.49999 USD\n")
        let json = try workspace.run(["credits", "--json", "--below", "100.49999"])
        #expect(json.exit == 0)
        #expect(json.out == #"{"ok":true,"total":"100.5","used":"0.00001","balance":"100.49999"}"# + "\n")
    }

    @Test("ends with 30 when the balance is below the mark, be it by the last digit")
    func below() throws {
        let workspace = try RelayWorkspace(ScriptedService(Self.answer))
        for words in [["--below", "100.499990001"], ["--below", "1000", "--watch"]] {
            let outcome = try workspace.run(["credits", "--json"] + words)
            #expect(outcome.exit == 30 && outcome.err.isEmpty)
            let root = try Self.document(outcome)
            #expect(root["ok"]?.boolean == false && root["error"]?["code"]?.string == "credits.below-mark")
            #expect(root["balance"]?.string == "100.49999")
        }
        let words = try workspace.run(["credits", "--below", "101"])
        #expect(words.exit == 30 && words.out.hasSuffix("balance  100.49999 USD\n"))
        #expect(words.err.hasPrefix("airlock-relay: error: the balance is below the mark: 100.49999 of 101 USD\n"))
    }

    @Test("asks with the management key, and says so when another is not enough")
    func keys() throws {
        let service = ScriptedService(Self.answer, .init("403 X", RefusalTests.body(403, "no")))
        let workspace = try RelayWorkspace(service)
        workspace.environment["OPENROUTER_MANAGEMENT_KEY"] = "management"
        #expect(try workspace.run(["credits"]).exit == 0)
        workspace.environment["OPENROUTER_MANAGEMENT_KEY"] = ""
        let refused = try workspace.run(["credits"])
        #expect(refused.exit == 23 && refused.err.contains("OPENROUTER_MANAGEMENT_KEY"))
        workspace.environment["OPENROUTER_API_KEY"] = nil
        let missing = try workspace.run(["credits", "--below", "-1", "--json"])
        #expect(missing.exit == 64)
        let codes = try Self.document(missing)["errors"]?.elements?.compactMap { $0["code"]?.string }
        #expect(codes == ["usage.invalid-value", "usage.missing-value"])
        #expect(missing.out.contains(#""hint":"give dollars as a decimal number, such as 25 or 12.50""#))
        let keys = service.requests.map { $0.contains("Bearer management\r\n") ? "management" : "other" }
        #expect(keys == ["management", "other"])
    }

    @Test("backs off from a busy service by itself, unless it is told not to")
    func retried() throws {
        let busy = ScriptedService.Answer("500 X", "")
        let service = ScriptedService(busy, Self.answer, busy)
        let workspace = try RelayWorkspace(service)
        #expect(try workspace.run(["credits", "--retry-initial", "1ms", "--retry-max", "1ms"]).exit == 0)
        #expect(try workspace.run(["credits", "--retry", "none"]).exit == 23)
        #expect(try workspace.run(["credits", "--retry-codes", "503"]).exit == 23)
        #expect(service.requests.count == 4)
        workspace.environment["OPENROUTER_BASE_URL"] = "http://127.0.0.1:1"
        #expect(try workspace.run(["credits"]).exit == 69)
        let away = ScriptedService(.init(saying: ""), Self.answer)
        let patient = try RelayWorkspace(away).run(["credits", "--retry-connection-errors", "--retry-max", "1ms"])
        #expect(patient.exit == 0 && away.requests.count == 2)
        #expect(patient.err.hasPrefix("airlock-relay: note: the connection broke before the answer was complete ("))
    }

    @Test("is not misled by an answer that is none")
    func malformed() throws {
        let outcome = try RelayWorkspace(ScriptedService(.init(#"{"data":{}}"#))).run(["credits", "--json"])
        #expect(outcome.exit == 65)
        let errors = try #require(Self.document(outcome)["errors"]?.elements)
        let missing = "json.missing-field"
        #expect(errors.map { $0["code"]?.string } == ["openrouter.bad-answer", missing, missing])
        // The user cannot correct the service's answer, so all problems have the same hint.
        #expect(errors.allSatisfy { $0["hint"]?.string == errors[0]["hint"]?.string })
        let silent = try RelayWorkspace(ScriptedService(.silence)).run(["credits", "--timeout", "50ms"])
        #expect(silent.exit == 69 && silent.err.contains("hint: run the same command again, or allow more time"))
    }

    @Test("watches until Ctrl-C, at rest in between, and says what it found with the time")
    func watch() throws {
        let service = ScriptedService(Self.answer)
        let workspace = try RelayWorkspace(service)
        let terminal = try workspace.atTerminal("credits", "--watch")
        let end = Date(timeIntervalSinceNow: 60)
        while service.requests.isEmpty, Date() < end { usleep(10_000) }
        // Waits until the process has used almost no processor time for one second. A slow machine only makes this wait
        // longer.
        var used = try Usage(terminal.process)
        var rested = false
        while !rested, Date() < end {
            sleep(1)
            let now = try Usage(terminal.process)
            rested = now.ticks - used.ticks <= 1
            used = now
        }
        #expect(rested)
        #expect(used.threads < 12)
        #expect(used.residentKiB < 20_000, "\(used.residentKiB) KiB")
        terminal.type("\u{3}")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 130)
        #expect(service.requests.count == 1)
        let line = /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z  total 100\.5  used 0\.00001  balance 100\.49999 USD\n/
        #expect(outcome.out.wholeMatch(of: line) != nil, "\(outcome.out)")
    }

    /// The resources that a process uses, as the kernel reports them.
    private struct Usage {
        /// The processor time that the process has used, in hundredths of a second.
        let ticks: Int
        let threads: Int
        /// The memory of the process that is resident, in KiB.
        let residentKiB: Int

        init(_ process: Int32) throws {
            let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
            // According to proc(5), the name in parentheses is field 2. So the first element of `fields` is field 3.
            let fields = text.split(separator: ")").last?.split(separator: " ").map { Int($0) ?? 0 } ?? []
            guard fields.count > 21 else { throw ToolFailure("no figures: \(text)") }
            ticks = fields[11] + fields[12]
            threads = fields[17]
            residentKiB = fields[21] * Int(getpagesize()) / 1024
        }
    }
}
