import AirlockStrictJSON
import AirlockTestSupport
import AirlockToolSupport
import Foundation

/// A folder in which `airlock-relay` runs. The environment variables contain the address of a transaction service and
/// an API key.
final class SafeWorkspace {
    let scratch: Scratch
    var environment: [String: String]
    let service: StubService

    init(_ service: StubService) throws {
        self.service = service
        scratch = try Scratch()
        environment = ["HOME": scratch.path, "SAFE_API_KEY": StubService.key, "AIRLOCK_SAFE_URL": service.url]
    }

    /// Runs `airlock-relay`. Throws if the output contains the API key.
    func run(_ words: [String]) throws -> Outcome {
        let outcome = try BuiltTool("airlock-relay").run(words, in: scratch.path, environment: environment)
        if (outcome.out + outcome.err).contains("secretsecret") { throw ToolFailure("the key is shown: \(outcome)") }
        return outcome
    }

    static let fetch = ["safe", "fetch", "--safe", "\(SampleSafe.safe)", "--chain", "base", "-o", "tx.json"]

    /// Runs a command that must not write a file. Returns the exit code and the problems. Throws if the folder contains
    /// tx.json or call.json afterwards.
    func refusal(_ words: [String]) throws -> [String] {
        let outcome = try run(words + ["--json"])
        let root = try JSONDocument(Array(outcome.out.utf8)).root
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        if files.contains("tx.json") || files.contains("call.json") { throw ToolFailure("a file was written") }
        let errors = root["errors"]?.elements ?? [root["error"]].compactMap(\.self)
        return ["\(outcome.exit)"]
            + errors.map { "\($0["code"]?.string ?? "") \($0["field"]?.string ?? "")" }
    }
}
