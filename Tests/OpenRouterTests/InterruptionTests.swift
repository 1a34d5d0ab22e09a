import Foundation
import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("airlock-relay, interrupted")
struct InterruptionTests {
    /// Commands of `airlock-relay` that wait for an answer from a server.
    private static let commands = [
        "credits", "credits --watch", "prepare charge.json --rpc NODE",
        "charge create --amount 1 --sender \(SamplePayment.payer) --chain base -o answer.json",
    ]

    private static func interrupt(
        _ command: String, by signal: Int32, _ answer: ScriptedService.Answer, afterSaying said: String? = nil
    ) throws -> Outcome {
        let service = ScriptedService(answer)
        let workspace = try RelayWorkspace(service)
        workspace.scratch.file("charge.json", try SamplePayment().charge())
        let words = command.replacing("NODE", with: service.base).split(separator: " ").map(String.init)
        let running = try RunningTool(
            BuiltTool("airlock-relay"), words, in: workspace.scratch.path, environment: workspace.environment)
        if let said { try running.wait(for: said, on: .out) }
        let end = Date(timeIntervalSinceNow: 60)
        while service.requests.isEmpty, Date() < end { usleep(1000) }
        kill(running.process, signal)
        return try running.finish()
    }

    @Test("says so in its one document, and ends with 130", arguments: commands, [SIGINT, SIGTERM])
    func document(command: String, signal: Int32) throws {
        let outcome = try Self.interrupt(command + " --json", by: signal, .silence)
        #expect(outcome.exit == 130 && outcome.err.isEmpty, "\(outcome.err)")
        let root = try JSONDocument(Array(outcome.out.utf8)).root
        #expect(root["ok"]?.boolean == false)
        #expect(root["error"]?["code"]?.string == "input.interrupted")
        #expect(root["error"]?["hint"]?.string?.hasPrefix("run the same command again") == true)
    }

    @Test("says so in words where nobody asked for a document", arguments: [SIGINT, SIGTERM])
    func words(signal: Int32) throws {
        let outcome = try Self.interrupt("credits", by: signal, .silence)
        #expect(outcome.exit == 130 && outcome.out.isEmpty)
        #expect(outcome.err == "\nairlock-relay: interrupted; run the same command again to continue\n")
    }

    @Test("says nothing after a document that it has written")
    func watching() throws {
        let answer = ScriptedService.Answer(CreditsTests.body("2", "1"))
        let outcome = try Self.interrupt("credits --watch --json", by: SIGINT, answer, afterSaying: #""balance":"1""#)
        #expect(outcome.exit == 130 && outcome.err.contains("interrupted"))
        #expect(try JSONDocument(Array(outcome.out.utf8)).root["balance"]?.string == "1")
    }
}
